import type { OnboardingValues } from '../values.js';
import { eventPathChoices } from './management-template.js';

/** The parameters of the role, by name; those at their default are named too, so that people see them. */
export function membersParameters(values: OnboardingValues): Record<string, string> {
  return {
    OrgtrailPrincipalArn: values.trustedPrincipal,
    ExternalId: values.externalId,
    PreviousExternalId: values.previousExternalId ?? '',
    RoleName: values.roleName,
    RolePath: values.rolePath,
  };
}

export function managementParameters(values: OnboardingValues): Record<string, string> {
  return {
    ...membersParameters(values),
    // Who has a queue of his own has the rule that fills it.
    EventPath: values.otherQueueArn === undefined ? eventPathChoices.create : eventPathChoices.leaveOut,
    QueueArn: values.otherQueueArn ?? '',
    ForwardingAccountIds: values.forwardingAccountIds.join(','),
  };
}
