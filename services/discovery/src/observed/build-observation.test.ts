import { describe, expect, it } from '@jest/globals';
import { observation } from '@orgtrail/proto';
import type { Integration } from '../integrations/integration.js';
import { subjectKey } from '../subjects.js';
import { buildObservation } from './build-observation.js';
import type { GoneReason } from './subject-state.js';

const { EndReason } = observation;
const account = subjectKey('account', '444455556666');
const unit = subjectKey('ou', 'ou-ab12-11111111');
const delegation = subjectKey('delegation', '444455556666');
const integration = { id: 'a3bb189e-8bf9-4888-9912-ace4e6543002', partition: 'aws' } as Integration;

function reasonOf(subject: typeof account, goneReason: GoneReason): unknown {
  const { state } = buildObservation(integration, {
    subject,
    state: { parts: {}, goneVersion: 7n, goneReason },
    subjectVersion: 7n,
    baseline: false,
    observedAt: new Date(0),
  });
  return state.case === 'ended' && state.value.reason;
}

describe('the reason of an ending', () => {
  it.each([
    ['an account that left', account, 'LEFT', EndReason.LEFT],
    ['one that was removed', account, 'REMOVED', EndReason.REMOVED],
    ['one that was cleaned up', account, 'CLEANED', EndReason.CLEANED],
    ['an organizational unit that was deleted', unit, 'OU_DELETED', EndReason.OU_DELETED],
    ['one of which no event was heard', account, 'not-found', EndReason.NOT_FOUND],
    ['a delegation whose account left', delegation, 'absent-from-complete-list', EndReason.ABSENT_FROM_COMPLETE_LIST],
  ] as const)('of %s', (_what, subject, gone, reason) => {
    expect(reasonOf(subject, gone)).toBe(reason);
  });
});

it('a cause that came late says which change it explains', () => {
  const of = { subject: delegation, state: { parts: {}, goneVersion: 7n, goneReason: 'not-found' } } as const;
  const cause = { eventId: 'e-1', eventName: 'TagResource' };
  const observed = { ...of, subjectVersion: 7n, baseline: false, observedAt: new Date(0) };
  const late = buildObservation(integration, { ...observed, cause: { ...cause, explainedVersion: '5' } });
  expect([late.cause?.eventId, late.explainedVersion]).toEqual(['e-1', 5n]);
  expect(buildObservation(integration, { ...observed, cause }).explainedVersion).toBe(0n);
});
