import type { Properties } from './properties.js';
import type { Made, ResourcePlace, ResourceType } from './resource-type.js';

/** An inline policy of one or more roles. Users and groups are not simulated. */
export const iamPolicy: ResourceType = {
  name: 'AWS::IAM::Policy',
  properties: ['PolicyDocument', 'PolicyName', 'Roles'],
  replacedBy: ['PolicyName'],
  iam: {},

  create(place, properties) {
    put(place, properties);
    return madeOf(place);
  },

  update(place, made, properties, before) {
    put(place, properties);
    const still = properties.texts('Roles');
    for (const role of before.texts('Roles')) if (!still.includes(role)) remove(place, role, before.text('PolicyName'));
    return made;
  },

  delete(place, _made, properties) {
    for (const role of properties.texts('Roles')) remove(place, role, properties.text('PolicyName'));
  },
};

const madeOf = (place: ResourcePlace): Made => {
  const physicalId = place.newName(128);
  return { physicalId, attributes: { Id: physicalId } };
};

function put({ services: { iam }, accountId }: ResourcePlace, properties: Properties): void {
  const roles = properties.texts('Roles').map((name) => iam.roles.get(accountId, name));
  for (const role of roles) iam.roles.putPolicy(role, properties.text('PolicyName'), properties.document('PolicyDocument'));
}

/** Whoever deleted it, or its role, by hand is in nobody's way. */
function remove({ services: { iam }, accountId }: ResourcePlace, roleName: string, policyName: string): void {
  const role = iam.roles.list(accountId).find(({ name }) => name === roleName);
  if (role?.inlinePolicies.has(policyName)) iam.roles.deletePolicy(role, policyName);
}
