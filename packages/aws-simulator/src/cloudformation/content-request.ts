import { isObject } from '../iam/policy-document.js';
import type { ServiceCall } from '../wire/service.js';
import { membersOf, optionalText, optionalTruth, requiredText, tagsOf, textsOf } from '../wire/query-fields.js';
import { invalid, notSimulated } from './cloudformation-errors.js';
import { checkedTemplate, refuseWithoutCapabilities } from './prepare-template.js';
import type { StackContent } from './stack.js';
import { parameterValues, type GivenParameter } from './template/parameters.js';
import type { Template } from './template/template.js';

type Members = ServiceCall['input'];

/** Parameters by which a call says what a stack is to be. */
export const contentParameters = ['TemplateBody', 'UsePreviousTemplate', 'Parameters', 'Capabilities', 'Tags'];

/** What a stack is to be, by a request, and by what it is already. Throws ValidationError and InsufficientCapabilitiesException. */
export function contentOf(input: Members, before?: StackContent): StackContent {
  const template = templateOf(input, before);
  const capabilities = textsOf(input, 'Capabilities');
  refuseWithoutCapabilities(template, capabilities);
  const parameters = parameterValues(template, givenParameters(input), before?.parameters);
  const tags = before !== undefined && input['Tags'] === undefined ? before.tags : tagsOf(input);
  return { template, parameters, capabilities, tags };
}

export function templateOf(input: Members, before?: StackContent): Template {
  if (optionalTruth(input, 'UsePreviousTemplate')) {
    if (before === undefined) throw invalid('UsePreviousTemplate cannot be true for a stack that does not exist.');
    return before.template;
  }
  if (input['TemplateURL'] !== undefined) throw notSimulated('templates at a TemplateURL: give it a TemplateBody');
  const body = optionalText(input, 'TemplateBody');
  if (body === undefined) throw invalid('Either Template URL or Template Body must be specified.');
  return checkedTemplate(body);
}

function givenParameters(input: Members): Map<string, GivenParameter> {
  return new Map(
    membersOf(input, 'Parameters').map((parameter): [string, GivenParameter] => {
      if (!isObject(parameter)) throw invalid('A parameter is malformed.');
      const key = requiredText(parameter, 'ParameterKey');
      if (optionalTruth(parameter, 'UsePreviousValue')) return [key, 'previous'];
      return [key, { value: optionalText(parameter, 'ParameterValue') ?? '' }];
    }),
  );
}
