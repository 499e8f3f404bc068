import { Argument, type Command } from 'commander';
import { onboarding, onboardingWays, type OnboardingShape } from '../api/shapes.js';
import { printable } from '../output/printable.js';
import { writeFiles } from '../output/write-files.js';
import { integrationArgument, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';

interface OnboardOptions extends ApiCommandOptions {
  write?: string;
  force?: boolean;
}

/** `orgtrail integration onboard`. */
export function addOnboardCommand(integrations: Command, finish: Finish): void {
  overApi(
    integrations
      .command('onboard')
      .description('how to make the roles, the rule and the queue of an integration, with every value filled in'),
  )
    .addArgument(new Argument('<way>', 'one of four that lead to the same').choices(onboardingWays))
    .argument(...integrationArgument)
    .option('--write <directory>', 'write the files (templates, script, module) there')
    .option('--force', 'overwrite files there that differ')
    .action(async (way: string, reference: string | undefined, options: OnboardOptions) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(reference);
        const answer = await api.send('GET', `/v1/integrations/${id}/onboarding/${way}`, onboarding);
        if (options.write !== undefined) writeFiles(options.write, answer.files, { force: options.force === true });
        return { answer, text: (shown: OnboardingShape) => formatOnboarding(shown, options.write) };
      });
    });
}

function formatOnboarding({ way, text, files }: OnboardingShape, directory: string | undefined): string {
  const names = files.map(({ name }) => `  ${printable(name)}`);
  const about =
    directory === undefined
      ? [`The files that this needs (\`orgtrail integration onboard ${way} --write <directory>\` writes them):`, ...names]
      : [`Written to ${printable(directory)}, where the commands above are to be run:`, ...names];
  return [...text.split('\n').map(printable), '', ...about].join('\n');
}
