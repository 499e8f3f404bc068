import { hostname } from 'node:os';
import { createAccountMapper } from '@orgtrail/account-mapper';
import { isLoopback } from '@orgtrail/aws';
import { assembleDiscovery, type DiscoveryOptions, type SyncSummary } from '@orgtrail/discovery';
import { createGraphFeed, createGraphWriter, graphWriterApi, readGraph, type AppliedChange } from '@orgtrail/graph-writer';
import { consumerGroups, topics } from '@orgtrail/proto';
import {
  checksOf,
  createAdminServer,
  createApi,
  createLogger,
  createMetrics,
  createTracing,
  runService,
  type Component,
} from '@orgtrail/service-runtime';
import { pino } from 'pino';
import { buildDocument } from '../document/build-document.js';
import { formatSummary, summarize } from '../document/summarize.js';
import { formatChange } from '../output/change-line.js';
import { describeProgress } from '../output/describe-progress.js';
import { createTalk } from '../output/talk.js';
import { formatTree } from '../output/tree.js';
import { openBackends } from './backends.js';
import { openDataDirectory, writeConnection, type Connection } from './data-directory.js';
import { startDemo, type Demo } from './demo.js';
import type { UpOptions } from './options.js';
import { createReleasers } from './releasers.js';
import { waitUntilApplied, waitUntilRead } from './wait-until-settled.js';
import { watchStandstill } from './watch-standstill.js';

const pipeline = [
  { group: consumerGroups.accountMapper, topic: topics.observations },
  { group: consumerGroups.graphWriter, topic: topics.graphChanges },
];

