import { isObject } from '../iam/policy-document.js';
import { sameJson } from '../same-json.js';
import { invalidAttributeName, invalidAttributeValue } from './sqs-errors.js';

/** Attributes of a queue that are set by its owner, as the wire has them: texts. */
export type QueueAttributes = Readonly<Record<string, string>>;

const whole =
  (least: number, most: number) =>
  (value: string): boolean =>
    /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;

const truth = (value: string): boolean => value === 'true' || value === 'false';

function jsonWith(...members: string[]) {
  return (value: string): boolean => {
    try {
      const parsed: unknown = JSON.parse(value);
      return isObject(parsed) && members.every((member) => member in parsed);
    } catch {
      return false;
    }
  };
}

/** What may be set, what a value has to be, and what a queue begins with. An empty text takes away what has no default. */
const settable: Readonly<Record<string, { takes: (value: string) => boolean; byDefault?: string }>> = {
  DelaySeconds: { takes: whole(0, 900), byDefault: '0' },
  MaximumMessageSize: { takes: whole(1024, 1_048_576), byDefault: '1048576' },
  MessageRetentionPeriod: { takes: whole(60, 1_209_600), byDefault: '345600' },
  ReceiveMessageWaitTimeSeconds: { takes: whole(0, 20), byDefault: '0' },
  // Its default is a behaviour.
  VisibilityTimeout: { takes: whole(0, 43_200) },
  Policy: { takes: jsonWith('Statement') },
  RedrivePolicy: { takes: jsonWith('deadLetterTargetArn', 'maxReceiveCount') },
  RedriveAllowPolicy: { takes: jsonWith('redrivePermission') },
  KmsMasterKeyId: { takes: () => true },
  KmsDataKeyReusePeriodSeconds: { takes: whole(60, 86_400) },
  SqsManagedSseEnabled: { takes: truth, byDefault: 'true' },
};

/** The attributes after a change. Throws what SQS answers to attributes that it does not know, or cannot take. */
export function changedAttributes(before: QueueAttributes | undefined, change: QueueAttributes): QueueAttributes {
  for (const [name, value] of Object.entries(change)) {
    if (!Object.hasOwn(settable, name)) throw invalidAttributeName(name);
    const mayBeEmpty = settable[name]?.byDefault === undefined && value === '';
    if (!mayBeEmpty && !settable[name]?.takes(value)) throw invalidAttributeValue(name);
  }
  // A key of the customer and a key of SQS exclude each other: the one set last counts.
  const keys: QueueAttributes =
    (change['KmsMasterKeyId'] ?? '') !== ''
      ? { SqsManagedSseEnabled: 'false' }
      : change['SqsManagedSseEnabled'] === 'true'
        ? { KmsMasterKeyId: '' }
        : {};
  const all = { ...(before ?? defaults), ...keys, ...change };
  if ((all['KmsMasterKeyId'] ?? '') !== '' && all['SqsManagedSseEnabled'] === 'true') {
    throw invalidAttributeValue('SqsManagedSseEnabled');
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** The first attribute of a request that a queue has otherwise. JSON is compared by what it says. */
export function differentAttribute(has: QueueAttributes, asked: QueueAttributes): string | undefined {
  return Object.keys(asked).find((name) => !sameJson(has[name] ?? '', asked[name] ?? ''));
}

const defaults: QueueAttributes = Object.fromEntries(
  Object.entries(settable).flatMap(([name, { byDefault }]) => (byDefault === undefined ? [] : [[name, byDefault]])),
);
