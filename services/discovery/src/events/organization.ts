import { idPatterns, subjectKey } from '../subjects.js';
import type { EventKind, EventSource, Meaning } from './event-kind.js';
import { lookAt, lookAtOrganization, lookEverywhere } from './event-kind.js';
import { textAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

const source: EventSource = 'organizations.amazonaws.com';

export const organization: readonly EventKind[] = [
  {
    source,
    name: 'EnableAllFeatures',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole; nothing in it is read' },
    looksAt: 'the organization (its feature set, which changes when every account has agreed)',
    explains: { updated: { core: ['featureSet'] } },
    read: () => lookAt(lookAtOrganization()),
  },
  {
    source,
    name: 'CreateOrganization',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole; nothing in it is read' },
    looksAt: 'the organization, and everything: all of it is new',
    explains: { created: true },
    read: () => lookEverywhere('all of it is new', lookAtOrganization()),
  },
  {
    source,
    name: 'DeleteOrganization',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole; nothing in it is read' },
    looksAt: 'everything',
    explains: { ended: true },
    read: () => lookEverywhere('the organization is said to be gone'),
  },
  ...(
    [
      ['EnablePolicyType', { unverified: 'the record as a whole; it is expected to be that of DisablePolicyType' }],
      ['DisablePolicyType', 'sample'],
    ] as const
  ).map(([name, evidence]): EventKind => ({
    source,
    name,
    loggedIn: 'calling account: management or delegated administrator',
    evidence,
    looksAt: "the root's core (its policy types); AWS changes them with a delay, so the confirming reads matter here",
    explains: { updated: { core: ['policyTypes'] } },
    read: lookAtPolicyTypes,
  })),
];

function lookAtPolicyTypes({ requestParameters, responseElements }: CloudTrailRecord): Meaning {
  const rootId = textAt(requestParameters, 'rootId') ?? textAt(responseElements, 'root', 'id');
  if (rootId === undefined || !idPatterns.root.test(rootId)) return lookEverywhere('names no root');
  return lookAt({ subject: subjectKey('root', rootId), parts: ['core'] });
}
