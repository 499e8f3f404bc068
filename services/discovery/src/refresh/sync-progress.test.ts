import { describe, expect, it } from '@jest/globals';
import { createProgressMeter, secondsLeft, type ListingCounts, type SyncProgress } from './sync-progress.js';

const rates: Record<string, number> = { ListAccounts: 4, ListOrganizationalUnitsForParent: 2.5, ListAccountsForParent: 2.5 };
const pace = { elapsedSeconds: 1, callsPerSecond: (operation: string) => rates[operation] ?? 1 };
const counts = (given: Partial<ListingCounts> = {}): ListingCounts => ({
  accounts: 0,
  accountPages: 0,
  accountsListed: false,
  accountsExpected: 1000,
  walks: true,
  organizationalUnits: 0,
  nodesListed: 0,
  nodesExpected: 101,
  ...given,
});

describe('the seconds that a sync takes', () => {
  it('are those of the slowest operation, since each has a budget of its own', () => {
    expect(secondsLeft(counts(), pace)).toBe(41);
    expect(secondsLeft(counts({ walks: false }), pace)).toBe(13);
    expect(secondsLeft(counts({ accounts: 500, nodesListed: 90 }), pace)).toBe(7);
  });

  it('are more where each node has to be searched for its accounts afterwards', () => {
    expect(secondsLeft(counts({ accountsListed: true, nodesListed: 101, nodesSearched: 1 }), pace)).toBe(40);
  });

  it('follow the speed that was measured, where that is lower than what the limiter lets through', () => {
    const slow = { ...pace, elapsedSeconds: 20 };
    expect(secondsLeft(counts({ accounts: 200, accountPages: 10, walks: false }), slow)).toBe(80);
    expect(secondsLeft(counts({ accounts: 800, accountPages: 400, walks: false }), slow)).toBe(3);
  });

  it('are unknown while nothing tells how many accounts there are', () => {
    expect(secondsLeft(counts({ accountsExpected: undefined }), pace)).toBeUndefined();
  });

  it('are none when everything was listed', () => {
    expect(secondsLeft(counts({ accounts: 990, accountsListed: true, nodesListed: 101 }), pace)).toBe(0);
  });
});

it('tells of each step how much there is of about how much', () => {
  const told: SyncProgress[] = [];
  const meter = createProgressMeter({
    kind: 'full',
    known: { accounts: 0, nodes: 0 },
    now: () => 1_800_000_000_000,
    callsPerSecond: pace.callsPerSecond,
    onProgress: (progress) => told.push(progress),
  });
  meter.note({ accounts: 20, accountPages: 1 });
  meter.note({ accountsExpected: 50 });
  meter.note({ accounts: 60, accountPages: 3, accountsListed: true });
  expect(told.map(({ accounts, of }) => [accounts, of])).toEqual([
    [20, undefined],
    [20, 50],
    [60, 60],
  ]);
  expect(told[0]).toEqual({ kind: 'full', startedAt: '2027-01-15T08:00:00.000Z', accounts: 20, organizationalUnits: 0 });
});
