import type { Identities } from '../sts/identities.js';
import { queryServiceErrors } from '../wire/service-errors.js';
import type { Service } from '../wire/service.js';
import { ManagedPolicies } from './managed-policies.js';
import { policyOperations } from './policy-operations.js';
import { roleOperations } from './role-operations.js';
import { IamRoles } from './roles.js';

/** IAM of all accounts. */
export interface Iam {
  readonly roles: IamRoles;
  readonly policies: ManagedPolicies;
}

export function createIam(from: { partition: string; identities: Identities; now: () => number }): Iam {
  const policies = new ManagedPolicies(from.partition);
  return { policies, roles: new IamRoles({ ...from, policies }) };
}

export const iamService: Service = {
  name: 'iam',
  actions: 'iam',
  protocol: { query: '2010-05-08', namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  errors: queryServiceErrors,
  operations: new Map([...roleOperations, ...policyOperations]),
};
