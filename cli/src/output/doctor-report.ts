import picocolors from 'picocolors';
import type { CheckShape, DoctorReportShape, MendShape } from '../api/doctor-shapes.js';
import { printable } from './printable.js';

const marks: Record<CheckShape['status'], string> = { ok: 'ok', failed: 'FAILED', unknown: 'unknown', 'not-applicable': '-' };

/** What the doctor found, check by check, then how many are in order; below each failed one what it means and what mends it. */
export function formatDoctorReport(
  { installation, integrations }: DoctorReportShape,
  { colors = picocolors }: { colors?: ReturnType<typeof picocolors.createColors> } = {},
): string {
  const sections: [string, readonly CheckShape[]][] = [
    ['The installation', installation],
    ...integrations.map(({ id, name, organizationId, checks }): [string, readonly CheckShape[]] => [
      `Integration ${printable(name) || id}${organizationId === undefined ? '' : ` (${organizationId})`}`,
      checks,
    ]),
  ];
  const width = Math.max(...sections.flatMap(([, checks]) => checks.map(({ id }) => id.length)));
  const paint: Record<CheckShape['status'], (text: string) => string> = {
    ok: colors.green,
    failed: (text) => colors.bold(colors.red(text)),
    unknown: colors.yellow,
    'not-applicable': colors.dim,
  };
  const row = (status: CheckShape['status'], id: string, found: string): string =>
    `  ${paint[status](marks[status].padEnd(7))}  ${id.padEnd(width)}  ${printable(found)}`;
  const said = new Set<string>();
  const lines = sections.flatMap(([heading, checks]) => [
    colors.bold(heading),
    ...checks
      .filter((check) => !waits(check))
      .flatMap((check) => [
        row(check.status, check.id, check.found),
        ...explanationOf(check, said).map((line) => `  ${' '.repeat(7)}  ${line}`),
      ]),
    ...[...waitingFor(checks)].map(([blockers, ids]) =>
      row('unknown', ids.length === 1 ? (ids[0] ?? '') : `${ids.length} checks`, `cannot be judged before ${blockers}`),
    ),
    '',
  ]);
  const none =
    integrations.length === 0 && installation.every(({ id, status }) => id !== 'database.reachable' || status === 'ok')
      ? ['No integration yet: make one with `orgtrail integration create`.', '']
      : [];
  return [...lines, ...none, summaryOf(sections.flatMap(([, checks]) => checks))].join('\n');
}

const waits = ({ status, blockedBy = [] }: CheckShape): boolean => status === 'unknown' && blockedBy.length > 0;

/** What many checks wait for, told once: blockers -> ids. */
function waitingFor(checks: readonly CheckShape[]): Map<string, string[]> {
  const waiting = new Map<string, string[]>();
  for (const { id, blockedBy = [] } of checks.filter(waits)) {
    const blockers = blockedBy.join(', ');
    waiting.set(blockers, [...(waiting.get(blockers) ?? []), id]);
  }
  return waiting;
}

/** True where nothing failed and nothing is unknown. */
export function isInOrder({ installation, integrations }: DoctorReportShape): boolean {
  return [...installation, ...integrations.flatMap(({ checks }) => checks)].every(
    ({ status }) => status === 'ok' || status === 'not-applicable',
  );
}

/** A mend that was told before is not told again. */
function explanationOf({ status, means, mend = [] }: CheckShape, said: Set<string>): string[] {
  if (status !== 'failed') return [];
  const texts = mend.map(mendText);
  if (texts.length > 0 && texts.every((text) => said.has(text)))
    return [...(means === undefined ? [] : [`means  ${printable(means)}`]), 'mend   as above'];
  for (const text of texts) said.add(text);
  return [...(means === undefined ? [] : [`means  ${printable(means)}`]), ...texts.map((text) => `mend   ${text}`)];
}

function mendText(mend: MendShape): string {
  switch (mend.kind) {
    case 'command':
      return `$ ${printable(asCalled(mend.command))}${mend.as === 'management-account' ? '   # with credentials of the management account' : ''}`;
    case 'console':
      return `${printable(mend.text)} ${printable(mend.url)}`;
    case 'action':
      return printable(mend.text);
  }
}

/** As this command was called itself: in a checkout it is `npx orgtrail`. */
function asCalled(command: string): string {
  return process.env['npm_command'] === 'exec' ? command.replaceAll(/(^|&& |; do )orgtrail /g, '$1npx orgtrail ') : command;
}

function summaryOf(checks: readonly CheckShape[]): string {
  const count = (status: CheckShape['status']) => checks.filter((check) => check.status === status).length;
  return `${count('ok')} ok, ${count('failed')} failed, ${count('unknown')} unknown, ${count('not-applicable')} not applicable`;
}
