import { isObject } from '../../iam/policy-document.js';
import { templateFormatError } from '../cloudformation-errors.js';
import { functionCall, subParts } from './functions.js';
import type { Template } from './template.js';

const pseudoParameters = [
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

/** The logical ids, parameters and pseudo parameters that a part of a template names. */
export function namesIn(value: unknown): Set<string> {
  const names = new Set<string>();
  collect(value, names);
  return names;
}

function collect(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, names);
    return;
  }
  if (!isObject(value)) return;
  const call = functionCall(value);
  if (call?.name === 'Ref') names.add(String(call.argument));
  else if (call?.name === 'Fn::GetAtt') names.add(String([call.argument].flat()[0]).split('.')[0] ?? '');
  else if (call?.name === 'Fn::Sub') {
    const [text, own]: unknown[] = [call.argument].flat();
    for (const part of subParts(String(text))) {
      if ('name' in part && !(isObject(own) && part.name in own)) names.add(part.name.split('.')[0] ?? '');
    }
    collect(own, names);
  } else for (const member of Object.values(value)) collect(member, names);
}

/** Refuses names of nothing: in resources, their `DependsOn` and outputs. */
export function refuseUnresolved({ parameters, resources, outputs, conditions }: Template): void {
  const isKnown = (name: string): boolean => resources.has(name) || parameters.has(name) || pseudoParameters.includes(name);
  const refuse = (names: Iterable<string>, section: string): void => {
    const unresolved = [...names].filter((name) => !isKnown(name));
    if (unresolved.length === 0) return;
    throw templateFormatError(
      `Unresolved resource dependencies [${unresolved.join(', ')}] in the ${section} block of the template`,
    );
  };
  for (const { properties, dependsOn } of resources.values()) {
    refuse([...namesIn(properties), ...dependsOn], 'Resources');
    const foreign = dependsOn.find((name) => !resources.has(name));
    if (foreign !== undefined) {
      throw templateFormatError(`Unresolved resource dependencies [${foreign}] in the Resources block of the template`);
    }
  }
  for (const { value } of outputs.values()) refuse(namesIn(value), 'Outputs');
  for (const { condition } of [...resources.values(), ...outputs.values()]) {
    if (condition !== undefined && !conditions.has(condition)) {
      throw templateFormatError(`Unresolved condition dependency ${condition} in the Resources block of the template`);
    }
  }
}

/** Resources in an order in which each comes after those that it names. Throws ValidationError for a circle. */
export function inOrder(template: Template): string[] {
  const { resources } = template;
  const order: string[] = [];
  const path: string[] = [];
  const visit = (id: string): void => {
    const resource = resources.get(id);
    if (resource === undefined || order.includes(id)) return;
    if (path.includes(id)) throw templateFormatError(`Circular dependency between resources: [${path.join(', ')}]`);
    path.push(id);
    for (const name of [...namesIn(resource.properties), ...resource.dependsOn]) visit(name);
    path.pop();
    order.push(id);
  };
  for (const id of resources.keys()) visit(id);
  return order;
}
