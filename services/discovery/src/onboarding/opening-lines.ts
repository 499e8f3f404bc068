import { command } from './steps.js';
import type { OnboardingValues } from './values.js';

/** The first lines of a text whose commands name files. */
export function writeFilesFirst(way: string, { integrationId }: OnboardingValues): string[] {
  return [
    'The commands below need the files of this way. Write them, and go there:',
    ...command(`orgtrail integration onboard ${way} ${integrationId} --write onboarding`),
    ...command('cd onboarding'),
  ];
}
