import type pg from 'pg';
import type { SubjectReads } from '../observed/record-reads.js';
import type { Version } from '../observed/subject-state.js';
import { graphOnlySubjects } from '../observed/sql/graph-only-subjects.js';
import { unlistedSubjects } from '../observed/sql/unlisted-subjects.js';
import { parseSubjectKey, subjectKey, type SubjectKey, type SubjectKind } from '../subjects.js';
import type { OrganizationListing } from './list-organization.js';

export interface Absences {
  /** Accounts and OUs to be asked for alone. */
  nominations: SubjectKey[];
  /** Subjects whose complete list is their only read: the list ends what it lacks. */
  ended: SubjectReads[];
}

type Said = Pick<
  OrganizationListing,
  'incompleteBecause' | 'walkIncompleteBecause' | 'problems' | 'organizationalUnits' | 'delegations' | 'handshakesRead'
>;

/** What a complete listing does not name is missing. */
export function isComplete(listing: Pick<OrganizationListing, 'incompleteBecause' | 'walkIncompleteBecause'>): boolean {
  return listing.incompleteBecause.length + listing.walkIncompleteBecause.length === 0;
}

/** Of which kinds a listing read everything, and so what it does not name is missing. Pure. */
function kindsListed(listing: Said): { nominated: SubjectKind[]; ended: SubjectKind[] } {
  const walked = listing.organizationalUnits !== undefined;
  const complete = isComplete(listing);
  return {
    nominated: complete ? ['account', ...(walked ? (['ou'] as const) : [])] : [],
    ended: [
      ...(walked ? (['root'] as const) : []),
      ...(listing.delegations ? (['delegation'] as const) : []),
      ...(listing.handshakesRead ? (['invitation'] as const) : []),
    ],
  };
}

/**
 * What lives, for us or only in the graph, and is missing in a listing that was recorded at `version`. Absence alone ends nothing that can
 * be asked for alone (invariant 4).
 */
export async function findAbsences(
  pool: pg.Pool,
  integrationId: string,
  { listing, version }: { listing: Said; version: Version },
): Promise<Absences> {
  const kinds = kindsListed(listing);
  // What was named is not missing: an administrator whose services could not be read, and whatever could not be stored.
  const named = new Set<string>([
    ...(listing.delegations?.servicesUnread ?? []).map((accountId) => subjectKey('delegation', accountId)),
    ...listing.problems.map(({ read }) => read),
  ]);
  const isMissing = (subject: SubjectKey): boolean => !named.has(subject);
  const ended = await unlistedSubjects(pool, integrationId, { kinds: kinds.ended, version });
  const graphOnly = kinds.nominated.length === 0 ? [] : await graphOnlySubjects(pool, integrationId);
  return {
    nominations: [
      ...(await unlistedSubjects(pool, integrationId, { kinds: kinds.nominated, version })),
      ...graphOnly.filter((subject) => kinds.nominated.includes(parseSubjectKey(subject).kind)),
    ].filter(isMissing),
    ended: ended
      .filter(isMissing)
      .map((subject) => ({ subject, reads: [{ part: 'existence', version, gone: 'absent-from-complete-list' }] })),
  };
}
