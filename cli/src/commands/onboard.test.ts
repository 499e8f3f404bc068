import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { orgtrail, type Ended } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

const terraform = {
  way: 'terraform',
  text: '1. Apply the module\n     terraform apply\u001b[2J',
  files: [
    { name: 'main.tf', content: 'the call' },
    { name: 'orgtrail/role.tf', content: 'the role' },
  ],
};

describe('orgtrail integration onboard', () => {
  let api: OneIntegrationApi;
  let folder: string;
  beforeEach(async () => {
    api = await startOneIntegrationApi({}, { '/onboarding/terraform': terraform });
    folder = mkdtempSync(join(tmpdir(), 'orgtrail-onboard-'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await api.close();
  });
  const run = (...options: string[]): Promise<Ended> => orgtrail(['integration', 'onboard', '--url', api.url, ...options], {});

  it('prints the steps and names the files, without what could move the cursor', async () => {
    const { code, stdout } = await run('terraform');
    expect(code).toBe(0);
    expect(stdout).toContain('1. Apply the module\n     terraform apply');
    expect(stdout).toContain('  orgtrail/role.tf');
    expect(stdout).not.toContain('\u001b');
  });

  it('writes the files, and does not overwrite others unasked', async () => {
    expect(await run('terraform', '--write', folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Written to ${folder}`),
    });
    expect(readFileSync(join(folder, 'orgtrail/role.tf'), 'utf8')).toBe('the role');
    writeFileSync(join(folder, 'main.tf'), 'theirs');
    expect(await run('terraform', '--write', folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect(readFileSync(join(folder, 'main.tf'), 'utf8')).toBe('theirs');
    expect((await run('terraform', '--write', folder, '--force')).code).toBe(0);
    expect(readFileSync(join(folder, 'main.tf'), 'utf8')).toBe('the call');
  });

  it('gives programs the whole answer', async () => {
    expect(JSON.parse((await run('terraform', '--json')).stdout)).toEqual(terraform);
  });

  it('knows four ways', async () => {
    expect(await run('pulumi')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cloudformation, console, cli, terraform'),
    });
  });
});
