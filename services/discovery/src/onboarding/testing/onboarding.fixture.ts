import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { organizationsRegion } from '@orgtrail/aws';
import type { OnboardingValues } from '../values.js';
import type { OnboardingFile } from '../way.js';

export const partitions = ['aws', 'aws-us-gov', 'aws-cn'] as const;

export function valuesFor(partition: string, changed: Partial<OnboardingValues> = {}): OnboardingValues {
  return {
    integrationId: '0b2f0e0e-1111-4222-8333-444455556666',
    integrationName: 'Production',
    partition,
    region: organizationsRegion(partition),
    managementAccountId: '111122223333',
    roleName: 'OrgtrailIntegration',
    rolePath: '/',
    trustedPrincipal: `arn:${partition}:iam::999988887777:role/orgtrail`,
    externalId: 'orgtrail-7f3a9c21d5',
    forwardingAccountIds: [],
    configureMembers: true,
    organizationalUnitIds: [],
    ...changed,
  };
}

/** Everything that the patterns of the settings allow, and that shells, HCL, YAML or addresses could take for something else. */
export const hostile = {
  integrationName: `it's "quoted" $(touch pwned) \`id\` & # + %{x} \${y} 世界 \u{1f9ea}`,
  externalId: '=+,.@:/-_'.repeat(136),
  rolePath: `/a'b"c$(touch\${IFS}pwned)\`id\`&#+%{x}\${y}\\/`,
  roleName: 'Role+=,.@-_x',
} as const;

export interface Desk {
  folder: string;
  /** Runs it in bash, in the folder. */
  shell(command: string, environment?: Readonly<Record<string, string>>): { code: number | null; stdout: string; stderr: string };
  remove(): void;
}

/** A folder with the files of a way, as `--write` makes it. */
export function deskWith(files: readonly OnboardingFile[]): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'orgtrail-onboarding-'));
  for (const { name, content, executable } of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    if (executable === true) chmodSync(join(folder, name), 0o755);
  }
  return {
    folder,
    shell: (command, environment = {}) => {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, ...environment },
        encoding: 'utf8',
      });
      return { code: status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
