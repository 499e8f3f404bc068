import { connectToAws, createRoleVerifier, type AwsConnectionOptions, type CallReport } from '@orgtrail/aws';
import type { ApiPart, Metrics } from '@orgtrail/service-runtime';
import { discoveryApi } from './api/discovery-api.js';
import type { RouteContext } from './api/route.js';
import { createDiscovery, type Discovery, type DiscoveryOptions } from './discovery.js';
import { verifierSettingsOf } from './integrations/integration.js';
import { createDoctor, type Doctor } from './onboarding/doctor/create-doctor.js';
import { createDiscoveryMetrics } from './proof/metrics.js';
import { traceCall } from './proof/trace-call.js';
import type { WebhookAddress } from './webhook/webhook-environment.js';
import { createWebhookServer, type WebhookServer } from './webhook/webhook-server.js';

type Assembled = 'connect' | 'verifier' | 'metrics' | 'answerOthers';

export interface AssemblyOptions extends Omit<DiscoveryOptions, Assembled> {
  meter: Metrics['meter'];
  /** How AWS is reached, whichever role is assumed there. */
  aws: Pick<AwsConnectionOptions, 'endpoint' | 'credentials' | 'rateShare'>;
  /** Absent: events are not posted here. */
  webhook?: WebhookAddress | undefined;
  api: Pick<RouteContext, 'onboardingTemplateUrl' | 'principalArn'>;
}

export interface Assembly {
  discovery: Discovery;
  api: ApiPart;
  doctor: Pick<Doctor, 'examine'>;
  webhook?: WebhookServer;
}

/** Discovery and what its API answers with, for a service of its own and for `orgtrail up` alike. Opens nothing by itself. */
export function assembleDiscovery({ meter, aws, api, webhook, ...options }: AssemblyOptions): Assembly {
  const { pool, bus, logger } = options;
  const { rateShare, ...access } = aws;
  const { membersPerSecond } = options.process;
  const metrics = createDiscoveryMetrics(meter);
  const onCall = (call: CallReport): void => {
    metrics.awsCall(call.operation, call.outcome, call.milliseconds);
    traceCall(call);
  };
  const verifier: DiscoveryOptions['verifier'] = (role) => createRoleVerifier({ ...access, ...role, membersPerSecond, onCall });
  const connect: DiscoveryOptions['connect'] = (role) =>
    connectToAws({ ...access, ...role, ...(rateShare === undefined ? {} : { rateShare }), onCall });

  const discovery = createDiscovery({
    ...options,
    replica: { ...options.replica, takesPosts: webhook !== undefined },
    connect,
    verifier,
    metrics,
    answerOthers: (owned) => doctor.answerOthers(owned),
  });
  const doctor = createDoctor({
    pool,
    bus,
    connect,
    verifier,
    connectionOf: (id) => discovery.connectionOf(id),
    owns: (id) => discovery.owns(id),
    environment: process.env,
  });
  const onHints = (integrationId: string): void => discovery.wakeWatch(integrationId);
  return {
    discovery,
    doctor,
    ...(webhook ? { webhook: createWebhookServer({ ...webhook, pool, metrics, logger, onHints }) } : {}),
    api: discoveryApi({
      ...api,
      pool,
      verifier: ({ settings }) => verifier(verifierSettingsOf(settings)),
      doctor,
      rateShare,
      wake: () => discovery.wake(),
    }),
  };
}
