import type { AwsConnection } from '@orgtrail/aws';
import { migrate } from '@orgtrail/database';
import { topics } from '@orgtrail/proto';
import type { Component } from '@orgtrail/service-runtime';
import { intermediateRoleOf, recognised, wasExternalIdOf, type Integration } from './integrations/integration.js';
import { recogniseOrganization } from './integrations/recognise-organization.js';
import { registerFromEnvironment, type GivenIntegration } from './integrations/register-from-environment.js';
import { roleOf } from './integrations/role-settings.js';
import { forgetRemoved } from './integrations/sql/forget-removed.js';
import { hasBaseline } from './integrations/sql/has-baseline.js';
import { selectIntegrations } from './integrations/sql/select-integrations.js';
import { startLoop, type Loop } from '@orgtrail/service-runtime';
import { migrations } from './migrations/index.js';
import { addDelays } from './proof/sql/event-delays.js';
import { purgeExpired } from './proof/sql/purge-expired.js';
import type { SyncSummary } from './refresh/run-sync.js';
import type { SyncKind } from './refresh/sync-kind.js';
import type { Backlog } from './refresh/read-backlog.js';
import { createSupervisor, type SupervisorOptions } from './supervisor.js';
import { untilAborted } from './until-aborted.js';
import type { Watch } from './watch.js';

export interface DiscoveryOptions extends SupervisorOptions {
  /** The environment's own integration. Absent: only those that were created through the API. */
  given?: GivenIntegration | undefined;
  /** Answers what other replicas want to know of these integrations, which are watched here. Resolves to how much was asked. */
  answerOthers?(owned: readonly string[]): Promise<number>;
}

export interface Discovery extends Component {
  /** The integration of the environment, or else one that is watched here. Throws when there is none. */
  integration(): Integration;
  backlog(): Promise<Backlog>;
  /** Syncs now and resolves with what was found. */
  sync(kind: SyncKind, reason: string): Promise<SyncSummary>;
  /** Resolves when everything that was merged is acknowledged by the bus. */
  published(): Promise<void>;
  /** Calls of AWS so far, by operation. */
  calls(): Record<string, number>;
  /** By which an integration is being read, while it is. */
  connectionOf(integrationId: string): AwsConnection | undefined;
  /** Whether this replica has claimed the integration. */
  owns(integrationId: string): boolean;
  /** Looks at the integrations now: one was created or changed. */
  wake(): void;
  /** Hints of this integration were committed: whoever watches it here looks at once. */
  wakeWatch(integrationId: string): void;
}

/** Watches every integration that is active. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { pool, bus, logger, given } = options;
  const supervisor = createSupervisor(options);
  const loops: Loop[] = [];
  let supervision: Loop | undefined;
  /** Of the environment, as it was registered at the start. */
  let ownIntegration: Integration | undefined;

  const ownWatch = (): Watch | undefined => {
    const watches = supervisor.watches();
    return ownIntegration === undefined ? [...watches.values()][0] : watches.get(ownIntegration.id);
  };
  const own = (): Watch => {
    const watch = ownWatch();
    if (!watch) throw new Error('No organization is watched here.');
    return watch;
  };

  /** By the role that is given; by what the API made of it, where that is the same integration. */
  const connectAsGiven = async ({ settings, externalId }: GivenIntegration): Promise<AwsConnection> => {
    const known = (await selectIntegrations(pool)).find((one) => one.settings.roleArn === (settings.roleArn ?? null));
    if (known !== undefined && (externalId === undefined || wasExternalIdOf(known, externalId))) {
      return options.connect(roleOf(known));
    }
    return options.connect({
      ...(settings.roleArn ? { roleArn: settings.roleArn } : {}),
      ...(externalId === undefined ? {} : { externalId }),
      ...intermediateRoleOf(settings),
    });
  };

  const beginOwn = async (integration: GivenIntegration): Promise<void> => {
    const aws = await connectAsGiven(integration);
    // Whoever starts with wrong credentials is told at once, and not by a condition.
    const organization = await recogniseOrganization(aws.reader('sync'));
    const stored = await registerFromEnvironment(pool, integration, organization);
    if (integration.externalId !== undefined && stored.externalId !== integration.externalId) {
      logger.warn(
        { integrationId: stored.id },
        'The environment has an external id that was rotated away; the new one is used. Change the environment',
      );
    }
    ownIntegration = recognised(stored);
    if (stored.state === 'active' && (await supervisor.claim(stored.id))) {
      await supervisor.begin(stored, aws, { syncs: true });
      return;
    }
    aws.destroy();
    if (stored.state !== 'active') return;
    if (options.process.readOnce === true) {
      throw new Error(
        "Another Orgtrail on this database watches the organization, and AWS's budget is for one of them. Ask that one: `orgtrail integration sync`.",
      );
    }
    logger.info({ integrationId: stored.id }, 'Another replica watches the integration of the environment');
  };

  return {
    name: 'discovery',
    start: async () => {
      await migrate(pool, { schema: 'discovery', migrations });
      await bus.ensureTopics([{ topic: topics.observations, partitions: 6 }]);
      await supervisor.start();
      try {
        if (given) await beginOwn(given);
      } catch (error) {
        await supervisor.stop();
        throw error;
      }
      supervision = startLoop({ name: 'supervision', round: () => supervisor.round(), restMs: 1000, logger });
      const housekeeping = startLoop({
        name: 'housekeeping',
        round: async () => {
          await purgeExpired(pool);
          await forgetRemoved(pool);
          await addDelays(pool, options.metrics.takeDelays());
          return 0;
        },
        restMs: 30_000,
        logger,
      });
      const answers = startLoop({
        name: 'answers to other replicas',
        // Nobody waits at the stop for an examination: whoever asked it goes on with the next replica.
        round: async (signal) => untilAborted(options.answerOthers?.(supervisor.owned()) ?? Promise.resolve(0), signal),
        restMs: 1000,
        logger,
      });
      loops.push(supervision, housekeeping, answers);
    },
    stop: async () => {
      for (const loop of loops.splice(0)) await loop.stop();
      await supervisor.stop();
      await addDelays(pool, options.metrics.takeDelays()).catch((error: unknown) =>
        logger.warn({ err: error }, 'The last delays of events are not counted'),
      );
    },
    checks: {
      integration: () => {
        if (given && ownIntegration === undefined) throw new Error('The organization has not been recognised yet.');
      },
      // Only of the organization that this process was started for, whichever replica reads it: the others have their conditions, and
      // one that AWS refuses must not take the API away, by which it is mended.
      'first full sync': async () => {
        if (ownIntegration !== undefined && !(await hasBaseline(pool, ownIntegration.id)))
          throw new Error('The first full sync has not completed.');
      },
    },
    integration: () => ownWatch()?.integration ?? ownIntegration ?? own().integration,
    backlog: () => own().backlog(),
    sync: (kind, reason) => own().sync(kind, reason),
    published: async () => {
      for (const watch of supervisor.watches().values()) await watch.published();
    },
    calls: () => supervisor.calls(),
    connectionOf: (integrationId) => supervisor.watches().get(integrationId)?.aws,
    owns: (integrationId) => supervisor.owned().includes(integrationId),
    wake: () => supervision?.wake(),
    wakeWatch: (integrationId) => supervisor.watches().get(integrationId)?.wake(),
  };
}
