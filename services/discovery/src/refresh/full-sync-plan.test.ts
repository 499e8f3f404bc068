import { describe, expect, it } from '@jest/globals';
import { mergeReads } from '../observed/merge.js';
import { unknownSubject, type PartRead, type SubjectState } from '../observed/subject-state.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { findAbsences, readsOfListing, tagsToRead } from './full-sync-plan.js';
import { endingsThreshold } from './guard-endings.js';
import type { OrganizationListing } from './list-organization.js';

const organizationId = 'o-exampleorgid';
const id = (n: number) => String(n).padStart(12, '0');
const arn = (n: number) => `arn:aws:organizations::${id(1)}:account/${organizationId}/${id(n)}`;

function listing(given: Partial<OrganizationListing> = {}): OrganizationListing {
  return {
    organization: {
      id: organizationId,
      arn: `arn:aws:organizations::${id(1)}:organization/${organizationId}`,
      partition: 'aws',
      managementAccountId: id(1),
      managementAccountArn: arn(1),
      featureSet: 'ALL',
    },
    roots: [{ id: 'r-root', arn: 'arn:root', name: 'Root', policyTypes: {} }],
    organizationalUnits: [],
    accounts: [{ id: id(1), arn: arn(1), name: 'management' }],
    delegations: new Map(),
    handshakes: [],
    problems: [],
    incompleteBecause: [],
    ...given,
  };
}
const state = (...reads: PartRead[]): SubjectState => mergeReads(unknownSubject, reads).state;
const coreAt = (version: bigint): PartRead => ({ part: 'core', version, value: { arn: 'arn', name: 'n' } });
const liveAt = (version: bigint, ...subjects: SubjectKey[]) =>
  new Map(subjects.map((subject) => [subject, state(coreAt(version))]));

describe('what a complete listing lacks', () => {
  const missing = [subjectKey('account', id(2)), subjectKey('ou', 'ou-root-12345678')];

  it('is nominated when it is an account or an OU, and never ended', () => {
    const absences = findAbsences(listing(), { live: liveAt(5n, ...missing), graphOnly: [] }, 10n);
    expect(absences).toEqual({ nominations: missing, ended: [] });
  });

  it('is not nominated when the listing is incomplete', () => {
    const incomplete = listing({ incompleteBecause: ['the OUs below r-root could not be listed'] });
    expect(findAbsences(incomplete, { live: liveAt(5n, ...missing), graphOnly: missing }, 10n).nominations).toEqual([]);
  });

  it('is left alone when it was read after the listing began', () => {
    expect(findAbsences(listing(), { live: liveAt(11n, ...missing), graphOnly: [] }, 10n).nominations).toEqual([]);
  });

  it('is nominated from the graph too, when discovery does not know it', () => {
    const unknown = subjectKey('account', id(3));
    expect(findAbsences(listing(), { live: new Map(), graphOnly: [unknown] }, 10n).nominations).toEqual([unknown]);
  });

  it('ends delegations and invitations, whose complete list is their only read, unless that list failed', () => {
    const subjects = [subjectKey('delegation', id(1)), subjectKey('invitation', 'h-12345678')];
    const ended = findAbsences(listing(), { live: liveAt(5n, ...subjects), graphOnly: [] }, 10n).ended;
    expect(ended.map(({ subject }) => subject)).toEqual(subjects);
    const { delegations: _d, handshakes: _h, ...unreadLists } = listing();
    expect(findAbsences(unreadLists, { live: liveAt(5n, ...subjects), graphOnly: [] }, 10n).ended).toEqual([]);
  });

  it('keeps an administrator whose services could not be read', () => {
    const partly = listing({ delegations: new Map([[id(1), undefined]]) });
    expect(readsOfListing(partly, 10n).map(({ subject }) => subject)).not.toContain(`delegation:${id(1)}`);
    expect(findAbsences(partly, { live: liveAt(5n, subjectKey('delegation', id(1))), graphOnly: [] }, 10n).ended).toEqual([]);
  });
});

describe('the bulk tag index', () => {
  const subject = subjectKey('account', id(1));
  const tagged = (tags: Record<string, string>) =>
    new Map([[subject, state(coreAt(1n), { part: 'tags', version: 1n, value: tags })]]);

  it('only points to differences, in both directions', () => {
    for (const index of [new Map([[id(1), { a: '2' }]]), new Map([[id(9), { a: '2' }]])]) {
      expect(tagsToRead(tagged({ a: '1' }), index)).toEqual({
        askings: [{ subject, parts: ['tags'], reason: 'index-differs' }],
        compared: 1,
        drift: 1,
      });
    }
  });

  it('is measured by a sample when it agrees', () => {
    expect(tagsToRead(tagged({ a: '1' }), new Map([[id(1), { a: '1' }]]))).toEqual({
      askings: [{ subject, parts: ['tags'], reason: 'sample' }],
      compared: 1,
      drift: 0,
    });
  });

  it('is not believed when it is missing or says nothing for the whole organization', () => {
    for (const index of [undefined, new Map<string, unknown>()]) {
      expect(tagsToRead(tagged({ a: '1' }), index)).toEqual({
        askings: [{ subject, parts: ['tags'], reason: 'no-index' }],
        compared: 0,
      });
    }
  });
});

describe('the mass-deletion guard', () => {
  it('lets three endings pass in a small organization and 5 % in a large one', () => {
    expect([endingsThreshold(10), endingsThreshold(60), endingsThreshold(200), endingsThreshold(1000)]).toEqual([3, 3, 10, 50]);
  });
});
