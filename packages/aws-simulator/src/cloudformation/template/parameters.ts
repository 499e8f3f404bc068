import { invalid, notSimulated, templateFormatError } from '../cloudformation-errors.js';
import type { Template } from './template.js';

/** The declaration of one parameter. */
export interface ParameterDeclaration {
  readonly name: string;
  readonly type: ParameterType;
  readonly default: string | undefined;
  readonly noEcho: boolean;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly allowedValues: readonly string[] | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minValue: number | undefined;
  readonly maxValue: number | undefined;
  readonly constraint: string | undefined;
}

type ParameterType = 'String' | 'Number' | 'CommaDelimitedList';

const known = [
  'Type',
  'Default',
  'NoEcho',
  'Description',
  'AllowedPattern',
  'AllowedValues',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
  'ConstraintDescription',
];

/** What a template declares of its parameters. Throws ValidationError, also for types that are not simulated. */
export function declaredParameters(template: Template): ParameterDeclaration[] {
  return [...template.parameters].map(([name, members]) => {
    const other = Object.keys(members).find((member) => !known.includes(member));
    if (other !== undefined) throw templateFormatError(`Invalid template parameter property '${other}'`);
    const { Type, AllowedValues } = members;
    if (Type === undefined) throw templateFormatError(`Every Parameters object must contain a Type member.`);
    if (Type !== 'String' && Type !== 'Number' && Type !== 'CommaDelimitedList') {
      throw notSimulated(`the type ${JSON.stringify(Type)} of parameter ${name}`);
    }
    if (AllowedValues !== undefined && !Array.isArray(AllowedValues)) {
      throw templateFormatError(`AllowedValues of parameter ${name} must be a list.`);
    }
    const text = (member: string): string | undefined => scalarOf(members[member], `${member} of parameter ${name}`);
    const number = (member: string): number | undefined => {
      const value = text(member);
      return value === undefined ? undefined : Number(value);
    };
    const declaration: ParameterDeclaration = {
      name,
      type: Type,
      default: text('Default'),
      noEcho: text('NoEcho') === 'true',
      description: text('Description'),
      allowedPattern: text('AllowedPattern'),
      allowedValues: AllowedValues?.map((value) => scalarOf(value, `AllowedValues of parameter ${name}`) ?? ''),
      minLength: number('MinLength'),
      maxLength: number('MaxLength'),
      minValue: number('MinValue'),
      maxValue: number('MaxValue'),
      constraint: text('ConstraintDescription'),
    };
    if (declaration.default !== undefined) check(declaration, declaration.default);
    return declaration;
  });
}

/** What was given for a parameter: a value, or the word that the stack keeps the one it has. */
export type GivenParameter = { value: string } | 'previous';

/** Each parameter's value as a text. Throws ValidationError for unknown, missing and forbidden ones. */
export function parameterValues(
  template: Template,
  given: ReadonlyMap<string, GivenParameter>,
  previous: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const unknown = [...given.keys()].filter((name) => !template.parameters.has(name));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const declarations = declaredParameters(template);
  const values = new Map<string, string>();
  for (const declaration of declarations) {
    const own = given.get(declaration.name);
    if (own === 'previous' && !previous.has(declaration.name)) {
      throw invalid(
        `Invalid input for parameter key ${declaration.name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    const value = own === 'previous' ? previous.get(declaration.name) : (own?.value ?? declaration.default);
    if (value !== undefined) values.set(declaration.name, value);
  }
  const missing = declarations.filter(({ name }) => !values.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  for (const declaration of declarations) check(declaration, values.get(declaration.name) ?? '');
  return values;
}

/** A value as `Ref` gives it. */
export const listItems = (value: string): string[] => (value === '' ? [] : value.split(',').map((item) => item.trim()));

function check(declaration: ParameterDeclaration, value: string): void {
  const { name, type, constraint } = declaration;
  for (const item of type === 'CommaDelimitedList' ? listItems(value) : [value]) {
    const broken = brokenRule(declaration, item);
    if (broken === undefined) continue;
    throw invalid(
      constraint === undefined
        ? `Parameter '${name}' ${broken}`
        : `Parameter ${name} failed to satisfy constraint: ${constraint}`,
    );
  }
}

function brokenRule(declaration: ParameterDeclaration, value: string): string | undefined {
  const { type, allowedPattern, allowedValues, minLength = 0, maxLength = Infinity } = declaration;
  const { minValue = -Infinity, maxValue = Infinity } = declaration;
  if (allowedValues !== undefined && !allowedValues.includes(value)) return 'must be one of AllowedValues';
  if (allowedPattern !== undefined && !new RegExp(`^(?:${allowedPattern})$`).test(value))
    return `must match pattern ${allowedPattern}`;
  if (value.length < minLength) return `must contain at least ${minLength} characters`;
  if (value.length > maxLength) return `must contain at most ${maxLength} characters`;
  if (type !== 'Number') return undefined;
  if (value.trim() === '' || Number.isNaN(Number(value))) return `must be a number`;
  if (Number(value) < minValue) return `must be a number not less than ${minValue}`;
  return Number(value) > maxValue ? `must be a number not greater than ${maxValue}` : undefined;
}

function scalarOf(value: unknown, what: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw templateFormatError(`${what} must be a string.`);
}
