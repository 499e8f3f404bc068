import { consoleAddress } from '../console-address.js';
import { managementStackName, type OnboardingValues } from '../values.js';
import { managementParameters } from './parameter-values.js';

/**
 * Opens the console's page for a new stack, filled in:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 * Undefined where no template lies in a bucket, or the partition's console is not known.
 */
export function quickCreateLink(values: OnboardingValues): string | undefined {
  const host = consoleAddress(values);
  if (host === undefined || values.templateUrls === undefined) return undefined;
  const fields = {
    templateURL: values.templateUrls.management,
    stackName: managementStackName,
    ...Object.fromEntries(Object.entries(managementParameters(values)).map(([name, value]) => [`param_${name}`, value])),
  };
  // Not URLSearchParams: the console reads a + as it stands, and a space only as %20.
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${host}/cloudformation/home?region=${values.region}#/stacks/create/review?${query.join('&')}`;
}
