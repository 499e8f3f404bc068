import { describe, expect, it } from '@jest/globals';
import type { Departure } from '../events/hint.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { explainEnding } from './explain-ending.js';
import type { StoredCause } from './sql/store-subjects.js';
import type { GoneReason, SubjectState } from './subject-state.js';

const account = subjectKey('account', '444455556666');
const unit = subjectKey('ou', 'ou-ab12-11111111');
const alive: SubjectState = { parts: { core: { version: 1n, value: { arn: 'arn:aws:any', name: 'any' } } }, goneVersion: 0n };
const unknown: SubjectState = { parts: {}, goneVersion: 0n };
const gone = (goneReason: GoneReason, goneVersion = 7n): SubjectState => ({ parts: {}, goneVersion, goneReason });

const seconds = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;
const event = (departure: Departure | undefined, more: Partial<StoredCause> = {}): StoredCause => ({
  eventId: departure ?? 'none',
  eventName: departure === undefined ? 'TagResource' : 'AccountDepartedOrganization',
  eventTime: '2026-11-01T00:00:10.000Z',
  ...(departure === undefined ? {} : { departure }),
  ...more,
});

function explained(given: {
  subject?: SubjectKey;
  before: SubjectState;
  state: SubjectState;
  causes?: StoredCause[];
  cause?: StoredCause;
  appeared?: string;
}) {
  const { subject = account, before, state, causes = [], cause, appeared } = given;
  const entry = { subject, before: { state: before, appearedVersion: appeared ? seconds(appeared) : 0n }, state, causes, cause };
  const { state: after, cause: told, isExplainedLate } = explainEnding(entry);
  return { reason: after.goneReason, by: told?.eventId, isExplainedLate };
}

describe('an ending', () => {
  it('that an event announced has its reason and its cause', () => {
    const left = event('LEFT');
    expect(explained({ before: alive, state: gone('not-found'), causes: [left], cause: left })).toEqual({
      ...{ reason: 'LEFT', by: 'LEFT', isExplainedLate: false },
    });
  });

  it('of what nobody had seen alive has it, too', () => {
    expect(explained({ before: unknown, state: gone('not-found'), causes: [event('REMOVED')] })).toMatchObject({
      ...{ reason: 'REMOVED', by: 'REMOVED', isExplainedLate: false },
    });
  });

  it('that a sync found has the reason of an event that was heard shortly before', () => {
    expect(explained({ before: alive, state: gone('not-found'), cause: event('CLEANED') })).toMatchObject({ reason: 'CLEANED' });
  });

  it('that nobody explains is not found, and nothing more', () => {
    expect(explained({ before: alive, state: gone('not-found'), causes: [event(undefined)] })).toEqual({
      ...{ reason: 'not-found', by: undefined, isExplainedLate: false },
    });
  });

  it('is explained by an event that comes after it, and is told again', () => {
    const before = gone('not-found', 5n);
    expect(explained({ before, state: gone('not-found'), causes: [event('LEFT')] })).toEqual({
      ...{ reason: 'LEFT', by: 'LEFT', isExplainedLate: true },
    });
  });

  it('keeps its reason when AWS is asked again, and whatever comes later', () => {
    for (const causes of [[], [event('LEFT')]]) {
      expect(explained({ before: gone('REMOVED', 5n), state: gone('not-found'), causes })).toEqual({
        ...{ reason: 'REMOVED', by: undefined, isExplainedLate: false },
      });
    }
  });

  it('has the reason of its own departure, not of the one before the account came back', () => {
    const [before, state] = [{ ...alive, goneVersion: 3n }, gone('not-found')];
    const old = event('LEFT', { eventTime: '2026-11-01T00:00:10.000Z' });
    expect(explained({ before, state, causes: [old], appeared: '2026-11-01T00:01:00Z' })).toMatchObject({ reason: 'not-found' });
    const back = event(undefined, { eventName: 'AccountJoinedOrganization', eventTime: '2026-11-01T00:00:30.000Z' });
    expect(explained({ before, state, causes: [old, back] })).toMatchObject({ reason: 'not-found' });
    const again = event('REMOVED', { eventTime: '2026-11-01T00:01:00.000Z' });
    expect(explained({ before, state, causes: [again, back, old], appeared: '2026-11-01T00:01:00.500Z' })).toMatchObject({
      reason: 'REMOVED',
    });
  });

  it('of a unit that was made and deleted in the same second is explained', () => {
    const made = event(undefined, { eventName: 'CreateOrganizationalUnit' });
    const deleted = event('OU_DELETED', { eventName: 'DeleteOrganizationalUnit' });
    expect(explained({ subject: unit, before: alive, state: gone('not-found'), causes: [made, deleted] }).reason).toBe(
      'OU_DELETED',
    );
  });

  it('prefers the event that names who acted', () => {
    const named = event('REMOVED', { eventId: 'named', principalArn: 'arn:aws:iam::111122223333:user/alice' });
    const later = event('REMOVED', { eventId: 'later', eventTime: '2026-11-01T00:00:12.000Z' });
    expect(explained({ before: gone('not-found', 5n), state: gone('not-found'), causes: [named, later] }).by).toBe('named');
  });

  it('of an account is not explained by the deletion of a unit, nor the other way round', () => {
    expect(explained({ before: alive, state: gone('not-found'), causes: [event('OU_DELETED')] }).reason).toBe('not-found');
    expect(explained({ subject: unit, before: alive, state: gone('not-found'), causes: [event('LEFT')] }).reason).toBe(
      'not-found',
    );
    const deleted = event('OU_DELETED', { eventName: 'DeleteOrganizationalUnit' });
    expect(explained({ subject: unit, before: alive, state: gone('not-found'), causes: [deleted] }).reason).toBe('OU_DELETED');
  });

  it('is none while the subject lives, and one that a list says keeps what the list says', () => {
    const causes = [event('LEFT')];
    expect(explained({ before: alive, state: alive, causes })).toMatchObject({ reason: undefined, isExplainedLate: false });
    expect(explained({ before: alive, state: gone('expired'), causes }).reason).toBe('expired');
  });
});
