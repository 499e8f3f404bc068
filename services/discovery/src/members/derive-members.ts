import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { effectiveTags, isLive, type SubjectState } from '../observed/subject-state.js';
import { heldAmong } from '../refresh/sql/held-deletions.js';
import { subjectKey } from '../subjects.js';
import { decideMember, type Decision, type VerificationFact } from './decision-table.js';
import { describeReason } from './describe-reason.js';
import { confirmedFrom, memberFacts, skippedNode, type FactsContext } from './facts.js';
import { memberRoleArn } from './member-role.js';
import type { ChangedBy, StoredMember } from './member.js';
import { nearMisses } from './skip-tag.js';
import { nodesAbove } from './sql/nodes-above.js';
import { selectMemberRoles, selectMembers } from './sql/select-members.js';
import { forgetMembers, storeMembers, type MemberToStore } from './sql/store-members.js';

export interface AccountToDerive {
  accountId: string;
  state: SubjectState;
  appearedVersion: bigint;
  /** The event that explains what changed about the account. */
  cause?: StoredCause | undefined;
}

export interface DerivingOptions {
  now: Date;
  confirmTagsAfterSeconds: number;
}

/**
 * Derives the members of these accounts anew and stores what changed, inside the transaction that merges (it holds the locks of the
 * accounts' observed subjects, so that nobody derives from older facts later). `integration` must have been read after those locks.
 * Resolves with the accounts whose published member changed.
 */
export async function deriveMembers(
  client: pg.PoolClient,
  integration: StoredIntegration,
  accounts: readonly AccountToDerive[],
  options: DerivingOptions,
): Promise<ReadonlySet<string>> {
  const { id, settings } = integration;
  const candidates = accounts.filter(({ accountId }) => accountId !== integration.managementAccountId);
  const accountIds = candidates.map(({ accountId }) => accountId);
  if (accountIds.length === 0) return new Set();
  if (!settings.configureOrganizationAccounts) {
    return new Set(
      await forgetMembers(client, id, accountIds, {
        reason: 'Configure Organization Accounts was switched off: the account stays in the graph as organization data.',
      }),
    );
  }
  const members = await selectMembers(client, id, accountIds);
  const roles = await selectMemberRoles(client, id, accountIds);
  const held = await heldAmong(
    client,
    id,
    accountIds.map((accountId) => subjectKey('account', accountId)),
  );
  const context: FactsContext = {
    settings,
    nodes: settings.skipOrganizationalUnits ? await nodesAbove(client, id) : new Map(),
    confirmTagsAfterSeconds: options.confirmTagsAfterSeconds,
  };
  const derived = candidates.flatMap((account) => {
    const before = members.get(account.accountId);
    // A tombstone of an account that never had a member gets none.
    if (!before && !isLive(account.state)) return [];
    const roleArn = roles.get(account.accountId) ?? memberRoleArn(settings.roleArn, account.accountId);
    const deletionHeld = held.has(subjectKey('account', account.accountId));
    return [{ before, after: deriveMember({ account, before, roleArn, deletionHeld, integration, context, options }) }];
  });
  const changed = derived.filter(({ before, after }) => !before || isChanged(before, after));
  await storeMembers(
    client,
    id,
    changed.map(({ after }) => after),
  );
  return new Set(
    changed.filter(({ before, after }) => !before || isVisiblyChanged(before, after)).map(({ after }) => after.accountId),
  );
}

interface Deriving {
  account: AccountToDerive;
  before: StoredMember | undefined;
  roleArn: string | undefined;
  deletionHeld: boolean;
  integration: StoredIntegration;
  context: FactsContext;
  options: DerivingOptions;
}

