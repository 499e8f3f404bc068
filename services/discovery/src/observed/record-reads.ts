import { inTransaction, retryTransient } from '@orgtrail/database';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { lockIntegration } from '../integrations/sql/lock-integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { deriveMembers } from '../members/derive-members.js';
import { noteFoundChanges } from '../proof/sql/note-found-changes.js';
import { isUnannounceable } from '../proof/unannounceable.js';
import { parseSubjectKey, subjectKey, type SubjectKey } from '../subjects.js';
import { attribute, carried } from './attribute.js';
import { askFollowUps } from './follow-ups.js';
import type { AskedFor } from '../refresh/sql/standing-asks.js';
import { dropWithdrawnEndings } from './drop-withdrawn-endings.js';
import { explainEnding } from './explain-ending.js';
import { explainLate } from './explain-late.js';
import { holdEndings } from './hold-endings.js';
import { isChangeOfTheOrganization, mergeReads, type SubjectChange } from './merge.js';
import { isLive, type PartRead, type SubjectState } from './subject-state.js';
import { drawVersion } from './sql/draw-version.js';
import { withoutEmail } from './without-email.js';
import { lockSubjects } from './sql/lock-subjects.js';
import { storeSubjects, type FoundBy, type MergedSubject, type StoredCause } from './sql/store-subjects.js';

/** What was read of one subject, and what is known about why. */
export interface SubjectReads {
  subject: SubjectKey;
  reads: readonly PartRead[];
  /** Events that asked for this reading. */
  causes?: readonly StoredCause[];
  /** The sync that read it, or that asked for this reading. */
  foundBy?: FoundBy | undefined;
  /** It was read before for the same events. */
  isConfirmation?: boolean;
  /** An event said that the subject leaves. */
  departureAnnounced?: boolean;
  /** What AWS did not find is to be asked for once more before it ends what lives: then it is dropped. */
  unconfirmed?: boolean;
  /** What asked for the reading. Taken back meanwhile, or followed by another asking, it ends nothing: an operator has decided, or AWS is asked again. */
  asked?: Omit<AskedFor, 'subject'>;
}

export interface RecordingOptions {
  /** A full sync publishes everything it read, so that it heals the graph; a refresh publishes what changed. */
  publish: 'all' | 'changed';
  /** The integration's first full sync is not complete yet: what is found is where the history begins. */
  baseline: boolean;
  /** A change that no event explains was missed, unless an event names it soon after. */
  countUnexplained: boolean;
  /** Tags of a new account start its member only when they were read so long after it appeared. */
  confirmTagsAfterSeconds: number;
  /** Further writes under the locks, before members are derived. */
  alongside?(client: pg.PoolClient): Promise<void>;
  /**
   * Settles what asked for the reading, before anything is asked for that follows from it: a part that was not read stays with its
   * request. `lived`: the subjects that lived before the merge. Nobody changes that while the locks are held.
   */
  settle?(client: pg.PoolClient, lived: ReadonlySet<SubjectKey>): Promise<void>;
}

export interface RecordedChange {
  subject: SubjectKey;
  change: SubjectChange;
  /** The ending waits for an operator: the mass-deletion guard holds it. */
  held: boolean;
  /** The account's member was derived anew and is another than before. */
  memberChanged: boolean;
}

/**
 * Merges what was read into the observed subjects, in one transaction: rows locked in key order, states merged, one subject
 * version drawn while the locks are held (invariant 1), follow-up requests for parts that were never read. Publishing comes after
 * the commit. What collides with others nevertheless is repeated: merging the same reads twice changes nothing.
 */
export async function recordReads(
  pool: pg.Pool,
  integration: Integration,
  subjects: readonly SubjectReads[],
  options: RecordingOptions,
): Promise<RecordedChange[]> {
  if (subjects.length === 0) return [];
  return retryTransient(() => inTransaction(pool, (client) => recordLocked(client, integration, subjects, options)));
}

