/**
 * What tests run that is written in Python and not by us, from PyPI into virtual environments below .cache: `moto_server`, the AWS
 * that we compare with; the AWS CLI, cfn-lint and an HCL parser, for what onboarding hands out. Each variable may name another
 * program. Without Python the tests are SKIPPED, visibly.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Version 1 asks SQS at its former host name, whatever AWS_ENDPOINT_URL says; not so --endpoint-url. */
const awsAtEndpoint = `#!/bin/sh
exec "$(dirname "$0")/aws" \${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"
`;

const environments = [
  {
    folder: 'moto-5.2.5',
    packages: ['moto[server]==5.2.5'],
    programs: { ORGTRAIL_TEST_MOTO_SERVER: 'moto_server' },
  },
  {
    // The AWS CLI of PyPI is version 1.
    folder: 'aws-tools-1.46.3-1.58.0-8.1.4-1',
    packages: ['awscli==1.46.3', 'cfn-lint==1.58.0', 'python-hcl2==8.1.4'],
    scripts: { 'aws-at-endpoint': awsAtEndpoint },
    programs: { ORGTRAIL_TEST_AWS_CLI: 'aws-at-endpoint', ORGTRAIL_TEST_CFN_LINT: 'cfn-lint', ORGTRAIL_TEST_PYTHON: 'python' },
  },
];

/** The programs as environment variables; fewer after saying which are missing, and why. */
export function pythonTools(root, say) {
  const found = {};
  for (const { folder: name, packages, scripts = {}, programs } of environments) {
    const wanted = Object.entries(programs).filter(([variable]) => !process.env[variable]);
    for (const variable of Object.keys(programs)) if (process.env[variable]) found[variable] = process.env[variable];
    const folder = path.join(root, '.cache', name);
    if (wanted.length === 0 || !installed(folder, { packages, scripts }, say)) continue;
    for (const [variable, program] of wanted) found[variable] = path.join(folder, 'bin', program);
  }
  return found;
}

function installed(folder, { packages, scripts }, say) {
  // Written last: an installation that was ended in the middle is done again.
  const complete = path.join(folder, 'complete');
  if (existsSync(complete)) return true;
  const skipped = `the tests that need ${packages.join(', ')} will be SKIPPED`;
  if (spawnSync('python3', ['--version'], { stdio: 'ignore' }).status !== 0) {
    say(`there is no python3: ${skipped}`);
    return false;
  }
  say(`installing ${packages.join(', ')} (first test only, about 30 s)…`);
  // A virtual environment holds its own path, so it is made in place, and removed when anything fails.
  const steps = [
    ['python3', '-m', 'venv', folder],
    [path.join(folder, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages],
  ];
  for (const [command, ...arguments_] of steps) {
    if (spawnSync(command, arguments_, { stdio: ['ignore', 2, 2] }).status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    say(`the installation failed, see above: ${skipped}`);
    return false;
  }
  for (const [script, content] of Object.entries(scripts)) {
    writeFileSync(path.join(folder, 'bin', script), content);
    chmodSync(path.join(folder, 'bin', script), 0o755);
  }
  writeFileSync(complete, '');
  return true;
}
