import { describe, expect, it } from '@jest/globals';
import { roleFailures, transientFailures, type RoleAnswer } from '@orgtrail/aws';
import { causeTexts } from './causes.js';
import { decideMember, type MemberFacts, type VerificationFact } from './decision-table.js';
import { decideResult } from './decide-result.js';
import { describeReason } from './describe-reason.js';

const tag = { key: 'j1-integration', value: 'SKIP' };
const ready: Omit<MemberFacts, 'verification'> = {
  account: 'ACTIVE',
  deletion: 'none',
  skipTag: 'not-set',
  scope: 'inside',
  organizationalUnits: 'not-skipped',
  tags: 'read',
};
const decide = (verification: VerificationFact) => decideMember({ ...ready, verification });

describe('what an answer of AWS means for a member', () => {
  it.each(roleFailures)('%s fails it, with a sentence that says what to do', (cause) => {
    expect(decide(cause)).toEqual({ status: 'FAILED', cause, verify: true });
    expect(describeReason(decide(cause), { tag })).toBe(causeTexts[cause]);
    expect(causeTexts[cause]).toMatch(/\b(Create|Add|Remove|Check|Activate|removes)\b/);
  });

  it.each(transientFailures)('%s decides nothing: never FAILED', (cause) => {
    expect(decide(cause)).toEqual({ status: 'PENDING', cause, verify: true });
    expect(causeTexts[cause]).toMatch(/tried again/);
  });

  it('is kept for one refusal of a role that worked, and not for a second one or another failure', () => {
    const refused: RoleAnswer = { outcome: 'failed', cause: 'ROLE_NOT_ASSUMABLE', detail: 'no' };
    expect(decideResult({ verification: 'verified', refusals: 0 }, refused, 0)).toMatchObject({ outcome: 'refused-once' });
    expect(decideResult({ verification: 'verified', refusals: 1 }, refused, 0)).toMatchObject({ outcome: 'failed' });
    expect(decideResult({ verification: 'none', refusals: 0 }, refused, 0)).toMatchObject({ outcome: 'failed' });
    const open: RoleAnswer = { outcome: 'failed', cause: 'EXTERNAL_ID_NOT_ENFORCED', detail: 'open' };
    expect(decideResult({ verification: 'verified', refusals: 0 }, open, 0)).toMatchObject({ outcome: 'failed' });
  });

  it('spreads the next verification over time', () => {
    const verified: RoleAnswer = { outcome: 'verified', usedPreviousExternalId: false, negativeChecked: true };
    const after = [0, 0.999].map((random) => decideResult({ verification: 'none', refusals: 0 }, verified, random));
    expect(after[1]).toMatchObject({ nextAfterSeconds: expect.any(Number) });
    expect(
      (after[1] as { nextAfterSeconds: number }).nextAfterSeconds - (after[0] as { nextAfterSeconds: number }).nextAfterSeconds,
    ).toBeGreaterThan(3600);
  });

  it('says who tagged a skipped account, and from which OU the tag is inherited', () => {
    expect(
      describeReason(
        { status: 'SKIPPED', cause: 'TAGGED', verify: false },
        {
          tag,
          changedBy: {
            eventName: 'TagResource',
            principalArn: 'arn:aws:iam::111122223333:user/ana',
            eventTime: '2026-11-24T00:00:00.000Z',
          },
        },
      ),
    ).toBe(
      'The account carries the tag j1-integration = SKIP. Tagged by arn:aws:iam::111122223333:user/ana at 2026-11-24T00:00:00.000Z.',
    );
    expect(
      describeReason(
        { status: 'SKIPPED', cause: 'ORGANIZATIONAL_UNIT_TAGGED', verify: false },
        { tag, node: { id: 'ou-ab12-11111111', name: 'Sandbox', tags: {}, tagsRead: true } },
      ),
    ).toContain('"Sandbox" (ou-ab12-11111111)');
  });
});
