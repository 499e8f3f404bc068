import { describe, expect, it } from '@jest/globals';
import { largestEventBytes, parseQueueMessage } from './envelope.js';

const detail = {
  eventName: 'MoveAccount',
  eventSource: 'organizations.amazonaws.com',
  recipientAccountId: '444455556666',
  requestParameters: { accountId: '777788889999' },
};
const envelope = {
  version: '0',
  id: '1',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.organizations',
  account: '111122223333',
  time: '2026-01-28T14:44:00Z',
  region: 'us-east-1',
  detail,
};

const expected = { account: '111122223333', envelopeTime: new Date('2026-01-28T14:44:00Z'), record: detail };

function records(value: unknown) {
  const parsed = parseQueueMessage(typeof value === 'string' ? value : JSON.stringify(value));
  if (parsed.kind === 'refused') throw new Error(parsed.detail);
  return parsed.records;
}

describe('an event is found', () => {
  it.each([
    ['in an EventBridge envelope', envelope],
    ['in an SNS notification', { Type: 'Notification', Message: JSON.stringify(envelope) }],
    ['in a list of SQS messages', { Records: [{ messageId: 'm', body: JSON.stringify(envelope), eventSource: 'aws:sqs' }] }],
    [
      'in an SNS notification in a list of SQS messages',
      { Records: [{ body: JSON.stringify({ Type: 'Notification', Message: JSON.stringify(envelope) }) }] },
    ],
    ['in a list of SNS notifications', { Records: [{ EventSource: 'aws:sns', Sns: { Message: JSON.stringify(envelope) } }] }],
    ['in a list of envelopes', [envelope]],
    ['behind a body that was parsed already', [{ messageId: 'm', body: envelope }]],
    ['in an envelope whose detail is text', { ...envelope, detail: JSON.stringify(detail) }],
    ['with parameters as text', { ...envelope, detail: { ...detail, requestParameters: '{\n  "accountId": "777788889999"\n}' } }],
    ['without an eventSource, by the envelope', { ...envelope, detail: { ...detail, eventSource: undefined } }],
    [
      'with members of a wrong type',
      {
        ...envelope,
        detail: { ...detail, eventID: 7, readOnly: 'maybe', serviceEventDetails: [], userIdentity: 'x', unknown: {} },
      },
    ],
  ])('%s', (_, value) => {
    expect(records(value)).toMatchObject([expected]);
  });

  it('as a bare record, whose account is the recipient', () => {
    expect(records(detail)).toEqual([{ account: '444455556666', record: expect.objectContaining(detail) as unknown }]);
  });

  it('beside members that are none, which are counted', () => {
    const parsed = parseQueueMessage(
      JSON.stringify({ Records: [{ body: JSON.stringify(envelope) }, { body: 'hello' }, 7, { body: JSON.stringify(envelope) }] }),
    );
    expect(parsed).toMatchObject({ kind: 'records', records: [expected, expected], unreadable: 2 });
  });

  it('with an account as the message claims it, but never a long one', () => {
    expect(records({ ...envelope, account: 'XXXXXXXXXXXX' })[0]?.account).toBe('XXXXXXXXXXXX');
    expect(records({ ...envelope, account: '1'.repeat(100_000) })[0]?.account).toHaveLength(64);
    expect(records({ ...envelope, account: 7, detail: { eventName: 'MoveAccount' } })[0]?.account).toBeUndefined();
  });
});

describe('a message is refused', () => {
  const nested = (depth: number) => `${'{"detail":'.repeat(depth)}1${'}'.repeat(depth)}`;
  /** Message in Message in Message… */
  let wrapped = JSON.stringify(envelope);
  for (let level = 0; level < 8; level += 1) wrapped = JSON.stringify({ Message: wrapped });

  it.each([
    ['not-json', ''],
    ['not-json', 'hello'],
    ['not-json', '{"eventName":'],
    ['not-json', ']]]]'],
    ['not-an-event', 'null'],
    ['not-an-event', '"MoveAccount"'],
    ['not-an-event', '[]'],
    ['not-an-event', '{}'],
    ['not-an-event', '{"Records":[]}'],
    ['not-an-event', '{"Service":"Amazon S3","Event":"s3:TestEvent"}'],
    ['not-an-event', JSON.stringify({ ...envelope, detail: { status: 'ENABLED' } })],
    ['not-an-event', JSON.stringify({ ...envelope, detail: '{' })],
    ['not-an-event', '{"eventName":"a b"}'],
    ['not-an-event', JSON.stringify({ eventName: 'M'.repeat(10_000) })],
    ['too-deep', nested(10_000)],
    ['too-deep', '['.repeat(1024 * 1024)],
    ['too-deep', wrapped],
    ['too-large', `"${'x'.repeat(largestEventBytes)}"`],
    ['too-large', `"${'é'.repeat(600 * 1024)}"`],
    ['too-many-records', JSON.stringify(Array.from({ length: 1001 }, () => ({})))],
    ['too-many-records', `[${'1,'.repeat(500_000)}1]`],
  ])('as %s (case %#)', (reason, body) => {
    expect(parseQueueMessage(body)).toMatchObject({ kind: 'refused', reason });
  });

  it('when it has no body', () => {
    expect(parseQueueMessage(undefined)).toMatchObject({ kind: 'refused', reason: 'not-json' });
  });

  it('in one sentence that repeats nothing of it', () => {
    for (const body of ['secret', '{"secret":1}', `"${'secret'.repeat(200_000)}"`]) {
      const parsed = parseQueueMessage(body);
      if (parsed.kind !== 'refused') throw new Error('it was accepted');
      expect(parsed.detail).toMatch(/^[A-Z].*\.$/);
      expect(parsed.detail).not.toContain('secret');
    }
  });

  it('by the limits that were given', () => {
    expect(parseQueueMessage('[[1]]', { maxDepth: 1 })).toMatchObject({ kind: 'refused', reason: 'too-deep' });
    expect(parseQueueMessage('12345', { maxBytes: 4 })).toMatchObject({ kind: 'refused', reason: 'too-large' });
  });
});

it('brackets and quotes inside text do not count as depth', () => {
  const text = JSON.stringify({ ...detail, userAgent: `${'['.repeat(500)}"\\"{{` });
  expect(records(text)).toHaveLength(1);
});
