import { describe, expect, it } from '@jest/globals';
import { hostile, partitions, valuesFor } from '../testing/onboarding.fixture.js';
import { connectByCloudFormation } from './cloudformation-way.js';
import { managementTemplate } from './management-template.js';
import { quickCreateLink } from './quick-create-link.js';

const hosts = {
  aws: 'us-east-1.console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
};
const templateUrls = {
  management: 'https://bucket.s3.us-east-1.amazonaws.com/a%20b/orgtrail-management.yaml',
  members: 'https://bucket.s3.us-east-1.amazonaws.com/a%20b/orgtrail-members.yaml',
};

/** What the console finds in the address: behind the #, fields are percent-encoded, and a + is a +. */
function fieldsOf(link: string): { address: URL; path: string; fields: Map<string, string> } {
  const address = new URL(link);
  const [path = '', query = ''] = address.hash.slice(1).split('?');
  const fields = new Map(
    query.split('&').map((field): [string, string] => {
      const [name = '', value = ''] = field.split('=');
      return [name, decodeURIComponent(value)];
    }),
  );
  return { address, path, fields };
}

describe('the quick-create link', () => {
  it.each(partitions)('of %s opens the console of the partition where its Organizations lives', (partition) => {
    const values = valuesFor(partition, { templateUrls });
    const { address, path, fields } = fieldsOf(quickCreateLink(values) ?? '');
    expect(address.host).toBe(hosts[partition]);
    expect(address.pathname).toBe('/cloudformation/home');
    expect(address.searchParams.get('region')).toBe(values.region);
    expect(path).toBe('/stacks/create/review');
    expect(fields.get('templateURL')).toBe(templateUrls.management);
    expect(fields.get('stackName')).toBe('orgtrail-integration');
  });

  it.each(partitions)('of %s fills in parameters that the template has, and none of them hidden', (partition) => {
    const values = valuesFor(partition, {
      ...hostile,
      templateUrls,
      previousExternalId: 'before+and=after',
      forwardingAccountIds: ['222233334444', '333344445555'],
      trustedPrincipal: `arn:${partition}:iam::999988887777:user/a+b/c=d`,
    });
    const { fields } = fieldsOf(quickCreateLink(values) ?? '');
    const given = Object.fromEntries(
      [...fields].filter(([name]) => name.startsWith('param_')).map(([name, value]) => [name.slice('param_'.length), value]),
    );
    const { Parameters } = managementTemplate();
    expect(Object.keys(given).sort()).toEqual(Object.keys(Parameters).sort());
    expect(given).toEqual({
      OrgtrailPrincipalArn: values.trustedPrincipal,
      ExternalId: hostile.externalId,
      PreviousExternalId: 'before+and=after',
      RoleName: hostile.roleName,
      RolePath: hostile.rolePath,
      EventPath: 'create',
      QueueArn: '',
      ForwardingAccountIds: '222233334444,333344445555',
    });
    for (const [name, value] of Object.entries(given)) {
      const { AllowedPattern = '', AllowedValues } = Parameters[name] ?? {};
      if (AllowedPattern !== '') expect(value).toMatch(new RegExp(AllowedPattern));
      if (AllowedValues) expect(AllowedValues).toContain(value);
    }
    expect(JSON.stringify(Parameters)).not.toContain('NoEcho');
  });

  it('leaves rule and queue out for who has a queue already, and lets the role read that one', () => {
    const otherQueueArn = 'arn:aws:sqs:us-east-1:111122223333:theirs';
    const { fields } = fieldsOf(quickCreateLink(valuesFor('aws', { templateUrls, otherQueueArn })) ?? '');
    expect(fields.get('param_EventPath')).toBe('leave-out');
    expect(fields.get('param_QueueArn')).toBe(otherQueueArn);
  });

  it('is there only with a template in a bucket and a console that we know; the commands always are', () => {
    expect(quickCreateLink(valuesFor('aws'))).toBeUndefined();
    expect(quickCreateLink(valuesFor('aws-iso', { templateUrls }))).toBeUndefined();
    const without = connectByCloudFormation(valuesFor('aws'));
    expect(without.link).toBeUndefined();
    expect(without.text).toContain('aws s3 cp orgtrail-management.yaml');
    expect(without.text).toContain('aws cloudformation deploy');
    const withLink = connectByCloudFormation(valuesFor('aws', { templateUrls }));
    expect(withLink.text).toContain(withLink.link);
    expect(withLink.text).not.toContain('aws s3 cp');
  });
});
