import { describe, expect, it } from '@jest/globals';
import { allowedPerSecond } from '@orgtrail/aws';
import fc from 'fast-check';
import { lanes, type Lane } from './lanes.js';
import { planOf, planReads, type PlanningFacts, type ReadWay } from './plan-reads.js';

const callsPerSecond = (operation: string) => allowedPerSecond(operation, 0.5);
const thousand = { accounts: 1000, organizationalUnits: 100, delegatedAdministrators: 4, invitations: 3 };
const facts = (due: PlanningFacts['due'], changes: Partial<PlanningFacts> = {}): PlanningFacts => ({
  due,
  size: thousand,
  pathsGiven: true,
  callsPerSecond,
  ...changes,
});

/** Which lanes a way of reading answers, written down a second time. */
const answers: Record<ReadWay, readonly Lane[]> = {
  each: ['account', 'ou', 'tags', 'organization'],
  list: ['root', 'delegation', 'invitation', 'expiry'],
  'account-pages': ['account'],
  'unit-walk': ['ou'],
  'full-sync': ['account', 'ou', 'root', 'organization', 'delegation', 'invitation', 'expiry'],
};
const eachWay = (lane: Lane): ReadWay => (answers.each.includes(lane) ? 'each' : 'list');

const anyFacts = fc
  .record({
    due: fc.record(
      Object.fromEntries(lanes.map((lane) => [lane, fc.oneof(fc.constant(0), fc.nat(30), fc.nat(50_000))])) as Record<
        Lane,
        fc.Arbitrary<number>
      >,
    ),
    size: fc.record({
      accounts: fc.integer({ min: 1, max: 50_000 }),
      organizationalUnits: fc.nat(2000),
      delegatedAdministrators: fc.nat(50),
      invitations: fc.nat(50),
    }),
    pathsGiven: fc.boolean(),
    rates: fc.dictionary(
      fc.constantFrom('DescribeAccount', 'ListAccounts', 'ListTagsForResource', 'ListOrganizationalUnitsForParent'),
      fc.double({ min: 0.1, max: 100, noNaN: true }),
    ),
  })
  .map(({ rates, ...rest }): PlanningFacts => ({
    ...rest,
    callsPerSecond: (operation) => rates[operation] ?? callsPerSecond(operation),
  }));

describe('the plan of reads', () => {
  it('covers whatever is due, and tags only by reading them', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { ways } = planReads(given);
        for (const lane of lanes) {
          const way = ways.get(lane);
          if ((given.due[lane] ?? 0) === 0) expect(way).toBeUndefined();
          else expect(answers[way!]).toContain(lane);
        }
      }),
    );
  });

  it('takes no longer than the best of each alone, a walk over the pages of accounts, and a full sync', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const due = lanes.filter((lane) => (given.due[lane] ?? 0) > 0);
        const floor = (wayOf: (lane: Lane) => ReadWay) => planOf(new Map(due.map((lane) => [lane, wayOf(lane)])), given).seconds;
        const best = Math.min(
          floor(eachWay),
          given.pathsGiven ? floor((lane) => (lane === 'account' ? 'account-pages' : eachWay(lane))) : Infinity,
          floor((lane) => (lane === 'tags' ? 'each' : 'full-sync')),
        );
        expect(planReads(given).seconds).toBeLessThanOrEqual(best);
      }),
    );
  });

  it('asks for one account alone', () => {
    expect(planReads(facts({ account: 1 }))).toEqual({
      ways: new Map([['account', 'each']]),
      calls: { DescribeAccount: 1 },
      seconds: 0.1,
    });
  });

  it('walks over the pages when 800 of 1,000 accounts moved', () => {
    expect(planReads(facts({ account: 800 }))).toEqual({
      ways: new Map([['account', 'account-pages']]),
      calls: { ListAccounts: 50 },
      seconds: 12.5,
    });
  });

  it('walks over the OUs when most of them were renamed, and reads tags one by one beside it', () => {
    expect(planReads(facts({ ou: 90, tags: 30, account: 5 }))).toMatchObject({
      ways: new Map([
        ['account', 'each'],
        ['tags', 'each'],
        ['ou', 'unit-walk'],
      ]),
      calls: { ListOrganizationalUnitsForParent: 101, ListTagsForResource: 30, DescribeAccount: 5 },
      seconds: 40.4,
    });
  });

  it('is a full sync when most of everything changed, which also heals the graph, and when AWS gives no paths', () => {
    expect(planReads(facts({ account: 900, ou: 90, tags: 10 })).ways).toEqual(
      new Map([
        ['account', 'full-sync'],
        ['tags', 'each'],
        ['ou', 'full-sync'],
      ]),
    );
    expect(planReads(facts({ account: 900 }, { pathsGiven: false })).ways.get('account')).toBe('full-sync');
    expect(planReads(facts({ account: 20 }, { pathsGiven: false })).ways.get('account')).toBe('each');
  });

  it('reads a complete list once for all that only a list tells', () => {
    expect(planReads(facts({ invitation: 3, expiry: 2, root: 1, delegation: 2 })).calls).toEqual({
      ListHandshakesForOrganization: 1,
      ListRoots: 1,
      ListDelegatedAdministrators: 1,
      ListDelegatedServicesForAccount: 2,
    });
  });

  it('is empty when nothing is due', () => {
    expect(planReads(facts({}))).toEqual({ ways: new Map(), calls: {}, seconds: 0 });
  });
});
