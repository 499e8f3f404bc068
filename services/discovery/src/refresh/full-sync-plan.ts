import { isDeepStrictEqual } from 'node:util';
import type { SubjectReads } from '../observed/record-reads.js';
import type { Core, PartRead, SubjectState, Version } from '../observed/subject-state.js';
import { organizationSubject, parseSubjectKey, subjectKey, type SubjectKey } from '../subjects.js';
import { accountCore, invitationCore, organizationCore } from './core-values.js';
import type { OrganizationListing } from './list-organization.js';
import type { Asking } from './sql/ask-refresh.js';

/** Everything that a listing read, as reads of subjects at the sync's version. Pure. */
export function readsOfListing(listing: OrganizationListing, version: Version): SubjectReads[] {
  const core = (value: Core): PartRead => ({ part: 'core', version, value });
  const indexed = (id: string): PartRead[] => {
    const value = listing.tagIndex?.get(id);
    return value ? [{ part: 'tagIndex', version, value }] : [];
  };
  const placed = (placement: { parentId: string; ancestorIds: string[] } | undefined): PartRead[] =>
    placement ? [{ part: 'placement', version, value: placement }] : [];

  return [
    { subject: organizationSubject, reads: [core(organizationCore(listing.organization))] },
    ...listing.roots.map(({ id, arn, name, policyTypes }) => ({
      subject: subjectKey('root', id),
      reads: [core({ arn, name, policyTypes }), ...indexed(id)],
    })),
    ...listing.organizationalUnits.map(({ id, arn, name, placement }) => ({
      subject: subjectKey('ou', id),
      reads: [core({ arn, name }), ...placed(placement), ...indexed(id)],
    })),
    ...listing.accounts.map((account) => ({
      subject: subjectKey('account', account.id),
      reads: [core(accountCore(account)), ...placed(account.placement), ...indexed(account.id)],
    })),
    ...[...(listing.delegations ?? [])].flatMap(([accountId, services]) =>
      services === undefined
        ? []
        : [
            {
              subject: subjectKey('delegation', accountId),
              reads: [
                core({
                  services: services.map(({ servicePrincipal, enabledAt }) => ({
                    servicePrincipal,
                    ...(enabledAt ? { enabledAt: enabledAt.getTime() } : {}),
                  })),
                }),
              ],
            },
          ],
    ),
    ...(listing.handshakes ?? []).map((handshake) => ({
      subject: subjectKey('invitation', handshake.id),
      reads: [core(invitationCore(handshake))],
    })),
  ];
}

export interface Absences {
  /** Accounts and OUs to be asked for alone. */
  nominations: SubjectKey[];
  /** Subjects whose complete list is their only read: the list ends what it lacks. */
  ended: SubjectReads[];
}

/**
 * What lives for us and is missing in the listing. Absence alone ends nothing that can be asked for alone (invariant 4). Pure.
 * `live`: discovery's live subjects; `graphOnly`: live keys of the graph that discovery does not know.
 */
export function findAbsences(
  listing: OrganizationListing,
  known: { live: ReadonlyMap<SubjectKey, SubjectState>; graphOnly: readonly SubjectKey[] },
  version: Version,
): Absences {
  const listed = new Set(readsOfListing(listing, version).map(({ subject }) => subject));
  // An administrator whose services could not be read is still one.
  for (const accountId of listing.delegations?.keys() ?? []) listed.add(subjectKey('delegation', accountId));
  const absences: Absences = { nominations: [], ended: [] };
  const complete = listing.incompleteBecause.length === 0;

  for (const [subject, state] of known.live) {
    // Read later than this listing began: the listing cannot know better.
    if (listed.has(subject) || (state.parts.core?.version ?? 0n) >= version) continue;
    const { kind } = parseSubjectKey(subject);
    switch (kind) {
      case 'account':
      case 'ou':
        if (complete) absences.nominations.push(subject);
        break;
      case 'delegation':
        if (listing.delegations) absences.ended.push(endOf(subject, version));
        break;
      case 'invitation':
        if (listing.handshakes) absences.ended.push(endOf(subject, version));
        break;
      case 'root':
        absences.ended.push(endOf(subject, version));
        break;
      case 'organization':
      case 'integration':
        break;
    }
  }
  if (complete) absences.nominations.push(...known.graphOnly.filter((subject) => !listed.has(subject)));
  return absences;
}

function endOf(subject: SubjectKey, version: Version): SubjectReads {
  return { subject, reads: [{ part: 'existence', version, gone: 'absent-from-complete-list' }] };
}

/** Part of the organization's tags that every full sync reads by ListTagsForResource, to measure the index. */
const sampleShare = 0.02;

export interface TagReads {
  askings: Asking[];
  /** Subjects whose tags were read before, so that the index can be compared with them. */
  compared: number;
  /** Those of them that the index knows otherwise; absent where the index proves nothing. */
  drift?: number;
}

/**
 * Which tags have to be read by ListTagsForResource: the bulk index only finds differences (invariant 12). Pure. Tags that were
 * never read are asked for where they are merged.
 */
export function tagsToRead(
  live: ReadonlyMap<SubjectKey, SubjectState>,
  index: ReadonlyMap<string, unknown> | undefined,
): TagReads {
  const read = [...live].filter(([, state]) => state.parts.tags !== undefined);
  const asking = (subject: SubjectKey, reason: Asking['reason']): Asking => ({ subject, parts: ['tags'], reason });
  // Denied, failed, or nothing for the whole organization: the index proves nothing here.
  if (index === undefined || index.size === 0) {
    return { askings: read.map(([subject]) => asking(subject, 'no-index')), compared: 0 };
  }

  const differing = read.filter(([subject, state]) => {
    const tags = state.parts.tags?.value ?? {};
    return !isDeepStrictEqual({ ...tags }, { ...(index.get(parseSubjectKey(subject).id) ?? {}) });
  });
  const inDifference = new Set(differing.map(([subject]) => subject));
  const sample = read
    .filter(([subject]) => !inDifference.has(subject))
    .sort(([, left], [, right]) => Number((left.parts.tags?.version ?? 0n) - (right.parts.tags?.version ?? 0n)))
    .slice(0, Math.ceil(read.length * sampleShare));
  return {
    askings: [
      ...differing.map(([subject]) => asking(subject, 'index-differs')),
      ...sample.map(([subject]) => asking(subject, 'sample')),
    ],
    compared: read.length,
    drift: differing.length,
  };
}
