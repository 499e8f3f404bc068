import type { IncomingChange, PendingChange, PresentContent } from './change.js';
import type { CopyLines } from './copy-lines.js';

/** Adds what tells whether a change alters anything: the columns of `heads` (`sql/staging.ts`). */
export function addHeadLine(lines: CopyLines, index: number, { scope, subject, version, contentHash }: PendingChange): void {
  lines.text(`${index}\t${copyText(scope)}\t${copyText(subject)}\t${version}\t${contentHash ?? nothing}\n`);
}

/** Adds a whole change: the columns of `staged`. */
export function addChangeLine(lines: CopyLines, index: number, contentHash: string | null, change: IncomingChange): void {
  lines.text(`${columnsOf(index, contentHash, change).join('\t')}\n`);
}

function columnsOf(
  index: number,
  contentHash: string | null,
  { scope, subject, version, baseline, cause, observedAt, content }: IncomingChange,
): string[] {
  const head = [
    String(index),
    copyText(scope),
    copyText(subject),
    version.toString(),
    contentHash ?? nothing,
    baseline ? 't' : 'f',
    cause === null ? nothing : copyText(JSON.stringify(cause)),
    observedAt.toISOString(),
  ];
  if (content.case === 'ended') return [...head, copyText(content.reason), ...Array.from({ length: 6 }, () => nothing)];
  const { entity } = content;
  return [
    ...head,
    nothing,
    ...(entity === null
      ? Array.from({ length: 5 }, () => nothing)
      : [
          copyText(entity.key),
          copyText(entity.type),
          copyText(arrayLiteral(entity.classes)),
          copyText(entity.displayName),
          entity.accountId === null ? nothing : copyText(entity.accountId),
        ]),
    copyText(stateOf(content)),
  ];
}

/** The whole state as the history keeps it (`StoredState`). */
function stateOf({ entity, relationships }: PresentContent): string {
  if (entity === null) return `{"relationships":${relationships}}`;
  const { type, classes, displayName, accountId, properties } = entity;
  const own = JSON.stringify({ type, classes, displayName, accountId });
  return `${own.slice(0, -1)},"properties":${properties},"relationships":${relationships}}`;
}

const nothing = '\\N';

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function copyText(text: string): string {
  return special.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] ?? character) : text;
}

function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
