import type { OrganizationReader } from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { Version } from '../observed/subject-state.js';
import { parseSubjectKey, type SubjectKey } from '../subjects.js';
import { listedSubjects } from './listed-subjects.js';
import { asError, goneAt, type SubjectReading } from './read-subject.js';
import type { SessionProof } from './session-proof.js';

/** Kinds of subjects that have no read of their own: their complete list is the read, and one answers all of them. */
export type ListedKind = 'root' | 'delegation' | 'invitation';

export interface ListReading {
  reader: OrganizationReader;
  /** Drawn before the list is read: what it lacks is gone as of then. */
  version: Version;
  subjects: readonly SubjectKey[];
  /** Asked before the list is believed about what it lacks. */
  proveSession: SessionProof;
  /** Takes each subject's answer as soon as it is there. */
  answer(subject: SubjectKey, reading: SubjectReading): void;
}

/** Reads one complete list, and answers all the subjects by it. Never rejects for an answer of AWS. */
export async function readList(
  kind: ListedKind,
  { reader, version, subjects, proveSession, answer }: ListReading,
): Promise<void> {
  const listed = listedSubjects(version);
  const named = new Map<SubjectKey, () => Promise<SubjectReads>>();
  const name = (read: SubjectReads): void => void named.set(read.subject, () => Promise.resolve(read));
  try {
    switch (kind) {
      case 'root':
        for (const root of await reader.listRoots()) name(listed.root(root));
        break;
      case 'invitation':
        for (const handshake of await reader.listHandshakes()) name(listed.invitation(handshake));
        break;
      case 'delegation':
        // The list says who is one, and a second call for which services.
        for (const { accountId } of await reader.listDelegatedAdministrators()) {
          const { subject } = listed.delegation(accountId, []);
          named.set(subject, async () => listed.delegation(accountId, await reader.listDelegatedServices(accountId)));
        }
        break;
    }
    if (!subjects.every((subject) => named.has(subject))) await proveSession();
  } catch (error) {
    for (const subject of subjects) answer(subject, { reads: [], unread: [{ part: 'core', error: asError(error) }] });
    return;
  }
  await Promise.all(
    subjects.map(async (subject) => {
      const read = named.get(subject);
      if (!read) answer(subject, goneAt(version, 'absent-from-complete-list'));
      else
        answer(
          subject,
          await read().then(readingOf, (error: unknown): SubjectReading => {
            return { reads: [], unread: [{ part: 'core', error: asError(error) }] };
          }),
        );
    }),
  );
}

function readingOf({ reads }: SubjectReads): SubjectReading {
  const gone = reads.find((read) => read.part === 'existence');
  return { reads: reads.filter((read) => read !== gone), ...(gone ? { gone } : {}), unread: [] };
}

export function listedKindOf(subject: SubjectKey): ListedKind | undefined {
  const { kind } = parseSubjectKey(subject);
  return kind === 'root' || kind === 'delegation' || kind === 'invitation' ? kind : undefined;
}