/** All services in one process: the small deployment, and the demo. Resolves with the exit code. */
export async function runUp(options: UpOptions): Promise<number> {
  const directory = openDataDirectory(options.dataDirectory);
  const talk = createTalk(options.json ? process.stderr : process.stdout);
  const logger = createLogger({
    service: 'orgtrail',
    level: process.env['LOG_LEVEL'] ?? 'info',
    destination: pino.destination({ dest: directory.log, append: true, sync: true, mkdir: true }),
  });
  const releasers = createReleasers();
  try {
    const { pool, bus, databaseUrl, pids, components } = await openBackends(options, { directory, logger, talk, releasers });
    let demo: Demo | undefined;
    if (options.demo) {
      const { accounts, organizationalUnits } = options.demoSettings;
      talk.line(`Starting a simulated organization of about ${accounts} accounts in ${organizationalUnits} OUs`);
      demo = await startDemo(options, directory, pool);
      releasers.push(() => demo?.stop());
    }
    const tracing = createTracing({ service: 'orgtrail', environment: options.tracing, logger });
    const metrics = createMetrics();
    const synced = Promise.withResolvers<SyncSummary>();
    synced.promise.catch(() => undefined);
    const names = new Map<string, string>();
    let ready = false;
    const onApplied = (changes: readonly AppliedChange[]) => {
      for (const change of changes) {
        if (change.type !== 'aws_account' && change.after) names.set(change.key, change.after.displayName);
        if (ready && change.kind !== 'BASELINE') talk.line(formatChange(change, names));
      }
    };
    // Nobody outside reads the bus that runs in the database.
    const feed = bus.kind === 'kafka' ? createGraphFeed({ bus, pool, logger, meter: metrics.meter }) : undefined;
    const writer = createGraphWriter({
      bus,
      pool,
      logger,
      meter: metrics.meter,
      onApplied,
      onCommitted: () => feed?.wake(),
      historyMonths: options.historyMonths,
      // Or old months would wait for ever for a feed that is not there.
      feedIsOn: feed !== undefined,
    });
    const mapper = createAccountMapper({ bus, logger, meter: metrics.meter });
    const { discovery, api, webhook } = assembleDiscovery({
      pool,
      bus,
      logger,
      meter: metrics.meter,
      aws: {
        ...(demo ? { endpoint: demo.simulator.endpoint, credentials: demo.credentials } : {}),
        rateShare: options.rateShare,
      },
      given: options.integration ? givenIntegration(options, demo) : undefined,
      webhook: options.webhook,
      // The same at each start: what a killed one held is taken over at once.
      replica: { name: `${hostname()}:${directory.path}` },
      process: {
        missedChangeWindowSeconds: 900,
        membersPerSecond: 20,
        lightSyncsBetween: options.lightSyncsBetween,
        readOnce: options.once,
        confirmation: {
          confirmAfterSeconds: options.confirmAfterSeconds,
          confirmNotFoundAfterSeconds: options.confirmNotFoundAfterSeconds,
          maximumRetrySeconds: 300,
        },
      },
      onProgress: (progress) => {
        if (!ready) talk.progress(`Reading the organization: ${describeProgress(progress)}`);
      },
      onSynced: ({ summary, error }) => {
        if (summary) synced.resolve(summary);
        // A failed sync is tried again; when only one was asked for, it is the answer.
        else if (options.once) synced.reject(error);
        else talk.line(`A sync failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`);
      },
      api: {
        onboardingTemplateUrl: options.onboardingTemplateUrl,
        principalArn: options.principalArn,
      },
    });
    const stoodStill = Promise.withResolvers<never>();
    stoodStill.promise.catch(() => undefined);
    const standstill = watchStandstill({
      components: [writer, mapper],
      logger,
      onStandstill: (message) => {
        talk.line(message);
        // Nothing of it is mended without the API, which such a run does not serve.
        if (options.once)
          stoodStill.reject(new Error('A part stands still. `orgtrail up` without --once serves the API that mends it.'));
      },
    });
    const services = [writer, ...(feed ? [feed] : []), mapper, discovery, standstill];
    const admin = createAdminServer({
      host: options.host,
      port: options.port,
      checks: { ...checksOf(services), database: () => pool.query('SELECT 1').then(() => undefined), bus: () => bus.ping() },
      metricsHandler: metrics.handler,
      routes: mayServeApi(options)
        ? createApi({
            parts: [api, graphWriterApi({ pool, bus, feedIsOn: feed !== undefined })],
            tokens: options.apiTokens,
            logger,
          })
        : undefined,
      variable: '--port',
    });

    const startedAt = performance.now();
    const stopping = new AbortController();
    let exitCode = 0;
    const beReady = (): void => {
      if (ready) return;
      ready = true;
      talk.line(`Orgtrail is ready: ${admin.url}`);
      if (!mayServeApi(options)) {
        talk.line(
          'The API is not served: without API_TOKENS it is for this machine only, so --host has to be a loopback address.',
        );
      }
      demo?.live();
    };
    const work = async (): Promise<void> => {
      if (!options.integration) return;
      const sync = await synced.promise;
      const settled =
        options.once || demo !== undefined
          ? await waitUntilRead({
              discovery,
              signal: stopping.signal,
              onProgress: (open) => talk.progress(`Reading what the listing does not give (tags, absences): ${open} left`),
            })
          : { stuck: 0 };
      await waitUntilApplied({ discovery, bus, pipeline, signal: stopping.signal });
      const graph = await readGraph(pool, discovery.integration().id);
      const document = buildDocument(graph);
      for (const { key, displayName } of graph.entities) names.set(key, displayName);
      const summary = summarize(document, {
        sync,
        settled,
        calls: discovery.calls(),
        seconds: (performance.now() - startedAt) / 1000,
      });
      if (options.json && options.once) process.stdout.write(`${JSON.stringify({ ...document, summary }, null, 2)}\n`);
      else talk.line(`\n${formatTree(document)}\n`);
      if (options.once) {
        talk.line(formatSummary(summary));
        exitCode = summary.complete ? 0 : 1;
        return;
      }
      talk.line(
        `${summary.accounts} accounts, ${summary.organizationalUnits} OUs in ${summary.seconds.toFixed(1)} s with ${summary.totalCalls} AWS calls, the members' verification included.`,
      );
      beReady();
    };

    /** Not only when it is ready: what that waits for may stand still until an operator acts, through the API. And port 0 takes a free one. */
    const tellApiUrl = (): void => writeConnection(directory, { ...connection, apiUrl: admin.url });

    /** Without a sync of its own to wait for. */
    const standBy = (): void => {
      if (options.integration && discovery.connectionOf(discovery.integration().id)) return;
      if (options.integration) {
        talk.line(
          'The organization is not watched here: it is paused, or another Orgtrail on this database watches it. This one stands by.',
        );
      }
      beReady();
    };

    const connection: Connection = {
      pid: process.pid,
      pids: [process.pid, ...pids],
      databaseUrl,
      ...(demo ? { awsEndpoint: demo.simulator.endpoint, awsCredentials: demo.simulator.credentials } : {}),
    };
    writeConnection(directory, connection);
    const until = work();
    const failure: { error?: Error } = {};
    const code = await runService({
      name: 'up',
      logger,
      components: options.once
        ? [...components, tracing, ...services]
        : [
            ...components,
            tracing,
            admin,
            ...services,
            ...(webhook ? [webhook] : []),
            whenStarted(tellApiUrl),
            whenStarted(standBy),
          ],
      drainTimeoutMs: 8_000,
      // Live, the work is done when somebody ends it; then only its failure ends the run.
      until: options.once ? Promise.race([until, stoodStill.promise]) : until.then(() => new Promise<never>(() => undefined)),
      onFailure: (error) => {
        failure.error ??= error instanceof Error ? error : new Error(String(error));
      },
    });
    // What still waits for a sync that will not come any more is over, too.
    stopping.abort();
    synced.reject(new Error('stopped'));
    await until.catch(() => undefined);
    if (failure.error) throw failure.error;
    if (!options.once) talk.line('Stopped. The data stays where it is; the next start goes on from there.');
    return code === 0 ? exitCode : code;
  } finally {
    await releasers.releaseAll();
  }
}

/** Does something as soon as all components before it have started. */
function whenStarted(act: () => void): Component {
  return { name: 'announcement', start: async () => act(), stop: async () => undefined };
}

/** Without tokens the API is for this machine only. */
function mayServeApi({ host, apiTokens }: UpOptions): boolean {
  return apiTokens.length > 0 || isLoopback(`http://${host.includes(':') ? `[${host}]` : host}`);
}

/** Only what was asked for: the rest stays as it was changed through the API. */
function givenIntegration(options: UpOptions, demo: Demo | undefined): NonNullable<DiscoveryOptions['given']> {
  const seconds = options.fullSyncIntervalSeconds;
  const roleArn = options.roleArn ?? demo?.role?.roleArn;
  const queueUrl = options.queueUrl ?? demo?.simulator.queueUrl;
  return {
    settings: {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...(queueUrl === undefined ? {} : { queueUrl }),
      ...(seconds === undefined ? {} : { syncInterval: seconds === 0 ? 'disabled' : `${seconds}s` }),
    },
    externalId: options.externalId ?? demo?.role?.externalId,
  };
}
