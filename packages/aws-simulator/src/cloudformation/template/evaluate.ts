import { isObject } from '../../iam/policy-document.js';
import { notSimulated, templateFormatError } from '../cloudformation-errors.js';
import { functionCall, subParts } from './functions.js';

/** What names in a template mean while a stack is made. */
export interface Scope {
  /** What `Ref` gives for a parameter, a pseudo parameter or a resource; `undefined`: there is no such thing. */
  ref(name: string): unknown;
  /** An attribute of a resource; throws ValidationError when the resource has no such. */
  attribute(resource: string, name: string): unknown;
  condition(name: string): boolean;
}

/** Stands for a property that is as good as not written. */
export const noValue = Symbol('AWS::NoValue');

/** A part of a template with its functions carried out. Throws ValidationError. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  if (!isObject(value)) {
    if (value === null) throw templateFormatError("'null' values are not allowed in templates");
    return value;
  }
  const call = functionCall(value);
  if (call !== undefined) return carryOut(call.name, call.argument, scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, evaluate(member, scope)] as const)
      .filter(([, member]) => member !== noValue),
  );
}

function carryOut(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case 'Ref':
      return ref(String(argument), scope);
    case 'Fn::GetAtt': {
      const [resource, attribute] = typeof argument === 'string' ? halves(argument) : listOf(argument, name, 2);
      return scope.attribute(String(resource), textOf(evaluate(attribute, scope), name));
    }
    case 'Fn::Sub':
      return sub(argument, scope);
    case 'Fn::Join': {
      const [delimiter, parts] = listOf(argument, name, 2);
      return textsOf(evaluate(parts, scope), name).join(textOf(delimiter, name));
    }
    case 'Fn::Split': {
      const [delimiter, text] = listOf(argument, name, 2);
      return textOf(evaluate(text, scope), name).split(textOf(delimiter, name));
    }
    case 'Fn::Select': {
      const [index, items] = listOf(argument, name, 2);
      const chosen = listOf(evaluate(items, scope), name)[Number(evaluate(index, scope))];
      if (chosen === undefined) throw templateFormatError('Fn::Select cannot select nonexistent value at index');
      return chosen;
    }
    case 'Fn::If': {
      const [condition, then, otherwise] = listOf(argument, name, 3);
      return evaluate(scope.condition(textOf(condition, name)) ? then : otherwise, scope);
    }
    default:
      throw notSimulated(`the function ${name} here`);
  }
}

function ref(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return noValue;
  const value = scope.ref(name);
  if (value === undefined) {
    throw templateFormatError(`Unresolved resource dependencies [${name}] in the Resources block of the template`);
  }
  return value;
}

function sub(argument: unknown, scope: Scope): string {
  const [text, own] = typeof argument === 'string' ? [argument, {}] : listOf(argument, 'Fn::Sub', 2);
  if (typeof text !== 'string' || !isObject(own)) {
    throw templateFormatError("One or more Fn::Sub intrinsic functions don't specify expected arguments.");
  }
  return subParts(text)
    .map((part) => {
      if ('literal' in part) return part.literal;
      if (Object.hasOwn(own, part.name)) return textOf(evaluate(own[part.name], scope), 'Fn::Sub');
      const [resource, attribute] = halves(part.name);
      return textOf(attribute === '' ? ref(resource, scope) : scope.attribute(resource, attribute), 'Fn::Sub');
    })
    .join('');
}

/** `Queue.Arn` as `['Queue', 'Arn']`; without a dot the second is empty. */
function halves(name: string): [string, string] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}

function listOf(value: unknown, where: string, length?: number): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw templateFormatError(`${where} object requires ${length === undefined ? 'a list' : `a list of ${length} parameters`}.`);
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw templateFormatError(`${where} object requires a string here.`);
}

const textsOf = (value: unknown, where: string): string[] => listOf(value, where).map((item) => textOf(item, where));
