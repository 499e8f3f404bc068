import { connectByCli } from './cli/cli-way.js';
import { connectByCloudFormation } from './cloudformation/cloudformation-way.js';
import { connectByConsole } from './console/console-way.js';
import { connectByTerraform } from './terraform/terraform-way.js';
import type { Generate } from './way.js';

/** The four ways, by the name that the API and the command have for them. */
export const onboardingWays = {
  cloudformation: connectByCloudFormation,
  console: connectByConsole,
  cli: connectByCli,
  terraform: connectByTerraform,
} as const satisfies Record<string, Generate>;
