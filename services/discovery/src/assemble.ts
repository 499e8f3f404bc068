import { connectToAws, createRoleVerifier, type AwsConnectionOptions, type CallReport } from '@orgtrail/aws';
import type { Metrics } from '@orgtrail/service-runtime';
import type { ApiOptions } from './api/create-api.js';
import { createDiscovery, type Discovery, type DiscoveryOptions } from './discovery.js';
import { intermediateRoleOf } from './integrations/integration.js';
import { createDoctor } from './onboarding/doctor/create-doctor.js';
import { createDiscoveryMetrics } from './proof/metrics.js';

type Assembled = 'connect' | 'verifier' | 'metrics';

export interface AssemblyOptions extends Omit<DiscoveryOptions, Assembled> {
  meter: Metrics['meter'];
  /** How AWS is reached, whichever role is assumed there. */
  aws: Pick<AwsConnectionOptions, 'endpoint' | 'credentials' | 'rateShare'>;
  api: Pick<ApiOptions, 'tokens' | 'onboardingTemplateUrl' | 'principalArn'>;
}

/** Discovery and what its API answers with, for a service of its own and for `orgtrail up` alike. Opens nothing by itself. */
export function assembleDiscovery({ meter, aws, api, ...options }: AssemblyOptions): { discovery: Discovery; api: ApiOptions } {
  const { pool, bus, logger } = options;
  const { rateShare, ...access } = aws;
  const { membersPerSecond } = options.process;
  const metrics = createDiscoveryMetrics(meter);
  const onCall = ({ operation, outcome, milliseconds }: CallReport): void => metrics.awsCall(operation, outcome, milliseconds);
  const verifier: DiscoveryOptions['verifier'] = (role) => createRoleVerifier({ ...access, ...role, membersPerSecond, onCall });
  const connect: DiscoveryOptions['connect'] = (role) =>
    connectToAws({ ...access, ...role, ...(rateShare === undefined ? {} : { rateShare }), onCall });

  const discovery = createDiscovery({ ...options, connect, verifier, metrics });
  const doctor = createDoctor({
    pool,
    bus,
    connect,
    verifier,
    connectionOf: (id) => discovery.connectionOf(id),
    environment: process.env,
  });
  return {
    discovery,
    api: {
      ...api,
      pool,
      logger,
      verifier: ({ settings }) => verifier(intermediateRoleOf(settings)),
      doctor,
      wake: () => discovery.wake(),
    },
  };
}
