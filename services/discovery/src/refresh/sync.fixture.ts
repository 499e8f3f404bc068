import { connectToAws, type AwsConnection, type OrganizationReader } from '@orgtrail/aws';
import { startSimulator, type Simulator, type SimulatorOptions } from '@orgtrail/aws-simulator';
import { migrate } from '@orgtrail/database';
import type { observation } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { migrations } from '../migrations/index.js';
import { buildObservation } from '../observed/build-observation.js';
import { recordReads } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { runSync, type SyncOptions, type SyncSummary } from './run-sync.js';
import type { SyncKind } from './sync-kind.js';

interface Database {
  pool: pg.Pool;
  drop(): Promise<void>;
}

/** One simulated organization and what syncs make of it. No event is heard: every change is one that only a sync can find. */
export interface SyncedOrganization {
  simulator: Simulator;
  database: Database;
  integration: Integration;
  aws: AwsConnection;
  sync(kind: SyncKind, options?: Partial<SyncOptions>): Promise<SyncSummary>;
  /** A sync's reader whose answers were changed on their way. */
  reading(change: (reader: OrganizationReader) => OrganizationReader): SyncOptions['reader'];
  /** AWS tells of this account alone not where it hangs. */
  withoutPathOf(accountId: string): SyncOptions['reader'];
  /** As if all tags had been read one by one, and nothing were asked for any more. */
  readTags(): Promise<void>;
  /** Live subjects of a kind. */
  live(kind: string): Promise<string[]>;
  /** What is due, by subject. */
  requests(): Promise<Record<string, { reason: string; parts: string[] }>>;
  forgetRequests(): Promise<void>;
  /** What is told of a subject to whoever reads the bus. */
  published(subject: SubjectKey): Promise<observation.Observation | undefined>;
  /** What was found that no event has named. */
  foundChanges(): Promise<string[]>;
  stop(): Promise<void>;
}

/** `database`: a fresh one, that it drops when it stops. */
export async function startSyncedOrganization(database: Database, options: SimulatorOptions): Promise<SyncedOrganization> {
  const simulator = await startSimulator(options);
  const { pool } = database;
  await migrate(pool, { schema: 'discovery', migrations });
  const { organizationId, managementAccount } = simulator.organization;
  const integration = await insertTestIntegration(pool, managementAccount.id, organizationId);
  const { id } = integration;
  const aws = connectToAws({ endpoint: simulator.endpoint, credentials: simulator.credentials, rateShare: 1000 });
  const logger = createLogger({ service: 'test', level: 'silent' });

  const sync: SyncedOrganization['sync'] = (kind, changes = {}) =>
    runSync({
      pool,
      integration,
      kind,
      reason: 'test',
      reader: (signal, onAttempt) => aws.reader('sync', signal, onAttempt),
      callsPerSecond: (operation) => aws.allowedPerSecond(operation),
      signal: new AbortController().signal,
      policy: { confirmAfterSeconds: [30, 300], confirmNotFoundAfterSeconds: 30, maximumRetrySeconds: 300 },
      isBaseline: false,
      logger,
      onProgress: () => undefined,
      onMerged: () => undefined,
      ...changes,
    });
  const forgetRequests = async (): Promise<void> => {
    await pool.query('DELETE FROM discovery.refresh_requests');
  };
  const reading: SyncedOrganization['reading'] = (change) => (signal, onAttempt) => change(aws.reader('sync', signal, onAttempt));
  return {
    simulator,
    database,
    integration,
    aws,
    sync,
    reading,
    withoutPathOf: (accountId) =>
      reading((reader) => ({
        ...reader,
        listAccounts: async function* () {
          for await (const page of reader.listAccounts()) {
            yield page.map(({ placement, ...account }) =>
              account.id === accountId || !placement ? account : { ...account, placement },
            );
          }
        },
      })),
    forgetRequests,
    readTags: async () => {
      const { accounts, organizationalUnits, root } = simulator.organization;
      const version = await drawVersion(pool, id);
      const read = (subject: SubjectKey, tags: ReadonlyMap<string, string>) => ({
        subject,
        reads: [{ part: 'tags' as const, version, value: Object.fromEntries(tags) }],
      });
      await recordReads(
        pool,
        integration,
        [
          ...[...accounts.values()].map((account) => read(subjectKey('account', account.id), account.tags)),
          ...[...organizationalUnits.values()].map((unit) => read(subjectKey('ou', unit.id), unit.tags)),
          read(subjectKey('root', root.id), root.tags),
        ],
        { publish: 'changed', baseline: true, countUnexplained: false, confirmTagsAfterSeconds: 30 },
      );
      await forgetRequests();
    },
    live: async (kind) => {
      const { rows } = await pool.query<{ subject: string }>(
        `SELECT subject FROM discovery.observed_subjects WHERE live AND kind = $1 ORDER BY subject COLLATE "C"`,
        [kind],
      );
      return rows.map(({ subject }) => subject);
    },
    requests: async () => {
      const { rows } = await pool.query<{ subject: string; reason: string; parts: string[] }>(
        `SELECT subject, min(reason) AS reason, array_agg(part ORDER BY part) AS parts
           FROM discovery.refresh_requests, unnest(parts) AS part
          WHERE due_at <= clock_timestamp() GROUP BY subject ORDER BY subject COLLATE "C"`,
      );
      return Object.fromEntries(rows.map(({ subject, reason, parts }) => [subject, { reason, parts }]));
    },
    published: async (subject) => {
      const found = (await unpublishedSubjects(pool, id, 1000)).find((one) => one.subject === subject);
      return found && buildObservation(integration, found);
    },
    foundChanges: async () => {
      const { rows } = await pool.query<{ found: string }>(
        `SELECT subject || ' ' || kind AS found FROM discovery.found_changes ORDER BY subject COLLATE "C", kind`,
      );
      return rows.map(({ found }) => found);
    },
    stop: async () => {
      aws.destroy();
      await database.drop();
      await simulator.close();
    },
  };
}
