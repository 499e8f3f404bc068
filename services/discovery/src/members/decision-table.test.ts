import { describe, expect, it } from '@jest/globals';
import { causeTexts, statusTexts } from './causes.js';
import { decideMember, decisionTable, dimensions, memberStatuses, type MemberFacts } from './decision-table.js';

/** Every combination of every value of every dimension. */
function* allFacts(): Generator<MemberFacts> {
  const values = dimensions.map((dimension) => Object.keys(decisionTable[dimension]));
  const indexes = values.map(() => 0);
  for (;;) {
    yield Object.fromEntries(
      dimensions.map((dimension, at) => [dimension, values[at]?.[indexes[at] ?? 0]]),
    ) as unknown as MemberFacts;
    let at = 0;
    while (at < indexes.length) {
      indexes[at] = (indexes[at] ?? 0) + 1;
      if ((indexes[at] ?? 0) < (values[at]?.length ?? 0)) break;
      indexes[at] = 0;
      at += 1;
    }
    if (at === indexes.length) return;
  }
}

const every = [...allFacts()];

describe(`the status of a member, over all ${every.length} cells`, () => {
  it('is one of the nine, with a text for people', () => {
    for (const facts of every) {
      const { status, cause } = decideMember(facts);
      expect(memberStatuses).toContain(status);
      expect((cause === undefined ? statusTexts[status] : causeTexts[cause]).length).toBeGreaterThan(10);
    }
  });

  it('never configures or verifies an account that is skipped, excluded, held, suspended, closed, gone or unknown', () => {
    for (const facts of every) {
      const stopped =
        facts.account !== 'ACTIVE' ||
        facts.deletion === 'held' ||
        facts.skipTag !== 'not-set' ||
        facts.organizationalUnits !== 'not-skipped' ||
        facts.scope !== 'inside' ||
        facts.tags !== 'read';
      const { status, verify } = decideMember(facts);
      if (stopped)
        expect({ facts, status, verify }).toEqual({
          facts,
          status: expect.not.stringMatching(/^(CONNECTED|FAILED)$/),
          verify: false,
        });
    }
  });

  it('is CONNECTED in exactly one cell of what is known: active, placed, tags read, verified', () => {
    const connected = every.filter((facts) => decideMember(facts).status === 'CONNECTED');
    expect(connected).toEqual([
      {
        account: 'ACTIVE',
        deletion: 'none',
        skipTag: 'not-set',
        scope: 'inside',
        organizationalUnits: 'not-skipped',
        tags: 'read',
        verification: 'verified',
      },
    ]);
  });

  it('is stopped by the bulk index, and never started by it', () => {
    const base: MemberFacts = every.find((facts) => decideMember(facts).status === 'CONNECTED')!;
    expect(decideMember({ ...base, skipTag: 'set-by-index', tags: 'index' })).toMatchObject({
      status: 'SKIPPED',
      cause: 'TAGGED_BY_INDEX',
    });
    expect(decideMember({ ...base, tags: 'index' })).toMatchObject({ status: 'PENDING', cause: 'TAGS_NOT_READ', verify: false });
  });
});
