import { describe, expect, it } from '@jest/globals';
import { accountKey, organizationKey, parentKey } from './keys.js';
import { describeRelationship, relationshipType } from './relationship.js';

describe('relationship types', () => {
  it.each([
    ['aws_account', 'HAS', 'aws_account', 'aws_account_has_account'],
    ['aws_organization', 'HAS', 'aws_account', 'aws_organization_has_account'],
    ['aws_organization', 'HAS', 'aws_organizational_unit', 'aws_organization_has_organizational_unit'],
    ['aws_organizational_unit', 'HAS', 'aws_organizational_unit', 'aws_organizational_unit_has_unit'],
    ['aws_organizational_unit', 'HAS', 'aws_account', 'aws_organizational_unit_has_account'],
  ])('%s %s %s is %s, as the JupiterOne SDK computes it', (from, relationshipClass, to, type) => {
    expect(relationshipType(from, relationshipClass, to)).toBe(type);
  });
});

describe('keys', () => {
  const scope = { partition: 'aws-cn', organizationId: 'o-exampleorgid', managementAccountId: '111122223333' };
  it('are ARNs of the right partition', () => {
    expect(organizationKey(scope)).toBe('arn:aws-cn:organizations::111122223333:organization/o-exampleorgid');
    expect(parentKey(scope, 'r-ab12')).toBe('arn:aws-cn:organizations::111122223333:root/o-exampleorgid/r-ab12');
    expect(parentKey(scope, 'ou-ab12-11111111')).toBe(
      'arn:aws-cn:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111',
    );
    expect(accountKey(scope, '001122334455')).toBe('arn:aws-cn:iam::001122334455:root');
  });
  it('of relationships tell apart several between the same pair', () => {
    const ends = { fromKey: 'a', toKey: 'b' };
    expect(describeRelationship('managementHasMember', ends)).toEqual({
      key: 'a|has|b',
      type: 'aws_account_has_account',
      class: 'HAS',
      ...ends,
    });
    expect(describeRelationship('accountManagesOrganization', { ...ends, qualifier: 'guardduty.amazonaws.com' }).key).toBe(
      'a|manages|b|guardduty.amazonaws.com',
    );
  });
});
