import { shellWord } from '../quoting.js';
import { command } from '../steps.js';

interface DeployedStack {
  region: string;
  stackName: string;
  file: string;
  parameters: Readonly<Record<string, string>>;
  capability?: string;
}

/** The command that makes a stack of a template, or brings it up to date. */
export function deployStack({
  region,
  stackName,
  file,
  parameters,
  capability = 'CAPABILITY_NAMED_IAM',
}: DeployedStack): string[] {
  const overrides = Object.entries(parameters).map(([name, value]) => shellWord(`${name}=${value}`));
  return command(
    `aws cloudformation deploy --region ${region}`,
    `--stack-name ${stackName}`,
    `--template-file ${file}`,
    `--capabilities ${capability}`,
    // Without it AWS CLI 1 calls it a failure that nothing is left to do.
    '--no-fail-on-empty-changeset',
    `--parameter-overrides ${overrides.join(' ')}`,
  );
}