/** Pure: what becomes of one member. */
function deriveMember(deriving: Deriving): MemberToStore {
  const { account, before, roleArn, deletionHeld, integration, context, options } = deriving;
  const { state } = account;
  const { skipTag } = integration.settings;
  const anotherRole = before !== undefined && before.roleArn !== roleArn;
  const verification: VerificationFact =
    roleArn === undefined
      ? 'no-role'
      : anotherRole || !before || before.verification === 'none'
        ? 'not-verified'
        : before.verification;
  const decision = decideMember(
    memberFacts({ state, appearedVersion: account.appearedVersion, deletionHeld, verification }, context),
  );

  const transition = before?.status !== decision.status || before.cause !== decision.cause;
  const changedBy: ChangedBy | undefined = transition ? changedByOf(account.cause) : before.changedBy;
  const skippedWhenItLeft =
    decision.status === 'REMOVED'
      ? before?.status === 'SKIPPED' || before?.skippedWhenItLeft === true
      : before?.skippedWhenItLeft === true && decision.status !== 'SKIPPED';
  // An event touched the account, so a role that failed may work now; or nothing stands in the way of verifying it any more.
  const promising =
    (account.cause !== undefined && before?.verification !== 'verified') || before?.cause === 'TAGS_NOT_CONFIRMED';
  return {
    accountId: account.accountId,
    status: decision.status,
    ...(decision.cause ? { cause: decision.cause } : {}),
    reason: describeReason(decision, { node: skippedNode(state, context).node, changedBy, tag: skipTag }),
    warnings: [
      ...nearMisses(effectiveTags(state)?.values ?? {}, skipTag),
      ...(skippedWhenItLeft && decision.status !== 'REMOVED'
        ? [
            `The account was skipped when it left the organization, and came back without its tags: AWS drops them. Tag it with ${skipTag.key} = ${skipTag.value} again to skip it.`,
          ]
        : []),
      ...(decision.status === 'CONNECTED' ? connectionWarnings(before, integration) : []),
    ],
    ...(changedBy ? { changedBy } : {}),
    ...(roleArn === undefined ? {} : { roleArn }),
    skippedWhenItLeft,
    transition,
    fromStatus: before?.status,
    forgetVerification: anotherRole || decision.status === 'REMOVED',
    askAgain: anotherRole || (decision.verify && promising && before !== undefined),
    dueAt: dueAt(decision, { account, before, anotherRole, promising, options }),
  };
}

function connectionWarnings(before: StoredMember | undefined, { externalId, previousExternalId }: StoredIntegration): string[] {
  if (externalId === undefined) {
    return [
      'The integration has no external id, so nothing proves that only Orgtrail can assume the role. Rotate the external id to get one.',
    ];
  }
  return [
    ...(before?.usedPreviousExternalId === true && previousExternalId
      ? [
          `The role still demands the former external id, which is used until ${previousExternalId.validUntil.toISOString()}. Put the new one into its trust policy.`,
        ]
      : []),
    ...((before?.refusals ?? 0) > 0
      ? ['The last verification was refused; it is repeated before the member counts as failed.']
      : []),
  ];
}

function dueAt(
  decision: Decision,
  {
    account,
    before,
    anotherRole,
    promising,
    options,
  }: Pick<Deriving, 'account' | 'before' | 'options'> & { anotherRole: boolean; promising: boolean },
): Date | undefined {
  if (decision.verify) return before?.dueAt === undefined || anotherRole || promising ? options.now : before.dueAt;
  // Not to verify, but to have its tags read again.
  if (decision.cause === 'TAGS_NOT_CONFIRMED') {
    const confirmed = new Date(Number(confirmedFrom(account.appearedVersion, options.confirmTagsAfterSeconds) / 1000n) + 1);
    return before?.dueAt !== undefined && before.dueAt > confirmed ? before.dueAt : confirmed;
  }
  return undefined;
}

function changedByOf(cause: StoredCause | undefined): ChangedBy | undefined {
  if (!cause) return undefined;
  const { eventName, principalArn, eventTime } = cause;
  return {
    eventName,
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(eventTime === undefined ? {} : { eventTime }),
  };
}

function isVisiblyChanged(before: StoredMember, after: MemberToStore): boolean {
  return (
    after.transition ||
    after.reason !== before.reason ||
    after.roleArn !== before.roleArn ||
    !isDeepStrictEqual(after.warnings, before.warnings)
  );
}

function isChanged(before: StoredMember, after: MemberToStore): boolean {
  return (
    isVisiblyChanged(before, after) ||
    after.askAgain ||
    after.skippedWhenItLeft !== before.skippedWhenItLeft ||
    after.dueAt?.getTime() !== before.dueAt?.getTime()
  );
}
