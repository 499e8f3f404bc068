import { describe, expect, it } from '@jest/globals';
import { placementOfPath, readAccount, readTags } from './parse.js';

const arn = 'arn:aws:organizations::111122223333:account/o-exampleorgid/444455556666';
const account = { Id: '444455556666', Arn: arn, Name: 'payments' };
const path = 'o-exampleorgid/r-ab12/ou-ab12-11111111/444455556666/';

describe('reading AWS answers', () => {
  it('takes the placement from exactly one legal path', () => {
    expect(readAccount({ ...account, Paths: [path] }, 'ListAccounts').placement).toEqual({
      parentId: 'ou-ab12-11111111',
      ancestorIds: ['r-ab12', 'ou-ab12-11111111'],
    });
    expect(placementOfPath('o-exampleorgid/r-ab12/444455556666/', '444455556666')).toEqual({
      parentId: 'r-ab12',
      ancestorIds: ['r-ab12'],
    });
  });

  it.each([
    '',
    '/',
    'o-exampleorgid/',
    'r-ab12/444455556666/',
    'o-x/r-ab12/ou-ab12-1/999999999999/',
    'o-x/../r-ab12/444455556666/',
  ])('does not place an account by the path "%s"', (illegal) => expect(placementOfPath(illegal, '444455556666')).toBeUndefined());

  it('leaves placement unread when there is no path, and shows several as a conflict', () => {
    expect(readAccount(account, 'ListAccounts')).not.toHaveProperty('placement');
    const two = readAccount({ ...account, Paths: [path, 'o-exampleorgid/r-ab12/444455556666/'] }, 'ListAccounts');
    expect(two.placement).toBeUndefined();
    expect(two.conflictingPaths).toHaveLength(2);
  });

  it('uses State, tolerates the retired Status, and knows that neither means unknown', () => {
    expect(readAccount({ ...account, State: 'CLOSED', Status: 'SUSPENDED' }, 'DescribeAccount').state).toBe('CLOSED');
    expect(readAccount({ ...account, Status: 'SUSPENDED' }, 'DescribeAccount').state).toBe('SUSPENDED');
    expect(readAccount(account, 'DescribeAccount')).not.toHaveProperty('state');
  });

  it('takes a masked value for no value', () => {
    expect(readAccount({ ...account, Email: '****' }, 'DescribeAccount')).not.toHaveProperty('email');
    expect(() => readAccount({ ...account, Name: '****' }, 'DescribeAccount')).toThrow('lacks Name');
  });

  it('refuses an account id that has not 12 digits', () => {
    expect(() => readAccount({ ...account, Id: '1234' }, 'ListAccounts')).toThrow('not 12 digits');
  });

  it('keeps tag values exactly, and a tag whose key is __proto__ is a tag like others', () => {
    const tags = readTags([
      { Key: 'cost', Value: '007' },
      { Key: '__proto__', Value: 'x' },
      { Key: 'empty', Value: '' },
    ]);
    expect(Object.entries(tags)).toEqual([
      ['cost', '007'],
      ['__proto__', 'x'],
      ['empty', ''],
    ]);
  });
});
