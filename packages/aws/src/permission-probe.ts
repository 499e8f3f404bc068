import {
  DescribeAccountCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListDelegatedAdministratorsCommand,
  ListDelegatedServicesForAccountCommand,
  ListHandshakesForOrganizationCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-organizations';
import { DescribeTrailsCommand, GetEventSelectorsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type BatchResultErrorEntry,
} from '@aws-sdk/client-sqs';
import type { AwsClients } from './aws-clients.js';
import { AwsError } from './errors.js';
import { eventPathNames } from './event-path-names.js';
import type { PermissionAnswer, PermissionContext } from './permission-answer.js';
import type { ManagementRoleAction } from './role-actions.js';

export interface PermissionProbeOptions extends AwsClients {
  /** Of Organizations. */
  region: string;
  call<T>(operation: string, send: () => Promise<T>): Promise<T>;
}

interface Probe {
  /** In the context; without these there is nothing to try it on. */
  needs: readonly (keyof PermissionContext)[];
  /** Called with what it needs. */
  send(context: Required<PermissionContext>, given: PermissionContext): Promise<unknown>;
}

const MaxResults = 1;
/** AWS looks at the permission before it looks for the thing: what does not exist is as good to ask for. */
const noOrganizationalUnit = 'ou-0000-00000000';
const noTrail = 'orgtrail-permission-check';
const noReceipt = 'orgtrail-permission-check';
/** Answers to calls that were allowed, and had nothing to work on. */
const allowedCodes = new Set(['ReceiptHandleIsInvalid', 'InvalidReceiptHandle', 'AccountNotRegisteredException']);

/** Tries an action with one cheap call that changes nothing. Never rejects for what AWS answers. */
export function createPermissionProbe(
  options: PermissionProbeOptions,
): (action: string, context: PermissionContext) => Promise<PermissionAnswer> {
  const probes: Readonly<Record<string, Probe | undefined>> = probesOf(options);
  return async (action, context) => {
    const probe = probes[action];
    if (!probe) throw new RangeError(`${action} is no action of the management account's role.`);
    const missing = probe.needs.find((name) => context[name] === undefined);
    if (missing !== undefined) return { outcome: 'not-applicable', missing };
    try {
      await probe.send(context as Required<PermissionContext>, context);
      return { outcome: 'allowed' };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.kind === 'not-found' || allowedCodes.has(error.code ?? '')) return { outcome: 'allowed' };
      return { outcome: error.kind === 'denied' ? 'denied' : 'unknown', error };
    }
  };
}