async function recordLocked(
  client: pg.PoolClient,
  integration: Integration,
  subjects: readonly SubjectReads[],
  options: RecordingOptions,
): Promise<RecordedChange[]> {
  const locked = await lockSubjects(
    client,
    integration.id,
    subjects.map(({ subject }) => subject),
  );
  // Read after the locks: whoever changes the settings derives again later, and finds these rows locked or done.
  const stored = await selectIntegration(client, integration.id);
  // Closed scopes stay closed (invariant 14).
  if (!stored || stored.state === 'removed') return [];
  const withEmail = stored.settings.configureOrganizationAccounts;
  const merged = subjects.map((read) => {
    const before = locked.get(read.subject);
    if (!before) throw new Error(`The row of ${read.subject} vanished while it was being locked.`);
    const counting =
      read.unconfirmed === true && isLive(before.state) ? read.reads.filter(({ part }) => part !== 'existence') : read.reads;
    const reads = withEmail ? counting : counting.map(withoutEmail);
    return { ...read, reads, before, ...mergeReads(before.state, reads) };
  });
  const lived = new Set(merged.flatMap(({ subject, before }) => (isLive(before.state) ? [subject] : [])));
  // Whoever does not need it leaves the integration's row to others.
  if (merged.some(({ subject, change }) => change.kind === 'ended' || (isNode(subject) && change.kind !== 'none'))) {
    await lockIntegration(client, integration.id);
  }
  const standing = await dropWithdrawnEndings(client, integration.id, merged);
  const { accepted, held } = await holdEndings(client, stored, standing);
  const explained = (await attribute(client, integration, accepted, options)).map((entry) => ({
    ...explainEnding(entry),
    appearedVersion: appearedVersion(entry, options),
  }));
  const attributed = await explainLate(client, integration.id, explained);
  await options.alongside?.(client);
  const withNewMember = await deriveMembers(
    client,
    stored,
    attributed.flatMap((entry) => {
      const { kind, id } = parseSubjectKey(entry.subject);
      return kind === 'account' ? [{ ...entry, accountId: id }] : [];
    }),
    { now: new Date(), confirmTagsAfterSeconds: options.confirmTagsAfterSeconds },
  );
  const memberChanged = new Set([...withNewMember].map((accountId) => subjectKey('account', accountId)));
  // Members depend on the roots and OUs above them.
  if (attributed.some(({ subject, change }) => isNode(subject) && change.kind !== 'none'))
    await askMembers(client, integration.id);

  const toPublish = attributed.filter(({ subject, state, change, before, isExplainedLate }) =>
    options.publish === 'all'
      ? isPublishable(state, before.subjectVersion)
      : change.kind !== 'none' || isExplainedLate || memberChanged.has(subject),
  );
  const version = toPublish.length > 0 ? await drawVersion(client, integration.id) : 0n;
  const publishing = new Set(toPublish);
  await storeSubjects(
    client,
    integration.id,
    // Looking at a subject again without reading it changes nothing about it.
    attributed
      .filter((entry) => entry.reads.length > 0 || publishing.has(entry))
      .map((entry): MergedSubject => ({
        subject: entry.subject,
        state: entry.state,
        appearedVersion: entry.appearedVersion,
        ...(publishing.has(entry)
          ? {
              publish: {
                version,
                ...(entry.cause
                  ? { cause: { ...carried(entry.cause), ...(entry.isConfirmation === true ? { isConfirmed: true } : {}) } }
                  : entry.foundBy
                    ? { foundBy: entry.foundBy }
                    : {}),
                baseline: options.baseline || entry.change.kind === 'filled',
              },
            }
          : {}),
      })),
  );
  if (options.countUnexplained && !options.baseline) {
    const unexplained = attributed.filter(
      ({ cause, change, state, subject }) =>
        cause === undefined &&
        isChangeOfTheOrganization(change) &&
        !endsWithoutEvent(state) &&
        // Nobody missed the end of what nobody knew.
        (change.kind !== 'ended' || lived.has(subject)),
    );
    const noted = unexplained.map(({ subject, change, before, state }) => ({
      subject,
      change,
      isCoreUnannounceable: isUnannounceable(before.state, state, change),
    }));
    await noteFoundChanges(client, integration.id, noted, version);
  }
  await options.settle?.(client, lived);
  await askFollowUps(client, integration.id, attributed, { baseline: options.baseline, now: new Date() });
  return standing.map(({ subject, change }) => ({
    subject,
    change,
    held: held.has(subject),
    memberChanged: memberChanged.has(subject),
  }));
}

/** The invited account answers in an account whose events we do not get, and AWS lets an invitation expire without any. */
function endsWithoutEvent({ goneReason }: SubjectState): boolean {
  return goneReason === 'accepted' || goneReason === 'declined' || goneReason === 'expired';
}

function isNode(subject: SubjectKey): boolean {
  const { kind } = parseSubjectKey(subject);
  return kind === 'ou' || kind === 'root';
}

/** When it (re)appeared: what is found before the baseline was there before anybody watched. */
function appearedVersion(
  { change, state, before }: { change: SubjectChange; state: SubjectState; before: { appearedVersion: bigint } },
  { baseline }: RecordingOptions,
): bigint {
  return change.kind === 'created' && !baseline ? (state.parts.core?.version ?? 0n) : before.appearedVersion;
}

/** Something can be said about it: it lives, or it was published (or found gone) before. */
function isPublishable(state: SubjectState, subjectVersion: bigint): boolean {
  return isLive(state) || state.goneVersion > 0n || subjectVersion > 0n;
}
