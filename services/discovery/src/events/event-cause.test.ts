import { describe, expect, it } from '@jest/globals';
import { causeOf, parseEventTime } from './event-cause.js';
import { parseRecord, type CloudTrailRecord } from './record.js';

function record(members: object): CloudTrailRecord {
  const parsed = parseRecord({ eventName: 'MoveAccount', ...members });
  if (!parsed) throw new Error('not a record');
  return parsed;
}

describe('who did it', () => {
  it('is the principal of the call, else the role of its session, and the service that acted', () => {
    const role = { sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/Admin' } } };
    const arn = 'arn:aws:sts::111122223333:assumed-role/Admin/session';
    expect(causeOf(record({ eventID: 'e-1', userIdentity: { arn, ...role } })).principalArn).toBe(arn);
    expect(causeOf(record({ eventID: 'e-1', userIdentity: role })).principalArn).toBe('arn:aws:iam::111122223333:role/Admin');
    expect(causeOf(record({ eventID: 'e-1', userIdentity: { invokedBy: 'controltower.amazonaws.com' } }))).toEqual({
      eventId: 'e-1',
      eventName: 'MoveAccount',
      invokedBy: 'controltower.amazonaws.com',
    });
  });

  it('leaves out what a row could not hold', () => {
    const { eventId, principalArn } = causeOf(
      record({ eventID: 'e\u0000', userIdentity: { arn: 'arn:\u0000', invokedBy: 'x'.repeat(5000) } }),
    );
    expect(eventId).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(principalArn).toBeUndefined();
  });
});

describe('a record without an eventID', () => {
  const members = { eventTime: '2020-11-05 21:21:46Z', requestParameters: { accountId: '444455556666', deep: { a: 1, b: [2] } } };

  it('gets the same id each time, whatever the order of its members', () => {
    const turned = {
      requestParameters: { deep: { b: [2], a: 1 }, accountId: '444455556666' },
      eventTime: '2020-11-05 21:21:46Z',
    };
    expect(causeOf(record(turned)).eventId).toBe(causeOf(record(members)).eventId);
  });

  it('gets another id than another record', () => {
    const other = { ...members, requestParameters: { ...members.requestParameters, accountId: '444455556667' } };
    expect(causeOf(record(other)).eventId).not.toBe(causeOf(record(members)).eventId);
  });
});

describe('eventTime', () => {
  it.each([
    ['2021-05-20T15:53:47Z', '2021-05-20T15:53:47.000Z'],
    ['2021-05-20 15:53:47Z', '2021-05-20T15:53:47.000Z'],
    ['2022-11-21 18:06:52', '2022-11-21T18:06:52.000Z'],
    ['2022-11-21T18:06:52.789Z', '2022-11-21T18:06:52.000Z'],
    ['2019-11-15T11:45:18+0000', '2019-11-15T11:45:18.000Z'],
    ['2019-11-15T11:45:18+02:00', '2019-11-15T09:45:18.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseEventTime(text)?.toISOString()).toBe(expected);
  });

  it.each(['', 'yesterday', '2021-13-40T99:00:00Z', 'Sep 16, 2020 9:20:50 PM'])('%j is unreadable', (text) => {
    expect(parseEventTime(text)).toBeUndefined();
  });
});
