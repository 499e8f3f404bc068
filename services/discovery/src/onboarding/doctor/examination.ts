import {
  organizationsRegion,
  type AwsConnection,
  type OrganizationRead,
  type QueueRead,
  type RoleAnswer,
  type RoleVerifier,
  type RuleRead,
  type RuleTargetRead,
  type TrailRead,
} from '@orgtrail/aws';
import { eventPathNames } from '@orgtrail/aws';
import type { Bus } from '@orgtrail/messaging';
import type pg from 'pg';
import type { StoredIntegration } from '../../integrations/integration.js';
import { managementAccountOf, partitionOf } from '../values.js';
import { once } from './once.js';
import { postsAreTaken } from '../../proof/sql/posts-are-taken.js';
import { selectEventArrival, type EventArrival } from './sql/event-arrival.js';
import { selectLatestSync, type LatestSync } from './sql/latest-sync.js';
import { selectRootId } from './sql/root-id.js';

interface Identity {
  accountId: string;
  arn: string;
  partition: string;
}

/** What is the same for every integration of this installation. */
export interface InstallationExamination {
  pool: pg.Pool;
  bus: Bus;
  /** For what the network is told by variables: proxies, certificates. */
  environment: Readonly<Record<string, string | undefined>>;
  /** With our own credentials, before any role. */
  own: AwsConnection;
  /** Whose they are. */
  ownIdentity(): Promise<Identity>;
}

/** The way of the events of one integration. Facts are read when the first check asks, and once. */
export interface EventPathExamination {
  stored: StoredIntegration;
  partition: string;
  /** Where Organizations and its events are. */
  region: string;
  /** As far as anybody knows it. */
  managementAccountId: string | undefined;
  identity(): Promise<Identity>;
  organization(): Promise<OrganizationRead>;
  trails(): Promise<TrailRead[]>;
  rule(): Promise<RuleRead | undefined>;
  targets(): Promise<RuleTargetRead[]>;
  queue(queueUrl: string): Promise<QueueRead>;
}

/** One integration. */
export interface IntegrationExamination extends InstallationExamination, EventPathExamination {
  /** With the role of the integration, freshly assumed. */
  aws: AwsConnection;
  /** Whether the role works, and only with the external id. */
  roleAnswer(): Promise<RoleAnswer>;
  rootId(): Promise<string | undefined>;
  arrival(): Promise<EventArrival>;
  /** Whether a replica listens for posted events. */
  postsTaken(): Promise<boolean>;
  latestSync(): Promise<LatestSync | undefined>;
}

const longestSilenceMs = 10_000;

export function examineInstallation(
  given: Pick<InstallationExamination, 'pool' | 'bus' | 'environment' | 'own'>,
): InstallationExamination {
  return { ...given, ownIdentity: once(() => identityInTime(given.own)) };
}

/** Bounded: a network that swallows packets would otherwise be silence, and not a finding. Then it rejects with a `TimeoutError`. */
async function identityInTime(own: AwsConnection): Promise<Identity> {
  const tooLong = AbortSignal.timeout(longestSilenceMs);
  const silence = new Promise<never>((_resolve, reject) => {
    tooLong.addEventListener('abort', () => reject(tooLong.reason as Error), { once: true });
  });
  // The signal ends what waits and is tried again; a call that was sent ends by its own time.
  return Promise.race([own.reader('event', tooLong).callerIdentity(), silence]);
}

export function examineIntegration(
  installation: InstallationExamination,
  { stored, aws, verifier }: { stored: StoredIntegration; aws: AwsConnection; verifier: RoleVerifier },
): IntegrationExamination {
  const { pool } = installation;
  const { settings, externalId, previousExternalId, retiredExternalId } = stored;
  const eventPath = examineEventPath({ stored, aws });
  const { identity, organization } = eventPath;
  return {
    ...installation,
    ...eventPath,
    aws,
    roleAnswer: once(async () =>
      verifier.verify({
        roleArn: settings.roleArn ?? '',
        ...(externalId === undefined ? {} : { externalId }),
        ...(previousExternalId === undefined ? {} : { previousExternalId: previousExternalId.value }),
        ...(retiredExternalId === undefined ? {} : { retiredExternalId }),
        accountId: (await identity()).accountId,
        organizationId: (await organization()).id,
        negative: true,
      }),
    ),
    rootId: once(() => selectRootId(pool, stored.id)),
    arrival: once(() => selectEventArrival(pool, stored.id)),
    postsTaken: once(() => postsAreTaken(pool)),
    latestSync: once(() => selectLatestSync(pool, stored.id)),
  };
}

export function examineEventPath({ stored, aws }: { stored: StoredIntegration; aws: AwsConnection }): EventPathExamination {
  const partition = partitionOf(stored, '');
  const reader = aws.reader('event');
  const eventPath = aws.eventPath();
  const queues = new Map<string, () => Promise<QueueRead>>();
  return {
    stored,
    partition,
    region: organizationsRegion(partition),
    managementAccountId: managementAccountOf(stored),
    identity: once(() => reader.callerIdentity()),
    organization: once(() => reader.describeOrganization()),
    trails: once(() => eventPath.trails()),
    rule: once(() => eventPath.rule(eventPathNames.rule)),
    targets: once(() => eventPath.targets(eventPathNames.rule)),
    queue: (queueUrl) => {
      const known = queues.get(queueUrl) ?? once(() => eventPath.queue(queueUrl));
      queues.set(queueUrl, known);
      return known();
    },
  };
}
