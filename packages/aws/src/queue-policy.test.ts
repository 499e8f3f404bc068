import { describe, expect, it } from '@jest/globals';
import { queuePolicyAllows } from './queue-policy.js';
import { withEventStatement, withoutEventStatement } from './queue-statement.js';

const ruleArn = 'arn:aws:events:us-east-1:111122223333:rule/orgtrail-organization-events';
const queueArn = 'arn:aws:sqs:us-east-1:111122223333:orgtrail-events';
const delivery = { ruleArn, queueArn, accountId: '111122223333' };
const ours = withEventStatement(undefined, delivery);
const [statement] = ours.Statement;
const allow = (more: object) => ({ Version: '2012-10-17', Statement: { ...statement, ...more } });
const deny = (more: object) => ({
  Version: '2012-10-17',
  Statement: [statement, { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: queueArn, ...more }],
});
const verdict = (policy: unknown) => queuePolicyAllows(policy, delivery);

describe('whether a queue takes what the rule sends', () => {
  it('is allowed by our own statement', () => expect(verdict(ours)).toBe('allowed'));

  it.each<[string, object]>([
    ['all actions', { Action: 'SQS:*' }],
    ['one action of several', { Action: ['sqs:ReceiveMessage', 'sqs:sendmessage'] }],
    ['everyone with a condition', { Principal: '*' }],
    ['everyone, the other way of saying it', { Principal: { AWS: '*' } }],
    ['several services', { Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] } }],
    ['all resources', { Resource: '*' }],
    ['no condition', { Condition: undefined }],
    ['all rules of the account', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:111122223333:rule/*' } } }],
    ['the account', { Condition: { StringEquals: { 'AWS:SourceAccount': ['111122223333', '444455556666'] } } }],
    ['TLS', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ['all actions but another', { Action: undefined, NotAction: 'sqs:DeleteQueue' }],
  ])('%s: allowed', (_what, more) => expect(verdict(allow(more))).toBe('allowed'));

  it.each<[string, unknown]>([
    ['no policy', undefined],
    ['another service', allow({ Principal: { Service: 'sns.amazonaws.com' } })],
    ['an account', allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } })],
    ['another action', allow({ Action: 'sqs:ReceiveMessage' })],
    ['another queue', allow({ Resource: `${queueArn}-other` })],
    ['another rule', allow({ Condition: { ArnEquals: { 'aws:SourceArn': `${ruleArn}-other` } } })],
    [
      'a star that would have to reach over a colon',
      allow({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*rule/*' } } }),
    ],
    ['another account', allow({ Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } } })],
    ['one condition of two', allow({ Condition: { StringEquals: { 'aws:SourceOrgID': 'o-1', 'aws:SourceAccount': '4' } } })],
    ['a denial', deny({})],
    [
      'a denial of what is not of another account',
      deny({ Condition: { StringNotEquals: { 'aws:SourceAccount': '444455556666' } } }),
    ],
  ])('%s: denied', (_what, policy) => expect(verdict(policy)).toBe('denied'));

  it.each<[string, object]>([
    ['without TLS', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    ['from other accounts', { Condition: { StringNotEquals: { 'aws:SourceAccount': '111122223333' } } }],
    ['of another action', { Action: 'sqs:ReceiveMessage' }],
    [
      'from outside, except services',
      { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' }, Bool: { 'aws:PrincipalIsAWSService': 'false' } } },
    ],
  ])('a denial %s does not matter', (_what, more) => expect(verdict(deny(more))).toBe('allowed'));

  it.each<[string, unknown]>([
    ['a condition on the organization', allow({ Condition: { StringEquals: { 'aws:SourceOrgID': 'o-1' } } })],
    ['an operator that is not known', allow({ Condition: { 'ForAnyValue:StringLike': { 'aws:SourceArn': ruleArn } } })],
    ['a denial that can not be judged', deny({ Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } })],
    ['a denial of all others', deny({ Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } })],
    ['no JSON', 'oops'],
  ])('%s: unknown', (_what, policy) => expect(verdict(policy)).toBe('unknown'));
});

describe('our statement in a policy', () => {
  const foreign = { Sid: 'Audit', Effect: 'Allow', Principal: '*', Action: 'sqs:GetQueueUrl', Resource: queueArn };
  const policy = { Version: '2008-10-17', Id: 'theirs', Statement: [foreign] };

  it('is added beside those of others, and taken out again without a trace', () => {
    const merged = withEventStatement(policy, delivery);
    expect(merged).toEqual({ Version: '2008-10-17', Id: 'theirs', Statement: [foreign, statement] });
    expect(withoutEventStatement(merged)).toEqual(policy);
    expect(withoutEventStatement(policy)).toBeUndefined();
  });

  it('takes the place of an older one', () => {
    const older = { ...statement, Resource: 'arn:aws:sqs:us-east-1:111122223333:former' };
    expect(withEventStatement({ ...policy, Statement: [older, foreign] }, delivery).Statement).toEqual([foreign, statement]);
  });
});
