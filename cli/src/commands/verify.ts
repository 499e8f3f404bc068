import { connectToAws } from '@orgtrail/aws';
import { createPool, waitForDatabase } from '@orgtrail/database';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { seconds, share } from './arguments.js';
import { formatTable } from '../output/table.js';
import { printable } from '../output/printable.js';
import { createTalk } from '../output/talk.js';
import { findDatabase } from '../up/find-database.js';
import { verifyOrganization } from '../verify/verify-organization.js';

interface VerifyArguments {
  demo?: boolean;
  json?: boolean;
  tags: boolean;
  dataDirectory?: string;
  roleArn?: string;
  externalId?: string;
  settle: number;
  rateShare?: number;
}

export function addVerifyCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('verify')
    .description(
      'read the organization again by another path (ListRoots, ListChildren, DescribeAccount) and compare it with the graph',
    )
    .option('--demo', 'beside a running `orgtrail up --demo`')
    .option('--json', 'print the differences as JSON')
    .option('--no-tags', 'leave tags out (one call per account less)')
    .option(
      '--data-directory <path>',
      'of the running `orgtrail up` whose database to compare with, when DATABASE_URL is not set',
    )
    .option('--role-arn <arn>', 'role of the management account to assume')
    .option('--external-id <id>', "external id of the role's trust policy")
    .option('--settle <seconds>', 'a difference counts only if it is still there after this long', seconds, 5)
    .option(
      '--rate-share <share>',
      'share of the published AWS rates to use (default 0.5; more only on a loopback endpoint)',
      share,
    )
    .addHelpText(
      'after',
      '\nExits with 0 when the graph equals the organization, and with 3 and a table of the differences when not.',
    )
    .action(async (given: VerifyArguments) => {
      finish(await runVerify(given));
    });
}

async function runVerify(given: VerifyArguments): Promise<number> {
  const talk = createTalk(given.json === true ? process.stderr : process.stdout);
  const { databaseUrl, connection } = findDatabase(given);
  const simulated = connection?.awsEndpoint !== undefined && process.env['DATABASE_URL'] === undefined;
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'orgtrail-verify', max: 4 });
  const aws = connectToAws({
    ...(given.rateShare === undefined ? {} : { rateShare: given.rateShare }),
    ...(simulated && connection.awsCredentials
      ? { endpoint: connection.awsEndpoint ?? '', credentials: connection.awsCredentials, rateShare: 100 }
      : {}),
    ...(given.roleArn === undefined ? {} : { roleArn: given.roleArn }),
    ...(given.externalId === undefined ? {} : { externalId: given.externalId }),
  });
  try {
    await waitForDatabase(pool, { timeoutMs: 10_000, label: process.env['DATABASE_URL'] ? 'DATABASE_URL' : '`orgtrail up`' });
    const { differences, compared, organizationId } = await verifyOrganization({
      pool,
      reader: aws.reader('background'),
      tags: given.tags,
      settleMs: given.settle * 1000,
      onProgress: ({ accounts, organizationalUnits }) =>
        talk.progress(`Read alone: ${accounts} accounts, ${organizationalUnits} OUs`),
    });
    if (given.json === true) process.stdout.write(`${JSON.stringify({ organizationId, compared, differences }, null, 2)}\n`);
    else if (differences.length > 0) {
      talk.line(
        formatTable(
          ['subject', 'id', 'what', 'organization', 'graph'],
          differences.map(({ kind, id, what, organization, graph }) => [
            kind,
            id,
            what,
            printable(organization),
            printable(graph),
          ]),
        ),
      );
    }
    talk.line(
      differences.length === 0
        ? `The graph equals organization ${organizationId}: ${compared.accounts} accounts, ${compared.organizationalUnits} OUs${given.tags ? ', tags included' : ''}.`
        : `${differences.length} differences between organization ${organizationId} and its graph.`,
    );
    return differences.length === 0 ? exitCodes.ok : exitCodes.drift;
  } finally {
    aws.destroy();
    await pool.end();
  }
}
