import type { EventSource } from './event-kind.js';

/** Events that are known, and say nothing about what is observed. */
export const irrelevantEvents: readonly { source: EventSource; why: string; names: readonly string[] }[] = [
  {
    source: 'organizations.amazonaws.com',
    why: 'policies are not observed',
    names: [
      'CreatePolicy',
      'UpdatePolicy',
      'DeletePolicy',
      'AttachPolicy',
      'DetachPolicy',
      'PutResourcePolicy',
      'DeleteResourcePolicy',
      'EffectivePolicyValidation',
    ],
  },
  {
    source: 'organizations.amazonaws.com',
    why: 'trusted access of services is not observed',
    names: ['EnableAWSServiceAccess', 'DisableAWSServiceAccess'],
  },
  {
    source: 'organizations.amazonaws.com',
    why: 'transfers of billing responsibility leave the tree as it is',
    names: [
      'InviteOrganizationToTransferResponsibility',
      'UpdateResponsibilityTransfer',
      'TerminateResponsibilityTransfer',
      'ResponsibilityTransferAccepted',
      'ResponsibilityTransferTerminated',
    ],
  },
  {
    source: 'account.amazonaws.com',
    why: 'contacts and Regions of an account are not observed',
    names: [
      'PutAlternateContact',
      'DeleteAlternateContact',
      'PutContactInformation',
      'EnableRegion',
      'DisableRegion',
      'SendPhoneNumberVerification',
      'VerifyPhoneNumber',
    ],
  },
  {
    source: 'account.amazonaws.com',
    why: 'the address changes with `AcceptPrimaryEmailUpdate`',
    names: ['StartPrimaryEmailUpdate'],
  },
  {
    source: 'controltower.amazonaws.com',
    why: 'governance by Control Tower is not observed; the OU itself has its own events',
    names: [
      'RegisterOrganizationalUnit',
      'DeregisterOrganizationalUnit',
      'PrecheckOrganizationalUnit',
      'SetupLandingZone',
      'UpdateLandingZone',
      'EnableGuardrail',
      'DisableGuardrail',
      'EnableBaseline',
      'ResetEnabledBaseline',
      'UpdateEnabledBaseline',
      'DisableBaseline',
      'EnableControl',
      'ResetEnabledControl',
      'UpdateEnabledControl',
      'DisableControl',
    ],
  },
];
