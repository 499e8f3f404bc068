import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFiles } from './write-files.js';

describe('writing files that the API names', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orgtrail-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const files = [
    { name: 'main.tf', content: 'a' },
    { name: 'orgtrail/run.sh', content: 'b', executable: true },
  ];

  it('makes folders, and scripts that can be run', () => {
    writeFiles(folder, files, { force: false });
    expect(read('main.tf')).toBe('a');
    expect(read('orgtrail/run.sh')).toBe('b');
    expect(statSync(join(folder, 'orgtrail/run.sh')).mode & 0o111).not.toBe(0);
    expect(statSync(join(folder, 'main.tf')).mode & 0o111).toBe(0);
    // The same again is no difference.
    writeFiles(folder, files, { force: false });
  });

  it('writes none of them where one holds something else, unless it is to', () => {
    writeFileSync(join(folder, 'orgtrail'), 'in the way');
    writeFileSync(join(folder, 'main.tf'), 'theirs');
    expect(() => writeFiles(folder, [{ name: 'new.tf', content: 'n' }, ...files.slice(0, 1)], { force: false })).toThrow(
      /main\.tf/,
    );
    expect(read('main.tf')).toBe('theirs');
    expect(readdirSync(folder).sort()).toEqual(['main.tf', 'orgtrail']);
    writeFiles(folder, files.slice(0, 1), { force: true });
    expect(read('main.tf')).toBe('a');
    expect(() => writeFiles(folder, files, { force: true })).toThrow(/cannot be (read|written)/);
  });

  it.each(['../out', '/etc/x', 'a/../../out', '..', '.', '', 'a\0b'])('never leaves the directory: %j', (name) => {
    expect(() => writeFiles(join(folder, 'inside'), [{ name, content: '' }], { force: true })).toThrow(/outside/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
