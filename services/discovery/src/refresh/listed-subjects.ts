import type {
  AccountRead,
  DelegatedServiceRead,
  HandshakeRead,
  OrganizationalUnitRead,
  OrganizationRead,
  RootRead,
} from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { Core, PartRead, Placement, Version } from '../observed/subject-state.js';
import { organizationSubject, parseSubjectKey, subjectKey } from '../subjects.js';
import { accountCore, handshakeRead, organizationCore } from './core-values.js';
import type { TagIndex } from './tag-index.js';

/** What a listing read, as reads of subjects at its version. Pure. */
export function listedSubjects(version: Version) {
  const core = (value: Core): PartRead => ({ part: 'core', version, value });
  const placed = (value: Placement | undefined): PartRead[] => (value ? [{ part: 'placement', version, value }] : []);
  return {
    organization: (read: OrganizationRead): SubjectReads => ({
      subject: organizationSubject,
      reads: [core(organizationCore(read))],
    }),
    root: ({ id, arn, name, policyTypes }: RootRead): SubjectReads => ({
      subject: subjectKey('root', id),
      reads: [core({ arn, name, policyTypes })],
    }),
    organizationalUnit: ({ id, arn, name }: OrganizationalUnitRead, placement: Placement): SubjectReads => ({
      subject: subjectKey('ou', id),
      reads: [core({ arn, name }), ...placed(placement)],
    }),
    account: (read: AccountRead, placement = read.placement): SubjectReads => ({
      subject: subjectKey('account', read.id),
      reads: [core(accountCore(read)), ...placed(placement)],
    }),
    delegation: (accountId: string, services: readonly DelegatedServiceRead[]): SubjectReads => ({
      subject: subjectKey('delegation', accountId),
      reads: [
        core({
          services: services.map(({ servicePrincipal, enabledAt }) => ({
            servicePrincipal,
            ...(enabledAt ? { enabledAt: enabledAt.getTime() } : {}),
          })),
        }),
      ],
    }),
    invitation: (handshake: HandshakeRead): SubjectReads => ({
      subject: subjectKey('invitation', handshake.id),
      reads: [handshakeRead(handshake, version)],
    }),
    /** With what the bulk index says about it, if it names it. */
    indexed: (listed: SubjectReads, index: TagIndex | undefined): SubjectReads => {
      const { kind, id } = parseSubjectKey(listed.subject);
      const value = ['root', 'ou', 'account'].includes(kind) ? index?.tagsOf(id) : undefined;
      return value === undefined ? listed : { ...listed, reads: [...listed.reads, { part: 'tagIndex', version, value }] };
    },
  };
}

export type ListedSubjects = ReturnType<typeof listedSubjects>;
