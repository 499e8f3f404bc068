import type pg from 'pg';
import type { EventCause } from '../../events/hint.js';
import type { SyncKind } from '../../refresh/sync-kind.js';
import type { SubjectKey } from '../../subjects.js';
import { encodeParts } from '../stored-parts.js';
import { isLive, type SubjectState, type Version } from '../subject-state.js';

export interface MergedSubject {
  subject: SubjectKey;
  state: SubjectState;
  appearedVersion: Version;
  /** Absent: nothing new to publish, only versions of parts advanced. */
  publish?: { version: Version; cause?: StoredCause; foundBy?: FoundBy; baseline: boolean };
}

/** An event's cause as it is stored and published. Times as ISO text. */
export interface StoredCause extends Omit<EventCause, 'eventTime'> {
  eventTime?: string;
  /** When the queue took it; of a webhook, which has none, EventBridge's own time of the event, in whole seconds. */
  sentAt?: string;
  /** When we took it in. */
  receivedAt?: string;
  /** Of the span that took it in; of an observation, of the one that read the subject. */
  traceparent?: string;
  /** Of an observation: AWS had answered the event's first reading with what was. */
  isConfirmed?: true;
  /** Of an observation: the subject version of the change that it explains, which was published without a cause. */
  explainedVersion?: string;
}

/** The sync that found what no event explains, as it is stored. */
export interface FoundBy {
  /** Its number (`discovery.full_syncs`). */
  id: string;
  kind: SyncKind;
  /** ISO text. */
  startedAt: string;
}

/** Writes back merged subjects whose rows the transaction holds locked. */
export async function storeSubjects(
  client: pg.PoolClient,
  integrationId: string,
  merged: readonly MergedSubject[],
): Promise<void> {
  if (merged.length === 0) return;
  const rows = merged.map(({ subject, state, appearedVersion, publish }) => ({
    subject,
    parts: encodeParts(state),
    gone_version: state.goneVersion.toString(),
    gone_reason: state.goneReason ?? null,
    live: isLive(state),
    appeared_version: appearedVersion.toString(),
    subject_version: publish?.version.toString() ?? null,
    cause: publish?.cause ?? null,
    found_by: publish?.foundBy ?? null,
    baseline: publish?.baseline ?? null,
  }));
  await client.query(
    `UPDATE discovery.observed_subjects AS observed
        SET parts = merged.parts,
            gone_version = merged.gone_version,
            gone_reason = merged.gone_reason,
            live = merged.live,
            appeared_version = merged.appeared_version,
            observed_at = clock_timestamp(),
            subject_version = coalesce(merged.subject_version, observed.subject_version),
            -- What was never published yet keeps its cause: a full sync that repeats it must not take the name away.
            cause = CASE WHEN merged.subject_version IS NULL THEN observed.cause
                         WHEN merged.cause IS NULL AND observed.published_version < observed.subject_version THEN observed.cause
                         ELSE merged.cause END,
            found_by = CASE WHEN merged.subject_version IS NULL THEN observed.found_by
                            WHEN merged.cause IS NOT NULL THEN NULL
                            -- And what one sync found is not the finding of the next, which repeats it.
                            WHEN observed.published_version < observed.subject_version THEN coalesce(observed.found_by, merged.found_by)
                            ELSE merged.found_by END,
            baseline = CASE WHEN merged.subject_version IS NULL THEN observed.baseline
                            WHEN observed.published_version < observed.subject_version THEN observed.baseline AND merged.baseline
                            ELSE merged.baseline END
       FROM json_to_recordset($2::json) AS merged (subject text, parts jsonb, gone_version bigint, gone_reason text,
                                                  live boolean, appeared_version bigint, subject_version bigint, cause jsonb, found_by jsonb, baseline boolean)
      WHERE observed.integration_id = $1 AND observed.subject = merged.subject`,
    [integrationId, JSON.stringify(rows)],
  );
}
