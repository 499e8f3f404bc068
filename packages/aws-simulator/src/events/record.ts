import { randomUUID } from 'node:crypto';
import type { BusEvent } from '../event-bridge/event-buses.js';
import type { AwsError } from '../wire/errors.js';
import type { Caller } from '../sts/caller.js';
import { isoSeconds } from './times.js';
import { userIdentityOf } from './user-identity.js';

export type EventSource = 'organizations' | 'account';

/** A CloudTrail record: the `detail` of the envelope. */
export interface CloudTrailRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly eventTime: string;
  readonly eventType: 'AwsApiCall' | 'AwsServiceEvent';
  readonly recipientAccountId: string;
  readonly errorCode?: string;
  readonly [member: string]: unknown;
}

export interface ApiCall {
  source: EventSource;
  name: string;
  caller: Caller;
  requestParameters: unknown;
  responseElements: unknown;
  error?: AwsError;
}

export interface ServiceEvent {
  name: string;
  /** As the samples have it: `AWS Internal` for CreateAccountResult, the service's name for the others. */
  invokedBy: string;
  details: unknown;
}

/** Where the events of Organizations and Account Management appear, whatever Region was called from. */
export const eventRegion = 'us-east-1';

/** The record of an API call, in the member order of the samples of 2022 and later. Event ids are unique across runs and seeds. */
export function apiCallRecord(
  { source, name, caller, requestParameters, responseElements, error }: ApiCall,
  now: number,
): CloudTrailRecord {
  const eventSource = `${source}.amazonaws.com`;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentityOf(caller, now),
    eventTime: isoSeconds(now),
    eventSource,
    eventName: name,
    awsRegion: eventRegion,
    sourceIPAddress: caller.sourceIpAddress,
    userAgent: caller.userAgent,
    ...(error === undefined ? {} : { errorCode: error.cloudTrailCode, errorMessage: error.message }),
    requestParameters,
    responseElements: error === undefined ? responseElements : null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: caller.accountId,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${source}.${eventRegion}.amazonaws.com`,
    },
  };
}

/** The record of something that AWS did, told to the management account. */
export function serviceEventRecord(
  { name, invokedBy, details }: ServiceEvent,
  managementAccountId: string,
  now: number,
): CloudTrailRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { accountId: managementAccountId, invokedBy },
    eventTime: isoSeconds(now),
    eventSource: 'organizations.amazonaws.com',
    eventName: name,
    awsRegion: eventRegion,
    sourceIPAddress: invokedBy,
    userAgent: invokedBy,
    requestParameters: null,
    responseElements: null,
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: managementAccountId,
    serviceEventDetails: details,
    eventCategory: 'Management',
  };
}

/** The EventBridge envelope around a record. `time` is when CloudTrail handed it over. */
export function envelope(record: CloudTrailRecord, source: EventSource, handedOverAt: number): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': record.eventType === 'AwsApiCall' ? 'AWS API Call via CloudTrail' : 'AWS Service Event via CloudTrail',
    source: `aws.${source}`,
    account: record.recipientAccountId,
    time: isoSeconds(handedOverAt),
    region: eventRegion,
    resources: [],
    detail: record,
  };
}
