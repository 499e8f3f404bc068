import { AwsError } from '../wire/errors.js';
import { invalid, notSimulated, templateFormatError } from './cloudformation-errors.js';
import { resourceTypes } from './resources/registry.js';
import { declaredParameters } from './template/parameters.js';
import { inOrder, refuseUnresolved } from './template/references.js';
import { readTemplate, type Template } from './template/template.js';

/** A template of which everything is simulated, and that makes sense by itself. Throws ValidationError. */
export function checkedTemplate(text: string): Template {
  const template = readTemplate(text);
  const unknown = [...template.resources.values()].map(({ type }) => type).filter((type) => !resourceTypes.has(type));
  const foreign = unknown.filter((type) => !/^AWS::\w+::\w+$/.test(type));
  if (foreign.length > 0) throw templateFormatError(`Unrecognized resource types: [${foreign.join(', ')}]`);
  if (unknown.length > 0) throw notSimulated(`resources of type ${[...new Set(unknown)].join(', ')}`);
  for (const [id, { type, properties }] of template.resources) {
    const other = Object.keys(properties).find((name) => !resourceTypes.get(type)?.properties.includes(name));
    if (other !== undefined) throw notSimulated(`the property ${other} of ${type}, in resource ${id}`);
  }
  declaredParameters(template);
  refuseUnresolved(template);
  inOrder(template);
  return template;
}

/** The capabilities that a template needs, the one for names including the other. */
export function neededCapabilities({ resources }: Template): { capabilities: string[]; because: string | undefined } {
  const ofIam = [...resources.values()].filter(({ type }) => resourceTypes.get(type)?.iam !== undefined);
  if (ofIam.length === 0) return { capabilities: [], because: undefined };
  const named = ofIam.some(({ type, properties }) => {
    const name = resourceTypes.get(type)?.iam?.nameProperty;
    return name !== undefined && name in properties;
  });
  const types = [...new Set(ofIam.map(({ type }) => type))];
  return {
    capabilities: [named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'],
    because: `The following resource(s) require capabilities: [${types.join(', ')}]`,
  };
}

/** Throws InsufficientCapabilitiesException. */
export function refuseWithoutCapabilities(template: Template, given: readonly string[]): void {
  const known = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];
  const unknown = given.find((capability) => !known.includes(capability));
  if (unknown !== undefined) throw invalid(`Unknown capability ${unknown}`);
  const [needed] = neededCapabilities(template).capabilities;
  if (needed === undefined || given.includes(needed) || given.includes('CAPABILITY_NAMED_IAM')) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}
