import { describe, expect, it } from '@jest/globals';
import type { OrganizationReader } from '@orgtrail/aws';
import { subjectKey } from '../subjects.js';
import { readSubject, type ReadContext } from './read-subject.js';

type Parent = Awaited<ReturnType<OrganizationReader['listParents']>>[number];

const accountId = '444455556666';
const root: Parent = { id: 'r-abcd', type: 'ROOT' };
/** Where AWS gives no paths, and answers ListParents so. */
function placed(parents: Parent[], conflictingPaths?: string[]): ReadContext {
  const arn = `arn:aws:organizations::111122223333:account/o-exampleorgid/${accountId}`;
  const reader: Partial<OrganizationReader> = {
    describeAccount: () =>
      Promise.resolve({ id: accountId, arn, name: 'one', ...(conflictingPaths === undefined ? {} : { conflictingPaths }) }),
    listParents: () => Promise.resolve(parents),
  };
  return {
    reader: reader as OrganizationReader,
    version: 1n,
    ancestorsOf: () => Promise.resolve(undefined),
    organizationId: 'o-exampleorgid',
    proveSession: () => Promise.resolve(),
  };
}
const read = (context: ReadContext) => readSubject(context, subjectKey('account', accountId), ['placement']);

describe('where an account hangs', () => {
  it('is what ListParents says, where no path does', async () => {
    const { reads, unread } = await read(placed([root]));
    expect(reads).toContainEqual({
      part: 'placement',
      version: 1n,
      value: { parentId: 'r-abcd', ancestorIds: ['r-abcd'] },
    });
    expect(unread).toEqual([]);
  });

  it.each([
    ['none', []],
    ['several', [root, { ...root, id: 'r-efgh' }]],
  ])('is unread when ListParents names %s: it stays due, and somebody hears why', async (_, parents) => {
    const { reads, unread } = await read(placed(parents));
    expect(reads.map(({ part }) => part)).toEqual(['core']);
    expect(unread).toMatchObject([{ part: 'placement', error: { message: expect.stringContaining('ListParents') } }]);
  });

  it('is answered when AWS shows it in two places: another call would not tell more', async () => {
    const conflictingPaths = ['o-exampleorgid/r-abcd/', 'o-exampleorgid/r-abcd/ou-abcd-11111111/'];
    const { reads, unread } = await read(placed([root], conflictingPaths));
    expect(reads).toMatchObject([{ part: 'core', value: { conflictingPaths } }]);
    expect(unread).toEqual([]);
  });
});
