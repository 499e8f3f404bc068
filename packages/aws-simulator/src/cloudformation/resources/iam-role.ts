import { optionalText } from '../../wire/query-fields.js';
import { pathRules, roleNameRules, sessionSecondsOf } from '../../iam/role-operations.js';
import type { IamRole } from '../../iam/roles.js';
import type { Properties } from './properties.js';
import type { Made, ResourcePlace, ResourceType } from './resource-type.js';

const policyMembers = ['PolicyName', 'PolicyDocument'];

export const iamRole: ResourceType = {
  name: 'AWS::IAM::Role',
  properties: [
    'AssumeRolePolicyDocument',
    'Description',
    'ManagedPolicyArns',
    'MaxSessionDuration',
    'Path',
    'Policies',
    'RoleName',
    'Tags',
  ],
  replacedBy: ['RoleName', 'Path'],
  iam: { nameProperty: 'RoleName' },

  create(place, properties) {
    const { roles } = place.services.iam;
    const role = roles.create({
      accountId: place.accountId,
      name: optionalText(properties.values, 'RoleName', roleNameRules) ?? place.newName(64),
      path: optionalText(properties.values, 'Path', pathRules) ?? '/',
      trustDocument: properties.document('AssumeRolePolicyDocument'),
      description: properties.optionalText('Description') ?? '',
      maxSessionSeconds: sessionSecondsOf(properties.optionalText('MaxSessionDuration')) ?? 3600,
      tags: properties.tags(place.stackTags),
    });
    try {
      setPolicies(place, role, properties);
    } catch (error) {
      // CloudFormation leaves no half-made role.
      removePolicies(place, role, properties);
      roles.delete(role);
      throw error;
    }
    return madeOf(role);
  },

  update(place, made, properties, before) {
    const { roles } = place.services.iam;
    const role = roles.get(place.accountId, made.physicalId);
    if (properties.differs(before, 'AssumeRolePolicyDocument')) {
      roles.changeTrust(role, properties.document('AssumeRolePolicyDocument'));
    }
    setPolicies(place, role, properties);
    removePolicies(place, role, before, properties);
    role.description = properties.optionalText('Description') ?? '';
    role.maxSessionSeconds = sessionSecondsOf(properties.optionalText('MaxSessionDuration')) ?? 3600;
    role.tags.clear();
    for (const [key, value] of properties.tags(place.stackTags)) role.tags.set(key, value);
    return madeOf(role);
  },

  delete(place, { physicalId }, properties) {
    const { roles } = place.services.iam;
    const role = roles.get(place.accountId, physicalId);
    removePolicies(place, role, properties);
    roles.delete(role);
  },
};

const madeOf = ({ name, arn, id }: IamRole): Made => ({ physicalId: name, attributes: { Arn: arn, RoleId: id } });

function setPolicies({ services: { iam } }: ResourcePlace, role: IamRole, properties: Properties): void {
  for (const policy of properties.objects('Policies', policyMembers)) {
    iam.roles.putPolicy(role, policy.text('PolicyName'), policy.document('PolicyDocument'));
  }
  for (const arn of properties.texts('ManagedPolicyArns')) iam.roles.attach(role, arn);
}

/** Those that the template gave, apart from those that it still gives. What others put on the role stays. */
function removePolicies({ services: { iam } }: ResourcePlace, role: IamRole, given: Properties, still?: Properties): void {
  const names = (properties: Properties | undefined) =>
    (properties?.objects('Policies', policyMembers) ?? []).map((policy) => policy.text('PolicyName'));
  for (const name of names(given)) {
    if (!names(still).includes(name) && role.inlinePolicies.has(name)) iam.roles.deletePolicy(role, name);
  }
  for (const arn of given.texts('ManagedPolicyArns')) {
    if (!still?.texts('ManagedPolicyArns').includes(arn) && role.attachedPolicies.has(arn)) iam.roles.detach(role, arn);
  }
}
