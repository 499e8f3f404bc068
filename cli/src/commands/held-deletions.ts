import { createPool, waitForDatabase } from '@orgtrail/database';
import { approveDeletions, heldDeletions } from '@orgtrail/discovery';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { CommandError } from '../exit-error.js';
import { formatTable } from '../output/table.js';
import { findDatabase } from '../up/find-database.js';
import { integrationsOf } from '../verify/sql/integrations.js';

interface HeldDeletionsArguments {
  demo?: boolean;
  dataDirectory?: string;
  json?: boolean;
  approve?: string[];
  by?: string;
}

export function addHeldDeletionsCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('held-deletions')
    .description('list accounts and OUs whose ending waits for an operator, or approve those that you saw')
    .option('--approve <subject…>', 'approve these; AWS is asked again, and only what is still not found ends', (text) =>
      text.split(','),
    )
    .option('--by <name>', 'with --approve: who approves; kept beside the approval')
    .option('--json', 'print JSON')
    .option('--demo', 'beside a running `orgtrail up --demo`')
    .option('--data-directory <path>', 'of the running `orgtrail up`, when DATABASE_URL is not set')
    .addHelpText('after', '\nExample: orgtrail held-deletions --approve account:111122223333,ou:ou-ab12-11111111 --by ana')
    .action(async (given: HeldDeletionsArguments) => {
      finish(await runHeldDeletions(given));
    });
}

async function runHeldDeletions(given: HeldDeletionsArguments): Promise<number> {
  if (given.approve && !given.by) throw new CommandError('Say who approves: --by <name>.', exitCodes.usage);
  const { databaseUrl } = findDatabase(given);
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'orgtrail-held-deletions', max: 2 });
  try {
    await waitForDatabase(pool, { timeoutMs: 10_000, label: process.env['DATABASE_URL'] ? 'DATABASE_URL' : '`orgtrail up`' });
    const integrations = await integrationsOf(pool);
    if (given.approve) {
      const approved: string[] = [];
      for (const { id } of integrations) {
        approved.push(...(await approveDeletions(pool, id, { subjects: given.approve, approvedBy: given.by ?? '' })));
      }
      const unknown = given.approve.filter((subject) => !approved.includes(subject));
      process.stdout.write(`Approved: ${approved.join(', ') || 'none'}. AWS is asked again about each.\n`);
      if (unknown.length === 0) return exitCodes.ok;
      process.stderr.write(`Not held: ${unknown.join(', ')}\n`);
      return exitCodes.failure;
    }
    const held = (
      await Promise.all(
        integrations.map(async ({ id, organizationId }) =>
          (await heldDeletions(pool, id)).map((row) => ({ organizationId, ...row })),
        ),
      )
    ).flat();
    if (given.json === true) process.stdout.write(`${JSON.stringify(held, null, 2)}\n`);
    else if (held.length === 0) process.stdout.write('No ending is held.\n');
    else {
      const rows = held.map(({ organizationId, subject, heldAt, approvedAt }) => [
        organizationId,
        subject,
        heldAt.toISOString(),
        approvedAt ? 'approved' : 'waits',
      ]);
      process.stdout.write(`${formatTable(['organization', 'subject', 'held since', 'state'], rows)}\n`);
    }
    return exitCodes.ok;
  } finally {
    await pool.end();
  }
}
