import { isObject } from '../../iam/policy-document.js';
import { notSimulated, templateFormatError } from '../cloudformation-errors.js';
import { parseText } from './parse-text.js';

type Members = Readonly<Record<string, unknown>>;

/** A template as it stands, its functions not evaluated yet. */
export interface Template {
  readonly text: string;
  readonly description: string | undefined;
  readonly metadata: unknown;
  readonly parameters: ReadonlyMap<string, Members>;
  readonly conditions: ReadonlyMap<string, unknown>;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: ReadonlyMap<string, TemplateOutput>;
}

export interface TemplateResource {
  readonly type: string;
  readonly properties: Members;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly metadata: unknown;
  readonly deletionPolicy: KeepPolicy;
  readonly updateReplacePolicy: KeepPolicy;
}

type KeepPolicy = 'Delete' | 'Retain';

export interface TemplateOutput {
  readonly value: unknown;
  readonly description: string | undefined;
  readonly condition: string | undefined;
}

const sections = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Conditions', 'Resources', 'Outputs'];
const sectionsOfAws = ['Mappings', 'Rules', 'Transform', 'Hooks'];
const longestBody = 51_200;

/** Reads a template's text. Throws ValidationError, also for every section, attribute and value that is not simulated. */
export function readTemplate(text: string): Template {
  if (Buffer.byteLength(text) > longestBody) {
    throw templateFormatError(`Member must have length less than or equal to ${longestBody}`);
  }
  const body = parseText(text);
  if (!isObject(body)) throw templateFormatError('unsupported structure.');
  for (const name of Object.keys(body)) {
    if (sectionsOfAws.includes(name)) throw notSimulated(`the section ${name} of a template`);
    if (!sections.includes(name)) throw templateFormatError(`Invalid template property or properties [${name}]`);
  }
  const { AWSTemplateFormatVersion: version = '2010-09-09', Description: description } = body;
  if (version !== '2010-09-09') throw templateFormatError('Unsupported template version.');
  if (description !== undefined && typeof description !== 'string') {
    throw templateFormatError('Description must be a string.');
  }
  const template = {
    text,
    description,
    metadata: body['Metadata'],
    parameters: entriesOf(body, 'Parameters'),
    conditions: mapOf(body, 'Conditions'),
    resources: new Map([...entriesOf(body, 'Resources')].map(([id, resource]) => [id, resourceOf(id, resource)])),
    outputs: new Map([...entriesOf(body, 'Outputs')].map(([id, output]) => [id, outputOf(id, output)])),
  };
  if (template.resources.size === 0) throw templateFormatError('At least one Resources member must be defined.');
  return template;
}

function resourceOf(id: string, resource: Members): TemplateResource {
  const { Type, Properties = {}, DependsOn = [], Condition, Metadata, DeletionPolicy, UpdateReplacePolicy, ...others } = resource;
  refuseOthers(others, `resource ${id}`);
  if (!/^[A-Za-z0-9]+$/.test(id)) throw templateFormatError(`Resource name ${id} is non alphanumeric.`);
  if (typeof Type !== 'string')
    throw templateFormatError(`[/Resources/${id}] Every Resources object must contain a Type member.`);
  if (!isObject(Properties))
    throw templateFormatError(`[/Resources/${id}/Properties] 'null' values are not allowed in templates`);
  const dependsOn = [DependsOn].flat();
  if (!dependsOn.every((name) => typeof name === 'string')) {
    throw templateFormatError(`DependsOn of ${id} must be a string or a list of strings.`);
  }
  return {
    type: Type,
    properties: Properties,
    dependsOn,
    condition: optionalName(Condition, `Condition of ${id}`),
    metadata: Metadata,
    deletionPolicy: keepPolicy(DeletionPolicy, `DeletionPolicy of ${id}`),
    updateReplacePolicy: keepPolicy(UpdateReplacePolicy, `UpdateReplacePolicy of ${id}`),
  };
}

function outputOf(id: string, output: Members): TemplateOutput {
  const { Value, Description, Condition, Export, ...others } = output;
  if (Export !== undefined) throw notSimulated(`Export, in output ${id}`);
  refuseOthers(others, `output ${id}`);
  if (Value === undefined)
    throw templateFormatError(`Output ${id} is malformed: every Outputs member must contain a Value object`);
  return { value: Value, description: optionalName(Description, `Description of ${id}`), condition: optionalName(Condition, id) };
}

function keepPolicy(value: unknown, what: string): KeepPolicy {
  if (value === undefined || value === 'Delete') return 'Delete';
  if (value === 'Retain') return 'Retain';
  throw notSimulated(`the ${what} ${JSON.stringify(value)}`);
}

function optionalName(value: unknown, what: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw templateFormatError(`${what} must be a string.`);
}

function mapOf(body: Members, section: string): Map<string, unknown> {
  const value = body[section];
  if (value === undefined) return new Map();
  if (!isObject(value)) throw templateFormatError(`[/${section}] must be an object.`);
  return new Map(Object.entries(value));
}

function entriesOf(body: Members, section: string): Map<string, Members> {
  return new Map(
    [...mapOf(body, section)].map(([name, entry]) => {
      if (!isObject(entry)) throw templateFormatError(`Every ${section} member must be an object: ${name} is none.`);
      return [name, entry];
    }),
  );
}

function refuseOthers(others: Members, where: string): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw notSimulated(`${other}, in ${where}`);
}
