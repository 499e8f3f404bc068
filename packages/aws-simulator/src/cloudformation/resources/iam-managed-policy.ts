import type { ManagedPolicy } from '../../iam/managed-policies.js';
import type { Properties } from './properties.js';
import type { Made, ResourcePlace, ResourceType } from './resource-type.js';

export const iamManagedPolicy: ResourceType = {
  name: 'AWS::IAM::ManagedPolicy',
  properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
  replacedBy: ['ManagedPolicyName', 'Path', 'Description'],
  iam: { nameProperty: 'ManagedPolicyName' },

  create(place, properties) {
    const { policies } = place.services.iam;
    const policy = policies.create({
      accountId: place.accountId,
      name: properties.optionalText('ManagedPolicyName') ?? place.newName(128),
      path: properties.optionalText('Path') ?? '/',
      document: properties.document('PolicyDocument'),
      description: properties.optionalText('Description') ?? '',
      now: place.services.now(),
    });
    try {
      attach(place, policy.arn, properties.texts('Roles'));
    } catch (error) {
      detach(place, policy.arn, properties.texts('Roles'));
      policies.delete(policy.arn, 0);
      throw error;
    }
    return madeOf(policy);
  },

  update(place, made, properties, before) {
    const { policies } = place.services.iam;
    policies.change(made.physicalId, properties.document('PolicyDocument'), place.services.now());
    attach(place, made.physicalId, properties.texts('Roles'));
    detach(place, made.physicalId, without(before, properties));
    return made;
  },

  delete(place, made, properties) {
    const { policies, roles } = place.services.iam;
    detach(place, made.physicalId, properties.texts('Roles'));
    policies.delete(made.physicalId, roles.attachmentsOf(made.physicalId));
  },
};

const madeOf = ({ arn, id }: ManagedPolicy): Made => ({ physicalId: arn, attributes: { PolicyArn: arn, PolicyId: id } });

const without = (before: Properties, now: Properties): string[] =>
  before.texts('Roles').filter((role) => !now.texts('Roles').includes(role));

function attach({ services: { iam }, accountId }: ResourcePlace, arn: string, roleNames: string[]): void {
  for (const name of roleNames) iam.roles.attach(iam.roles.get(accountId, name), arn);
}

function detach({ services: { iam }, accountId }: ResourcePlace, arn: string, roleNames: string[]): void {
  for (const role of iam.roles.list(accountId)) {
    if (roleNames.includes(role.name) && role.attachedPolicies.has(arn)) iam.roles.detach(role, arn);
  }
}
