import { databaseAddress, pendingMigrations } from '@orgtrail/database';
import { migrations } from '../../../migrations/index.js';
import { byAction, failed, ok, type Check } from '../check.js';
import type { InstallationExamination } from '../examination.js';
import { failureOf } from '../failure-of.js';
import { selectDatabaseVersion } from '../sql/database-version.js';

const oldest = 16;
const newest = 18;

export const databaseChecks: readonly Check<InstallationExamination>[] = [
  {
    id: 'database.reachable',
    asks: 'Does PostgreSQL answer?',
    needs: [],
    failureMeans:
      'Nothing can be kept: events wait in the queue, and nothing reaches the graph. Of the integrations nothing can be said meanwhile.',
    mendedBy: 'start PostgreSQL, or correct DATABASE_URL',
    run: async ({ pool }) => {
      const error = await failureOf(() => pool.query('SELECT 1'));
      if (error === undefined) return ok(databaseAddress(pool));
      return failed(
        `${databaseAddress(pool)}: ${error instanceof Error ? error.message : 'it does not answer'}`,
        byAction(
          'Start PostgreSQL, and check host, port, user and password of DATABASE_URL. The services go on by themselves when it answers.',
        ),
      );
    },
  },
  {
    id: 'database.version',
    asks: `Is PostgreSQL one of ${oldest} to ${newest}?`,
    needs: ['database.reachable'],
    failureMeans: 'Orgtrail is not tested on this version: a statement may fail or be slow.',
    mendedBy: 'move to a supported version of PostgreSQL',
    run: async ({ pool }) => {
      const { number, text } = await selectDatabaseVersion(pool);
      const major = Math.floor(number / 10_000);
      if (major >= oldest && major <= newest) return ok(`PostgreSQL ${text}`);
      return failed(
        `PostgreSQL ${text}`,
        byAction(
          `Move the database to PostgreSQL ${oldest}, 17 or ${newest} (pg_upgrade, or dump and restore), then start the services.`,
        ),
      );
    },
  },
  {
    id: 'database.migrations',
    asks: 'Are the schemas as this version needs them?',
    needs: ['database.reachable'],
    failureMeans: 'Services of different versions, or a restored backup: what is written may not fit what is read.',
    mendedBy: 'start services of one version, or run their migration jobs',
    run: async ({ pool }) => {
      const discovery = await pendingMigrations(pool, { schema: 'discovery', migrations });
      // Only the graph writer knows what its schema needs.
      const graph = await pendingMigrations(pool, { schema: 'graph', migrations: [] });
      const problems = [
        ...discovery.missing.map(({ id, name }) => `schema discovery lacks migration ${id} "${name}"`),
        ...discovery.breaking.map(
          ({ id, name }) => `schema discovery has migration ${id} "${name}" of a newer version, which breaks this one`,
        ),
        ...(graph.applied === 0 ? ['schema graph was never migrated'] : []),
      ];
      if (problems.length === 0) return ok(`discovery ${discovery.applied} and graph ${graph.applied} migrations`);
      return failed(
        problems.join('; '),
        byAction(
          'Start discovery and graph-writer of the same, newest version: each migrates its schema at its start (in the chart: the migration jobs of `helm upgrade`).',
        ),
      );
    },
  },
];
