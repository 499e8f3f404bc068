import { exitCodes } from '@orgtrail/service-runtime';
import { Command, CommanderError } from 'commander';
import { addDoctorCommand } from './commands/doctor.js';
import { addDeadLettersCommand } from './commands/dead-letters.js';
import { addHeldDeletionsCommand } from './commands/held-deletions.js';
import { addIntegrationCommand } from './commands/integration.js';
import { addMembersCommand } from './commands/members.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addSqlCommand } from './commands/sql.js';
import { addUpCommand } from './commands/up.js';
import { addVerifyCommand } from './commands/verify.js';

/** Parses the command line and runs the command. Resolves with the exit code (documented in `--help`). */
export async function runCommand(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = new Command('orgtrail')
    .description('A live graph of every AWS Organization, kept in Postgres.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(orgtrail --help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 failure, 2 usage, 3 differences found, 69 a backend does not answer, 78 configuration or credentials.',
    );
  addUpCommand(program, finish);
  addVerifyCommand(program, finish);
  addSqlCommand(program, finish);
  addIntegrationCommand(program, finish);
  addMembersCommand(program, finish);
  addDoctorCommand(program, finish);
  addHeldDeletionsCommand(program, finish);
  addDeadLettersCommand(program, finish);
  addSimulateCommand(program, finish);
  throwInsteadOfExiting(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // Commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  }
  return exitCode;
}

function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExiting);
}
