import { describe, expect, it } from '@jest/globals';
import { describeFindings, findingsAfter, type SyncFindings } from './sync-findings.js';

const denied = (read: string) => ({ read, error: `${read} was denied` });
const found = (reads: string[], incompleteBecause: string[] = [], walkIncompleteBecause: string[] = []): SyncFindings => ({
  problems: reads.map(denied),
  incompleteBecause,
  walkIncompleteBecause,
});

describe('what syncs could not read', () => {
  it('is told in a sentence for each part, with what follows from it', () => {
    expect(describeFindings(found(['tag:GetResources']))).toEqual([
      'The bulk tag index could not be read, so full syncs read tags one by one: tag:GetResources was denied.',
    ]);
    expect(describeFindings(found([], ['ListAccounts lacks the management account', 'another', 'and another']))).toEqual([
      'The last sync was incomplete, so nothing is taken for gone: ListAccounts lacks the management account, and 2 more.',
    ]);
    expect(describeFindings(found(['account:444455556666'], [], ['the OUs below r-ab12 could not be listed']))).toEqual([
      'account:444455556666 could not be read, so what is known of it stays as it is: account:444455556666 was denied.',
      'The last walk over the OUs was incomplete, so no OU is taken for gone: the OUs below r-ab12 could not be listed.',
    ]);
    expect(describeFindings(found([]))).toEqual([]);
  });

  it('is what the last full sync says of parts that a light one does not read', () => {
    const before = found(['tag:GetResources', 'organizations:ListHandshakesForOrganization'], ['something']);
    const light = { kind: 'light', walked: false } as const;
    expect(findingsAfter(before, { ...found([]), ...light })).toEqual(found(['organizations:ListHandshakesForOrganization']));
    expect(findingsAfter(before, { ...found([]), kind: 'full', walked: true })).toEqual(found([]));
    expect(findingsAfter(undefined, { ...found(['tag:GetResources']), ...light })).toEqual(found(['tag:GetResources']));
  });

  it('of the OUs is what the last sync says that walked over them', () => {
    const before = found(['account:1', 'ou:1', 'delegation:1'], ['ListAccounts lacks it'], ['the walk lacks it']);
    expect(findingsAfter(before, { ...found([]), kind: 'light', walked: false })).toEqual(
      found(['ou:1', 'delegation:1'], [], ['the walk lacks it']),
    );
    expect(findingsAfter(before, { ...found([]), kind: 'light', walked: true })).toEqual(found(['delegation:1']));
  });
});
