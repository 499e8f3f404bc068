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
  const lines = sections.flatMap(([heading, checks]) => [
    colors.bold(heading),
    ...checks.flatMap((check) => [
      `  ${paint[check.status](marks[check.status].padEnd(7))}  ${check.id.padEnd(width)}  ${printable(check.found)}`,
      ...explanationOf(check).map((line) => `  ${' '.repeat(7)}  ${line}`),
    ]),
    '',
  ]);
  return [...lines, summaryOf(sections.flatMap(([, checks]) => checks))].join('\n');
}

/** True where nothing failed and nothing is unknown. */
export function isInOrder({ installation, integrations }: DoctorReportShape): boolean {
  return [...installation, ...integrations.flatMap(({ checks }) => checks)].every(
    ({ status }) => status === 'ok' || status === 'not-applicable',
  );
}

function explanationOf({ status, means, mend = [] }: CheckShape): string[] {
  if (status !== 'failed') return [];
  return [...(means === undefined ? [] : [`means  ${printable(means)}`]), ...mend.map((one) => `mend   ${mendText(one)}`)];
}

function mendText(mend: MendShape): string {
  switch (mend.kind) {
    case 'command':
      return `$ ${printable(mend.command)}${mend.as === 'management-account' ? '   # with credentials of the management account' : ''}`;
    case 'console':
      return `${printable(mend.text)} ${printable(mend.url)}`;
    case 'action':
      return printable(mend.text);
  }
}

function summaryOf(checks: readonly CheckShape[]): string {
  const count = (status: CheckShape['status']) => checks.filter((check) => check.status === status).length;
  return `${count('ok')} ok, ${count('failed')} failed, ${count('unknown')} unknown, ${count('not-applicable')} not applicable`;
}
