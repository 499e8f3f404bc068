import { describe, expect, it } from '@jest/globals';
import { memberRoleArn } from './member-role.js';

describe('the role of a member', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/orgtrail', 'arn:aws:iam::999988887777:role/orgtrail'],
    ['arn:aws:iam::111122223333:role/security/orgtrail', 'arn:aws:iam::999988887777:role/security/orgtrail'],
    ['arn:aws-us-gov:iam::111122223333:role/a/b/c@d', 'arn:aws-us-gov:iam::999988887777:role/a/b/c@d'],
  ])('of %s keeps partition, path and name', (management, member) => {
    expect(memberRoleArn(management, '999988887777')).toBe(member);
  });

  it('is not there while the integration has none', () => {
    expect(memberRoleArn(null, '999988887777')).toBeUndefined();
  });
});
