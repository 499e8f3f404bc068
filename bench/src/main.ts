/** `npm run bench [-- name…] [--keys N] [--partitions 1,4]`: figures on standard output, progress on standard error. Never a judgement. */
import { parseArgs } from 'node:util';
import { benchReads, benchWriter } from './index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keys: { type: 'string' }, partitions: { type: 'string' } },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  writer: () =>
    benchWriter({
      print,
      say,
      ...(values.keys === undefined ? {} : { keys: Number(values.keys) }),
      ...(values.partitions === undefined ? {} : { partitions: values.partitions.split(',').map(Number) }),
    }),
  reads: () => benchReads({ print, say }),
};
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  say(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) if (positionals.length === 0 || positionals.includes(name)) await bench();
process.exit(0);
