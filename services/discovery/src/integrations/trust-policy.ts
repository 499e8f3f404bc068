import { permissions } from '@orgtrail/aws';
import type { StoredIntegration } from './integration.js';

/** What the management account's role may do: the reads of a full sync and of refreshes, and its queue. */
const readsOfManagement = Object.entries(permissions)
  .filter(([, action]) => action.startsWith('organizations:') || action === 'tag:GetResources')
  .map(([, action]) => action);

/** The IAM documents for the role of the management account and, under the same name, of every member account. Pure. */
export function roleDocuments({ settings, externalId, previousExternalId }: StoredIntegration, trusted: string) {
  const externalIds = [externalId, previousExternalId?.value].filter((id): id is string => id !== undefined);
  const { roleArn, queueUrl } = settings;
  const path = roleArn === null ? undefined : roleArn.slice(roleArn.indexOf(':role/') + ':role/'.length);
  return {
    roleName: path ?? 'orgtrail',
    trustedPrincipal: trusted,
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow' as const,
          Principal: { AWS: trusted },
          Action: 'sts:AssumeRole',
          ...(externalIds.length === 0
            ? {}
            : {
                Condition: {
                  StringEquals: { 'sts:ExternalId': externalIds.length === 1 ? (externalIds[0] ?? '') : externalIds },
                },
              }),
        },
      ],
    },
    /** Members need no more than this one. */
    permissions: policyDocument(['organizations:DescribeOrganization']),
    managementPermissions: policyDocument(readsOfManagement, queueUrl === null ? [] : [queueStatement(queueUrl)]),
  };
}

function policyDocument(actions: readonly string[], more: readonly object[] = []) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: [...new Set(actions)].sort(), Resource: '*' }, ...more],
  };
}

function queueStatement(queueUrl: string) {
  const { hostname, pathname } = new URL(queueUrl);
  const region = /^sqs\.([a-z0-9-]+)\./.exec(hostname)?.[1] ?? 'us-east-1';
  const [, accountId = '', name = ''] = pathname.split('/');
  const partition = hostname.endsWith('.cn') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return {
    Effect: 'Allow',
    Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    Resource: `arn:${partition}:sqs:${region}:${accountId}:${name}`,
  };
}
