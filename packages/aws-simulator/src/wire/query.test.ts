import { describe, expect, it } from '@jest/globals';
import { AwsError } from './errors.js';
import { answerWith, errorAnswer } from './protocols.js';
import { queryInput } from './query-form.js';

const protocol = { query: '2010-05-08', namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' };

describe('the form of the query protocol', () => {
  it('is read as lists and objects, in the order of the numbers', () => {
    const form = [
      'Action=CreateStackSet&Version=2010-05-15&StackSetName=a%20b',
      'Parameters.member.2.ParameterKey=second&Parameters.member.1.ParameterKey=first&Parameters.member.10.ParameterKey=tenth',
      'AutoDeployment.Enabled=true&DeploymentTargets.OrganizationalUnitIds.member.1=r-abcd&Tags=',
    ].join('&');
    expect(queryInput(form)).toEqual({
      StackSetName: 'a b',
      Parameters: [{ ParameterKey: 'first' }, { ParameterKey: 'second' }, { ParameterKey: 'tenth' }],
      AutoDeployment: { Enabled: 'true' },
      DeploymentTargets: { OrganizationalUnitIds: ['r-abcd'] },
      Tags: '',
    });
  });

  it('cannot reach what every object has', () => {
    expect(queryInput('__proto__.polluted=yes&constructor.prototype.polluted=yes')).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('answers of the query protocol', () => {
  it('write lists, dates, numbers and truth as XML, and leave out what there is not', () => {
    const output = {
      Roles: [{ RoleName: 'a<b', CreateDate: new Date(0), Path: undefined }, { RoleName: 'c' }],
      IsTruncated: false,
      Count: 2,
      Empty: [],
    };
    expect(answerWith(output, { protocol, operation: 'ListRoles', requestId: 'r1' }).body).toBe(
      '<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolesResult>' +
        '<Roles><member><RoleName>a&lt;b</RoleName><CreateDate>1970-01-01T00:00:00.000Z</CreateDate></member>' +
        '<member><RoleName>c</RoleName></member></Roles><IsTruncated>false</IsTruncated><Count>2</Count><Empty></Empty>' +
        '</ListRolesResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></ListRolesResponse>',
    );
  });

  it('have no result where the operation has no output', () => {
    const { body } = answerWith(undefined, { protocol, operation: 'DeleteRole', requestId: 'r1' });
    expect(body).not.toContain('Result');
    expect(body).toContain('<RequestId>r1</RequestId>');
  });

  it('say whose fault an error is', () => {
    const error = new AwsError('NoSuchEntity', 'no "role" & no path\u0000', { status: 404 });
    expect(errorAnswer(error, { protocol, requestId: 'r1' })).toMatchObject({
      status: 404,
      body: expect.stringContaining(
        '<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no "role" &amp; no path</Message></Error>',
      ),
    });
  });
});
