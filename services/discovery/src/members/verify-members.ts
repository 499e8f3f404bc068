import type { RoleVerifier } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration, StoredIntegration } from '../integrations/integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { recordReads } from '../observed/record-reads.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { subjectKey } from '../subjects.js';
import { decideResult } from './decide-result.js';
import { deriveAllWhenAsked } from './derive-all.js';
import type { StoredMember } from './member.js';
import { claimDueMembers, releaseMember } from './sql/claim-due-members.js';
import { settleVerification } from './sql/settle-verification.js';

export interface MemberWorkerOptions {
  pool: pg.Pool;
  integration: Integration;
  verifier: RoleVerifier;
  /** Over all replicas. Undefined: members are derived, and not verified. */
  membersPerSecond: number | undefined;
  confirmTagsAfterSeconds: number;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** A member changed: there is something to publish. */
  onChanged(): void;
  /** Tags were asked for. */
  onAsked(): void;
}

export interface MemberWorker {
  /** Derives what was asked for, and begins verifications that are due. Resolves to how much was begun. */
  round(): Promise<number>;
  /** Breaks off what is in flight, which is tried again later, and resolves when nothing is. */
  stop(): Promise<void>;
}

const mostInFlight = 40;
const firstRetrySeconds = 60;
const longestRetrySeconds = 3600;

/** Reconciles the members of one integration: derives them, and verifies their roles at a bounded rate. */
export function createMemberWorker(options: MemberWorkerOptions): MemberWorker {
  const { pool, integration, logger } = options;
  const inFlight = new Set<Promise<void>>();
  const stopping = new AbortController();

  const begin = (member: StoredMember, stored: StoredIntegration): void => {
    const work = reconcile(member, stored, { ...options, signal: stopping.signal })
      .catch(async (error: unknown) => {
        // What a stop broke off has not failed: whoever watches next goes on with it.
        if (stopping.signal.aborted) {
          const { accountId, ask } = member;
          await releaseMember(pool, { integrationId: integration.id, accountId, ask }).catch(() => undefined);
        } else logger.warn({ accountId: member.accountId, err: error }, 'A member could not be verified; it is tried again');
      })
      .finally(() => inFlight.delete(work));
    inFlight.add(work);
  };
  return {
    round: async () => {
      const derived = await deriveAllWhenAsked(pool, integration, options);
      const room = mostInFlight - inFlight.size;
      if (room < 1 || options.membersPerSecond === undefined) return derived;
      const due = await claimDueMembers(pool, integration.id, {
        membersPerSecond: options.membersPerSecond,
        limit: room,
        firstRetrySeconds,
        longestRetrySeconds,
      });
      if (due.length === 0) return derived;
      const stored = await selectIntegration(pool, integration.id);
      if (stored) for (const member of due) begin(member, stored);
      return derived + due.length;
    },
    stop: async () => {
      stopping.abort();
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

async function reconcile(
  member: StoredMember,
  stored: StoredIntegration,
  options: MemberWorkerOptions & { signal: AbortSignal },
): Promise<void> {
  const { pool, integration, metrics, logger } = options;
  const subject = subjectKey('account', member.accountId);
  if (member.cause === 'TAGS_NOT_CONFIRMED') {
    await askRefresh(pool, integration.id, [{ subject, parts: ['tags'], reason: 'unconfirmed' }]);
    options.onAsked();
    return;
  }
  if (member.roleArn === undefined) return;
  const { externalId, previousExternalId, retiredExternalId } = stored;
  const answer = await options.verifier.verify(
    {
      roleArn: member.roleArn,
      accountId: member.accountId,
      organizationId: integration.organizationId,
      ...(externalId === undefined ? {} : { externalId }),
      ...(previousExternalId === undefined ? {} : { previousExternalId: previousExternalId.value }),
      ...(retiredExternalId === undefined ? {} : { retiredExternalId }),
      negative: needsNegativeCheck(member, stored, new Date()),
    },
    options.signal,
  );
  const result = decideResult(member, answer, Math.random());
  metrics.memberVerified(result.outcome, 'cause' in result ? result.cause : '');
  if (result.outcome !== 'verified') {
    logger.warn(
      { accountId: member.accountId, outcome: result.outcome, error: result.error },
      "A member's role was not verified",
    );
  }
  const recorded = await recordReads(pool, integration, [{ subject, reads: [] }], {
    publish: 'changed',
    baseline: false,
    countUnexplained: false,
    confirmTagsAfterSeconds: options.confirmTagsAfterSeconds,
    alongside: (client) =>
      settleVerification(client, { integrationId: integration.id, accountId: member.accountId, ask: member.ask }, result),
  });
  if (recorded.some(({ memberChanged }) => memberChanged)) options.onChanged();
}

/** At first, after a change of role or external id, then rarely: denied calls are noise in the customer's monitoring. */
function needsNegativeCheck(
  member: Pick<StoredMember, 'negativeCheckedAt'>,
  { settings }: Pick<StoredIntegration, 'settings'>,
  now: Date,
): boolean {
  if (!member.negativeCheckedAt) return true;
  return now.getTime() - member.negativeCheckedAt.getTime() > settings.negativeCheckDays * 24 * 3600 * 1000;
}
