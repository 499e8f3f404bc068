import { describe, expect, it } from '@jest/globals';
import { describeFindings, findingsAfter, type SyncFindings } from './sync-findings.js';

const denied = (read: string) => ({ read, error: `${read} was denied` });
const found = (reads: string[], incompleteBecause: string[] = []): SyncFindings => ({
  problems: reads.map(denied),
  incompleteBecause,
});

describe('what syncs could not read', () => {
  it('is told in a sentence for each part, with what follows from it', () => {
    expect(describeFindings(found(['tag:GetResources']))).toEqual([
      'The bulk tag index could not be read, so full syncs read tags one by one: tag:GetResources was denied.',
    ]);
    expect(describeFindings(found([], ['ListAccounts lacks the management account', 'another', 'and another']))).toEqual([
      'The last sync was incomplete, so nothing is taken for gone: ListAccounts lacks the management account, and 2 more.',
    ]);
    expect(describeFindings(found([]))).toEqual([]);
  });

  it('is what the last full sync says of parts that a light one does not read', () => {
    const before = found(['tag:GetResources', 'organizations:ListHandshakesForOrganization'], ['something']);
    expect(findingsAfter(before, { ...found([]), kind: 'light' })).toEqual(
      found(['organizations:ListHandshakesForOrganization']),
    );
    expect(findingsAfter(before, { ...found([]), kind: 'full' })).toEqual(found([]));
    expect(findingsAfter(undefined, { ...found(['tag:GetResources']), kind: 'light' })).toEqual(found(['tag:GetResources']));
  });
});
