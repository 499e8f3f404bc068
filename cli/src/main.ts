import { runMain } from '@orgtrail/service-runtime';
import { runCommand } from './run-command.js';

await runMain(() => runCommand(process.argv));
