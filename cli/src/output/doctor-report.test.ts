import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import type { CheckShape, DoctorReportShape } from '../api/doctor-shapes.js';
import { formatDoctorReport, isInOrder } from './doctor-report.js';

const check = (id: string, status: CheckShape['status'], more: Partial<CheckShape> = {}): CheckShape => ({
  id,
  asks: 'Is it?',
  status,
  found: `found of ${id}`,
  ...more,
});
const report = (...checks: CheckShape[]): DoctorReportShape => ({
  installation: [check('database.reachable', 'ok')],
  integrations: [{ id: 'one', name: 'Production', organizationId: 'o-example', checks }],
});
const text = (shown: DoctorReportShape): string => formatDoctorReport(shown, { colors: picocolors.createColors(false) });

describe('the report for people', () => {
  it('has a line for each check, and below a failed one what it means and what mends it', () => {
    const shown = report(
      check('events.rule', 'failed', {
        means: 'No event leaves the bus.',
        mend: [
          { kind: 'command', command: 'orgtrail integration enable-events one --yes', as: 'management-account' },
          { kind: 'console', url: 'https://console.example/', text: 'Create a trail:' },
        ],
      }),
      check('events.pattern', 'unknown', { blockedBy: ['events.rule'] }),
      check('events.target', 'unknown', { blockedBy: ['events.rule'] }),
      check('queue.policy', 'failed', {
        mend: [{ kind: 'command', command: 'orgtrail integration enable-events one --yes', as: 'management-account' }],
      }),
    );
    expect(text(shown).split('\n')).toEqual([
      'The installation',
      '  ok       database.reachable  found of database.reachable',
      '',
      'Integration Production (o-example)',
      '  FAILED   events.rule         found of events.rule',
      '           means  No event leaves the bus.',
      '           mend   $ orgtrail integration enable-events one --yes   # with credentials of the management account',
      '           mend   Create a trail: https://console.example/',
      '  FAILED   queue.policy        found of queue.policy',
      '           mend   as above',
      '  unknown  2 checks            cannot be judged before events.rule',
      '',
      '1 ok, 2 failed, 2 unknown, 0 not applicable',
    ]);
  });

  it('says that there is no integration yet', () => {
    expect(text({ ...report(), integrations: [] })).toContain('orgtrail integration create');
  });

  it('cannot be forged by what AWS says', () => {
    const shown = text(report(check('role.assumable', 'unknown', { found: 'no\u001b[2K\nok everything' })));
    expect(shown).not.toContain('\u001b');
    expect(shown).not.toContain('\nok');
  });
});

describe('an installation', () => {
  it.each([
    ['failed', false],
    ['unknown', false],
    ['not-applicable', true],
    ['ok', true],
  ] as const)('with a check that is %s is in order: %p', (status, expected) => {
    expect(isInOrder(report(check('events.rule', status)))).toBe(expected);
  });
});
