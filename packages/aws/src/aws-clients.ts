import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { DeclaredAction } from './declared-actions.js';
import { onlyDeclared } from './declared-calls.js';
import { organizationsRegion, partitionOfRegion } from './partitions.js';
import { isPublicQueueHost, regionOfQueue } from './queue-url.js';

export type AwsClients = ReturnType<typeof createAwsClients>;

/** The clients of one connection. Each sends only what is declared. `settings` are those that all share. */
export function createAwsClients({
  settings,
  region,
  declared,
}: {
  settings: object;
  /** Of STS, and of queues whose address names none. */
  region: string;
  declared: readonly DeclaredAction[];
}) {
  const made: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    made.push(client);
    return client;
  };
  const oncePer = <Client>(make: (place: string) => Client) => {
    const known = new Map<string, Client>();
    return (of: string): Client => {
      const client = known.get(of) ?? make(of);
      known.set(of, client);
      return client;
    };
  };
  // By itself the SDK sends to the host of the queue's URL, whatever AWS_ENDPOINT_URL_SQS and AWS_USE_FIPS_ENDPOINT say.
  const queues = (place: { endpoint?: string; region: string }) =>
    keep(onlyDeclared(new SQSClient({ ...place, ...settings, useQueueUrlAsEndpoint: false }), 'sqs', declared));
  const home = { ...settings, region: organizationsRegion(partitionOfRegion(region)) };
  const queuesIn = oncePer((of) => queues({ region: of }));
  const queuesAt = oncePer((origin) => oncePer((of) => queues({ endpoint: origin, region: of })));
  return {
    organizations: keep(onlyDeclared(new OrganizationsClient(home), 'organizations', declared)),
    tagging: keep(onlyDeclared(new ResourceGroupsTaggingAPIClient(home), 'tag', declared)),
    events: keep(onlyDeclared(new EventBridgeClient(home), 'events', declared)),
    sts: keep(onlyDeclared(new STSClient({ ...settings, region }), 'sts', declared)),
    trailsOf: oncePer((of) => keep(onlyDeclared(new CloudTrailClient({ ...settings, region: of }), 'cloudtrail', declared))),
    queuesIn,
    queuesOf: (queueUrl: string) =>
      (isPublicQueueHost(queueUrl) ? queuesIn : queuesAt(new URL(queueUrl).origin))(regionOfQueue(queueUrl) ?? region),
    destroy: () => made.forEach((client) => client.destroy()),
  };
}
