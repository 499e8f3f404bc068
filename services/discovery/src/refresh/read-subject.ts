import { AwsError, type AccountRead, type OrganizationReader } from '@orgtrail/aws';
import type { GoneReason, PartRead, Placement, Version } from '../observed/subject-state.js';
import { parseSubjectKey, type Part, type SubjectKey } from '../subjects.js';
import { accountCore, organizationCore } from './core-values.js';
import { placementByParents, type ParentsContext } from './placement-by-parents.js';
import type { SessionProof } from './session-proof.js';

export interface ReadContext extends ParentsContext {
  reader: OrganizationReader;
  /** Drawn after the requests were claimed, and before anything is read. */
  version: Version;
  organizationId: string;
  /** Asked before a not-found is believed. */
  proveSession: SessionProof;
}

/** What AWS answered about one subject. */
export interface SubjectReading {
  reads: PartRead[];
  /** AWS said that the subject does not exist, or is over. To be merged only when the rules allow the ending. */
  gone?: Extract<PartRead, { part: 'existence' }>;
  /** Parts that were not read, and why: they stay due. */
  unread: { part: Part; error: Error }[];
}

/**
 * Reads the given parts of one subject that can be asked for alone. Never rejects for an answer of AWS: what failed is reported as
 * unread.
 */
export async function readSubject(context: ReadContext, subject: SubjectKey, parts: readonly Part[]): Promise<SubjectReading> {
  const { kind, id } = parseSubjectKey(subject);
  const reading: SubjectReading = { reads: [], unread: [] };
  const wantsCore = parts.includes('core') || parts.includes('placement');

  if (wantsCore) await readCore(context, { kind, id, parts }, reading);
  if (parts.includes('tags') && reading.gone === undefined) await readTags(context, id, reading);
  return reading;
}

export function goneAt(version: Version, gone: GoneReason): SubjectReading {
  return { reads: [], gone: { part: 'existence', version, gone }, unread: [] };
}

interface Asked {
  kind: ReturnType<typeof parseSubjectKey>['kind'];
  id: string;
  parts: readonly Part[];
}

async function readCore(context: ReadContext, { kind, id, parts }: Asked, reading: SubjectReading): Promise<void> {
  const { version, reader } = context;
  try {
    switch (kind) {
      case 'organization': {
        reading.reads.push({ part: 'core', version, value: organizationCore(await reader.describeOrganization()) });
        break;
      }
      case 'ou': {
        const unit = await reader.describeOrganizationalUnit(id);
        reading.reads.push({ part: 'core', version, value: { arn: unit.arn, name: unit.name } });
        await readPlacement(context, id, unit.placement, reading);
        break;
      }
      case 'account': {
        const account = await reader.describeAccount(id);
        provesForeignOrganization(context, account);
        reading.reads.push({ part: 'core', version, value: accountCore(account) });
        if (account.conflictingPaths === undefined) await readPlacement(context, id, account.placement, reading);
        break;
      }
      case 'integration':
      case 'root':
      case 'delegation':
      case 'invitation':
        throw new Error(`A subject of kind ${kind} cannot be asked for alone.`);
    }
  } catch (error) {
    const isGone = error instanceof AwsError && error.kind === 'not-found' && (kind === 'account' || kind === 'ou');
    const doubt = isGone ? await context.proveSession().then(() => undefined, asError) : asError(error);
    if (doubt === undefined) {
      reading.gone = { part: 'existence', version, gone: 'not-found' };
      return;
    }
    for (const part of ['core', 'placement'] as const) {
      if (parts.includes(part)) reading.unread.push({ part, error: doubt });
    }
  }
}

async function readPlacement(
  context: ReadContext,
  childId: string,
  placement: Placement | undefined,
  reading: SubjectReading,
): Promise<void> {
  const { version } = context;
  if (placement) {
    reading.reads.push({ part: 'placement', version, value: placement });
    return;
  }
  try {
    const value = await placementByParents(context, childId);
    if (!value) throw new Error(`ListParents does not name one parent of ${childId}, or of an OU above it.`);
    reading.reads.push({ part: 'placement', version, value });
  } catch (error) {
    reading.unread.push({ part: 'placement', error: asError(error) });
  }
}

async function readTags({ version, reader }: ReadContext, id: string, reading: SubjectReading): Promise<void> {
  try {
    reading.reads.push({ part: 'tags', version, value: await reader.listTags(id) });
  } catch (error) {
    // A missing target says nothing about the account: only DescribeAccount may end it.
    reading.unread.push({ part: 'tags', error: asError(error) });
  }
}

/** The account's own ARN names another organization: these credentials read something else than what is configured. */
function provesForeignOrganization(context: ReadContext, account: AccountRead): void {
  if (!account.arn.includes(`/${context.organizationId}/`)) {
    throw new Error(
      `DescribeAccount answered for another organization than ${context.organizationId}. Check the role or the credentials of this integration.`,
    );
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
