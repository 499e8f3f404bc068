import { UnavailableError } from '@orgtrail/service-runtime';
import { AwsError, type OrganizationRead, type OrganizationReader } from '@orgtrail/aws';

/** The credentials do not belong to an account that may read its organization. */
export class IntegrationRefused extends Error {
  readonly code: 'NOT_MANAGEMENT_OR_DELEGATED' | 'NOT_IN_ORGANIZATION' | 'CREDENTIALS' | 'ROLE_NOT_ASSUMABLE';
  readonly exitCode = 78;
  constructor(code: IntegrationRefused['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'IntegrationRefused';
    this.code = code;
  }
}

export interface RecognisedOrganization {
  organization: OrganizationRead;
  callerAccountId: string;
  /** False for a delegated administrator: it may read, but events must come from the management account's queue. */
  isManagementAccount: boolean;
}

/** Asks AWS who we are and of which organization; refuses callers that could only ever read a part of it. */
export async function recogniseOrganization(reader: OrganizationReader): Promise<RecognisedOrganization> {
  const caller = await refusing(() => reader.callerIdentity());
  const organization = await refusing(() => reader.describeOrganization(), caller.accountId);
  if (caller.accountId === organization.managementAccountId) {
    return { organization, callerAccountId: caller.accountId, isManagementAccount: true };
  }
  try {
    await reader.listRoots();
  } catch (error) {
    if (!(error instanceof AwsError && error.kind === 'denied')) throw error;
    throw new IntegrationRefused(
      'NOT_MANAGEMENT_OR_DELEGATED',
      `Account ${caller.accountId} is an ordinary member of ${organization.id}: it may not read the organization. Use credentials or a role of the management account ${organization.managementAccountId}, or of a delegated administrator.`,
      error,
    );
  }
  return { organization, callerAccountId: caller.accountId, isManagementAccount: false };
}

async function refusing<T>(work: () => Promise<T>, accountId?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'credentials') {
      throw new IntegrationRefused('CREDENTIALS', error.message, error);
    }
    // GetCallerIdentity needs no permission: what AWS refused is to assume the role.
    if (error instanceof AwsError && error.kind === 'denied' && accountId === undefined) {
      throw new IntegrationRefused(
        'ROLE_NOT_ASSUMABLE',
        `The role cannot be assumed: create it with the documents of \`orgtrail integration trust-policy\`. ${error.message}`,
        error,
      );
    }
    if (error instanceof AwsError && error.kind === 'unreachable') {
      throw new UnavailableError(`${error.message} Check the network, AWS_REGION and AWS_ENDPOINT_URL.`, { cause: error });
    }
    if (error instanceof AwsError && error.kind === 'malformed') {
      throw new UnavailableError(`${error.message} Check AWS_ENDPOINT_URL, and what stands between here and AWS.`, {
        cause: error,
      });
    }
    if (error instanceof AwsError && error.kind === 'not-in-organization') {
      throw new IntegrationRefused(
        'NOT_IN_ORGANIZATION',
        `Account ${accountId ?? 'of these credentials'} is in no organization. Use credentials or a role of an organization's management account.`,
        error,
      );
    }
    throw error;
  }
}
