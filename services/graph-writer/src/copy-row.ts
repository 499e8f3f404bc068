import type { IncomingChange, PendingChange, PresentContent } from './change.js';
import type { CopyRows } from './copy-rows.js';

/** Adds what tells whether a change alters anything: the columns of `heads` (`sql/staging.ts`). */
export function addHeadRow(rows: CopyRows, index: number, { scope, subject, version, contentHash }: PendingChange): void {
  rows.row(5);
  rows.integer(index);
  rows.text(scope);
  rows.text(subject);
  rows.bigint(version);
  rows.text(contentHash);
}

/** How many columns of `staged` a change has. */
const stagedColumns = 17;

/** What the columns of `staged` begin with. */
export type StagedHead = Pick<PendingChange, 'scope' | 'subject' | 'version' | 'contentHash'>;

/** What follows them, up to what a living subject owns. */
interface StagedCircumstances {
  baseline: boolean;
  /** JSON. */
  cause: string | null;
  /** JSON. */
  foundBy: string | null;
  /** Milliseconds since 1970. */
  observedAt: number;
  reason: string | null;
  explainedVersion: bigint | null;
}

export function addStagedHead(rows: CopyRows, index: number, head: StagedHead, when: StagedCircumstances): void {
  rows.row(stagedColumns);
  rows.integer(index);
  rows.text(head.scope);
  rows.text(head.subject);
  rows.bigint(head.version);
  rows.text(head.contentHash);
  rows.boolean(when.baseline);
  rows.jsonb(when.cause);
  rows.jsonb(when.foundBy);
  rows.timestamp(when.observedAt);
  rows.text(when.reason);
  if (when.explainedVersion === null) rows.nothing();
  else rows.bigint(when.explainedVersion);
}

/** Adds a whole change: the columns of `staged`. Its state is text where Postgres is to read it later. */
export function addChangeRow(
  rows: CopyRows,
  index: number,
  contentHash: string | null,
  { scope, subject, version, baseline, explainedVersion, cause, foundBy, observedAt, content }: IncomingChange,
  { isStateText }: { isStateText: boolean },
): void {
  addStagedHead(
    rows,
    index,
    { scope, subject, version, contentHash },
    {
      baseline,
      explainedVersion,
      cause: cause && JSON.stringify(cause),
      foundBy: foundBy && JSON.stringify(foundBy),
      observedAt: observedAt.getTime(),
      reason: content.case === 'ended' ? content.reason : null,
    },
  );
  const entity = content.case === 'present' ? content.entity : null;
  rows.text(entity?.key);
  rows.text(entity?.type);
  rows.texts(entity?.classes);
  rows.text(entity?.displayName);
  rows.text(entity?.accountId);
  const state = content.case === 'present' ? stateOf(content) : null;
  if (isStateText) rows.text(state);
  else rows.jsonb(state);
}

/** The whole state as the history keeps it (`StoredState`). */
function stateOf({ entity, relationships }: PresentContent): string {
  if (entity === null) return `{"relationships":${relationships}}`;
  const { type, classes, displayName, accountId, properties } = entity;
  const own = JSON.stringify({ type, classes, displayName, accountId });
  return `${own.slice(0, -1)},"properties":${properties},"relationships":${relationships}}`;
}
