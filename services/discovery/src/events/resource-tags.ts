import { subjectOfResource } from '../subjects.js';
import type { EventKind, Meaning } from './event-kind.js';
import { lookAt, lookEverywhere } from './event-kind.js';
import { textAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

/** Policies (`p-`), resource policies (`rp-`) and responsibility transfers (`rt-`) carry tags too. */
const notObserved = /^(p|rp|rt)-/;

export const resourceTags: readonly EventKind[] = ['TagResource', 'UntagResource'].map((name): EventKind => ({
  source: 'organizations.amazonaws.com',
  name,
  loggedIn: 'calling account: management or delegated administrator',
  evidence: {
    unverified: 'the record as a whole, whether values in it are masked, and whether tags given at creation yield one',
  },
  looksAt: 'the tags of the named account, OU or root; nothing for a policy',
  explains: { updated: { tags: 'any' } },
  read: ({ requestParameters }: CloudTrailRecord): Meaning => {
    const resourceId = textAt(requestParameters, 'resourceId') ?? '';
    if (notObserved.test(resourceId)) return 'irrelevant';
    const subject = subjectOfResource(resourceId);
    return subject === undefined
      ? lookEverywhere('names no account, organizational unit or root')
      : lookAt({ subject, parts: ['tags'] });
  },
}));
