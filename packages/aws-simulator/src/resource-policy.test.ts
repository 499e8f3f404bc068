import { describe, expect, it } from '@jest/globals';
import { policyAllows } from './resource-policy.js';

const wanted = {
  principal: { accountId: '111122223333' },
  action: 'events:PutEvents',
  resource: 'arn:aws:events:us-east-1:444455556666:event-bus/default',
  context: { 'aws:principalorgid': 'o-mine' },
};
const allow = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
const allowed = (...statements: object[]): boolean => policyAllows(JSON.stringify({ Statement: statements }), wanted);

describe('a policy of a resource', () => {
  it('lets nobody in by itself', () => {
    expect(policyAllows(undefined, wanted)).toBe(false);
    expect(allowed()).toBe(false);
  });

  it('keeps out whom a statement denies, whatever another one allows', () => {
    expect(allowed(allow)).toBe(true);
    expect(allowed(allow, { ...allow, Effect: 'Deny' })).toBe(false);
    expect(allowed(allow, { ...allow, Effect: 'Deny', Principal: { AWS: '999988887777' } })).toBe(true);
    // What is not simulated is taken to deny.
    expect(allowed(allow, { ...allow, Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })).toBe(false);
  });

  it.each([
    ['111122223333', true],
    ['arn:aws:iam::111122223333:root', true],
    [['999988887777', '111122223333'], true],
    ['*', true],
    ['arn:aws:iam::111122223333:role/one', false],
    ['999988887777', false],
  ])('knows the account of %j', (AWS, expected) => {
    expect(allowed({ ...allow, Principal: { AWS } })).toBe(expected);
  });

  it.each([
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-mine' } }, true],
    [{ StringEquals: { 'aws:PrincipalOrgID': ['o-other', 'o-mine'] } }, true],
    [{ StringLike: { 'aws:PrincipalOrgID': 'o-*' } }, true],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-other' } }, false],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-mine', 'aws:SourceAccount': '111122223333' } }, false],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-mine' }, Null: { 'aws:SourceArn': 'true' } }, false],
  ])('wants every condition of %j', (Condition, expected) => {
    expect(allowed({ ...allow, Condition })).toBe(expected);
  });
});