function probesOf(options: PermissionProbeOptions): Record<ManagementRoleAction, Probe> {
  const { organizations, tagging, events, trailsOf, queuesOf, region, call } = options;
  const probe = (
    operation: string,
    needs: readonly (keyof PermissionContext)[],
    send: (context: Required<PermissionContext>) => Promise<unknown>,
  ): Probe => ({ needs, send: (context) => call(operation, () => send(context)) });
  /** The trail that was named is asked where it was made. */
  const trails = ({ trailArn }: PermissionContext) => trailsOf(trailArn?.split(':')[3] ?? region);
  const attributes = (QueueUrl: string) =>
    call('GetQueueAttributes', () =>
      queuesOf(QueueUrl).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
    );
  return {
    'organizations:DescribeOrganization': probe('DescribeOrganization', [], () =>
      organizations.send(new DescribeOrganizationCommand({})),
    ),
    'organizations:DescribeAccount': probe('DescribeAccount', ['managementAccountId'], ({ managementAccountId }) =>
      organizations.send(new DescribeAccountCommand({ AccountId: managementAccountId })),
    ),
    'organizations:DescribeOrganizationalUnit': probe('DescribeOrganizationalUnit', [], () =>
      organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: noOrganizationalUnit })),
    ),
    'organizations:ListAccounts': probe('ListAccounts', [], () => organizations.send(new ListAccountsCommand({ MaxResults }))),
    'organizations:ListAccountsForParent': probe('ListAccountsForParent', ['rootId'], ({ rootId }) =>
      organizations.send(new ListAccountsForParentCommand({ ParentId: rootId, MaxResults })),
    ),
    'organizations:ListChildren': probe('ListChildren', ['rootId'], ({ rootId }) =>
      organizations.send(new ListChildrenCommand({ ParentId: rootId, ChildType: 'ACCOUNT', MaxResults })),
    ),
    'organizations:ListDelegatedAdministrators': probe('ListDelegatedAdministrators', [], () =>
      organizations.send(new ListDelegatedAdministratorsCommand({ MaxResults })),
    ),
    'organizations:ListDelegatedServicesForAccount': probe(
      'ListDelegatedServicesForAccount',
      ['managementAccountId'],
      ({ managementAccountId }) =>
        organizations.send(new ListDelegatedServicesForAccountCommand({ AccountId: managementAccountId, MaxResults })),
    ),
    'organizations:ListHandshakesForOrganization': probe('ListHandshakesForOrganization', [], () =>
      organizations.send(new ListHandshakesForOrganizationCommand({ MaxResults })),
    ),
    'organizations:ListOrganizationalUnitsForParent': probe('ListOrganizationalUnitsForParent', ['rootId'], ({ rootId }) =>
      organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: rootId, MaxResults })),
    ),
    'organizations:ListParents': probe('ListParents', ['managementAccountId'], ({ managementAccountId }) =>
      organizations.send(new ListParentsCommand({ ChildId: managementAccountId, MaxResults })),
    ),
    'organizations:ListRoots': probe('ListRoots', [], () => organizations.send(new ListRootsCommand({ MaxResults }))),
    'organizations:ListTagsForResource': probe('ListTagsForResource', ['managementAccountId'], ({ managementAccountId }) =>
      organizations.send(new ListTagsForResourceCommand({ ResourceId: managementAccountId })),
    ),
    'tag:GetResources': probe('GetResources', [], () =>
      tagging.send(new GetResourcesCommand({ ResourceTypeFilters: ['organizations'], ResourcesPerPage: 1 })),
    ),
    // Visible to the intake again at once.
    'sqs:ReceiveMessage': probe('ReceiveMessage', ['queueUrl'], ({ queueUrl: QueueUrl }) =>
      queuesOf(QueueUrl).send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 0, VisibilityTimeout: 0 }),
      ),
    ),
    'sqs:DeleteMessage': probe('DeleteMessageBatch', ['queueUrl'], async ({ queueUrl: QueueUrl }) => {
      const Entries = [{ Id: 'check', ReceiptHandle: noReceipt }];
      throwRefusal(await queuesOf(QueueUrl).send(new DeleteMessageBatchCommand({ QueueUrl, Entries })));
    }),
    'sqs:ChangeMessageVisibility': probe('ChangeMessageVisibilityBatch', ['queueUrl'], async ({ queueUrl: QueueUrl }) => {
      const Entries = [{ Id: 'check', ReceiptHandle: noReceipt, VisibilityTimeout: 0 }];
      throwRefusal(await queuesOf(QueueUrl).send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })));
    }),
    'sqs:GetQueueAttributes': {
      needs: ['queueUrl'],
      send: async ({ queueUrl }, { undeliveredQueueUrl }) => {
        await attributes(queueUrl);
        if (undeliveredQueueUrl !== undefined) await attributes(undeliveredQueueUrl);
      },
    },
    'events:DescribeRule': probe('DescribeRule', [], () => events.send(new DescribeRuleCommand({ Name: eventPathNames.rule }))),
    'events:ListTargetsByRule': probe('ListTargetsByRule', [], () =>
      events.send(new ListTargetsByRuleCommand({ Rule: eventPathNames.rule, Limit: 1 })),
    ),
    'cloudtrail:DescribeTrails': probe('DescribeTrails', [], () =>
      trailsOf(region).send(new DescribeTrailsCommand({ includeShadowTrails: true })),
    ),
    'cloudtrail:GetTrailStatus': {
      needs: [],
      send: (_context, given) =>
        call('GetTrailStatus', () => trails(given).send(new GetTrailStatusCommand({ Name: given.trailArn ?? noTrail }))),
    },
    'cloudtrail:GetEventSelectors': {
      needs: [],
      send: (_context, given) =>
        call('GetEventSelectors', () =>
          trails(given).send(new GetEventSelectorsCommand({ TrailName: given.trailArn ?? noTrail })),
        ),
    },
  };
}

/** HTTP 200 of a batch may carry what was refused. */
function throwRefusal({ Failed: [refusal] = [] }: { Failed?: BatchResultErrorEntry[] | undefined }): void {
  if (refusal?.Code !== undefined) throw Object.assign(new Error(refusal.Message ?? refusal.Code), { name: refusal.Code });
}
