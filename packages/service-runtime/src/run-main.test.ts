import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it, jest } from '@jest/globals';

jest.setTimeout(60_000);

const command = [
  '--import',
  path.resolve(import.meta.dirname, '../../../scripts/jest/typescript-sources.js'),
  path.join(import.meta.dirname, 'run-service.fixture.ts'),
  'prints much',
];

it('prints all of a long document before it ends, however slowly it is read', async () => {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Nobody reads for a while: a pipe holds some 64 KB.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  let length = 0;
  child.stdout.on('data', (part: Buffer) => (length += part.length));
  expect(await once(child, 'close')).toEqual([3, null]);
  expect(length).toBe(1_000_001);
});

it('ends quietly when nobody reads any more', () => {
  const shell = ['-c', '"$0" "$@" | head -c 10; echo " ${PIPESTATUS[0]}"', process.execPath, ...command];
  const { stdout, stderr } = spawnSync('bash', shell, { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: `${'x'.repeat(10)} 141\n`, stderr: '' });
});
