import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const contracts = fileURLToPath(new URL('..', import.meta.url));
const buf = path.join(contracts, '../node_modules/.bin/buf');
const observation = 'orgtrail/observation/v1/observation.proto';
const baseline = path.join(contracts, 'baseline.binpb');
/** Its launcher asks for `node`. */
const env = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'contracts-'));
  for (const name of ['buf.yaml', 'orgtrail']) cpSync(path.join(contracts, name), path.join(copy, name), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** What `npm test` runs, on a copy that was changed. */
function breaking(replace: string, by: string): { ok: boolean; said: string } {
  const file = path.join(copy, observation);
  const before = readFileSync(file, 'utf8');
  expect(before).toContain(replace);
  writeFileSync(file, before.replace(replace, by));
  const { status, stdout, stderr } = spawnSync(buf, ['breaking', copy, '--against', baseline], { encoding: 'utf8', env });
  return { ok: status === 0, said: stdout + stderr };
}

describe('a change of the contracts', () => {
  it.each([
    ['renumbers a field', 'int64 subject_version = 3;', 'int64 subject_version = 30;', 'subject_version'],
    ['gives a field another type', 'int64 subject_version = 3;', 'string subject_version = 3;', 'subject_version'],
    ['gives a field another name in JSON', 'int64 subject_version = 3;', 'int64 version = 3;', 'subject_version'],
    ['deletes a field without reserving it', '  bool baseline = 7;\n', '', 'baseline'],
    ['renumbers an end reason', 'END_REASON_LEFT = 7;', 'END_REASON_LEFT = 70;', 'END_REASON_LEFT'],
    ['deletes an end reason', '  END_REASON_NOT_FOUND = 1;\n', '', 'END_REASON_NOT_FOUND'],
  ])('is refused where it %s', (_what, from, to, named) => {
    const { ok, said } = breaking(from, to);
    expect(said).toContain(named);
    expect(ok).toBe(false);
  });

  it.each([
    ['adds a field', 'int64 subject_version = 3;', 'int64 subject_version = 3;\n  string added_later = 1000;'],
    ['adds an end reason', 'END_REASON_LEFT = 7;', 'END_REASON_LEFT = 7;\n  END_REASON_ADDED_LATER = 1000;'],
    ['deletes a field and reserves its number and name', '  bool baseline = 7;\n', '  reserved 7;\n  reserved "baseline";\n'],
  ])('passes where it %s', (_what, from, to) => {
    expect(breaking(from, to)).toEqual({ ok: true, said: '' });
  });
});

it('the baseline knows all that the contracts say, so that what was added holds from now on (npm run contracts:baseline)', () => {
  const image = (input: string, ...more: string[]) =>
    spawnSync(buf, ['build', input, '--exclude-source-info', ...more, '-o', '-#format=json'], { encoding: 'utf8', env }).stdout;
  expect(image(baseline)).toBe(image(contracts));
});
