import { operationsOf, type ServiceCall } from '../wire/service.js';
import { optionalText, requiredText } from '../wire/query-fields.js';
import { invalid } from './cloudformation-errors.js';
import { templateOf } from './content-request.js';
import { neededCapabilities } from './prepare-template.js';
import { namedStack, regionOf } from './stack-operations.js';
import { declaredParameters } from './template/parameters.js';
import type { Template } from './template/template.js';

/** What templates say of themselves. */
export const templateOperations = operationsOf({
  ValidateTemplate: {
    kind: 'read',
    run: ({ input }) => {
      const template = templateOf(input);
      return {
        Description: template.description,
        Parameters: declaredParameters(template).map(({ name, default: byDefault, noEcho, description }) => ({
          ParameterKey: name,
          DefaultValue: byDefault,
          NoEcho: noEcho,
          Description: description,
        })),
        ...needs(template),
      };
    },
  },
  GetTemplateSummary: {
    kind: 'read',
    run: (call) => {
      const template = namedTemplate(call) ?? templateOf(call.input);
      return {
        Description: template.description,
        Parameters: declaredParameters(template).map((parameter) => ({
          ParameterKey: parameter.name,
          DefaultValue: parameter.default,
          ParameterType: parameter.type,
          NoEcho: parameter.noEcho,
          Description: parameter.description,
          ParameterConstraints: parameter.allowedValues === undefined ? {} : { AllowedValues: parameter.allowedValues },
        })),
        ...needs(template),
        ResourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
        Version: '2010-09-09',
        Metadata: template.metadata === undefined ? undefined : JSON.stringify(template.metadata),
      };
    },
  },
  GetTemplate: {
    kind: 'read',
    run: (call) => {
      const changeSetName = optionalText(call.input, 'ChangeSetName');
      const stack = namedStack(call);
      const content = changeSetName === undefined ? stack.content : stack.changeSets.get(changeSetName)?.content;
      if (content === undefined) throw invalid(`Stack with id ${stack.name} has no template`);
      return { TemplateBody: content.template.text, StagesAvailable: ['Original', 'Processed'] };
    },
  },
});

function namedTemplate(call: ServiceCall): Template | undefined {
  const { input, aws } = call;
  if (optionalText(input, 'StackName') !== undefined) return namedStack(call).content?.template;
  if (optionalText(input, 'StackSetName') === undefined) return undefined;
  return aws.cloudFormation.stackSets.get(regionOf(call), requiredText(input, 'StackSetName')).content.template;
}

function needs(template: Template): object {
  const { capabilities, because } = neededCapabilities(template);
  return { Capabilities: capabilities, CapabilitiesReason: because };
}
