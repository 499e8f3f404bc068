import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { Simulator } from '../simulator.js';

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The real SDK's clients, as a customer of this AWS has them. */
export interface Customer {
  organizations: OrganizationsClient;
  sts: STSClient;
  sqs: SQSClient;
  tagging: ResourceGroupsTaggingAPIClient;
  events: EventBridgeClient;
  trails: CloudTrailClient;
}

export function customerOf(
  simulator: Simulator,
  credentials: Credentials = simulator.credentials,
  region = 'us-east-1',
): Customer {
  const settings = { endpoint: simulator.endpoint, region, credentials, maxAttempts: 1 };
  return {
    organizations: new OrganizationsClient(settings),
    sts: new STSClient(settings),
    sqs: new SQSClient(settings),
    tagging: new ResourceGroupsTaggingAPIClient(settings),
    events: new EventBridgeClient(settings),
    trails: new CloudTrailClient(settings),
  };
}

/** The error that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It succeeded.');
}

/** The events on the queue, parsed, in the order of the queue. */
export function eventsOnQueue(simulator: Simulator): Envelope[] {
  return simulator.queue.bodies().map((body) => JSON.parse(body) as Envelope);
}

export interface Envelope {
  id: string;
  source: string;
  'detail-type': string;
  account: string;
  time: string;
  detail: Record<string, unknown> & {
    eventID: string;
    eventName: string;
    eventTime: string;
    requestParameters: Record<string, unknown> | null;
    responseElements: Record<string, unknown> | null;
    serviceEventDetails?: Record<string, Record<string, unknown>>;
    userIdentity: Record<string, unknown>;
    errorCode?: string;
  };
}

export const eventNames = (simulator: Simulator): string[] => eventsOnQueue(simulator).map(({ detail }) => detail.eventName);
