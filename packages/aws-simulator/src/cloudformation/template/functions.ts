import { isObject } from '../../iam/policy-document.js';

/** A function call in a template: an object whose only member is the function's name. */
export interface FunctionCall {
  readonly name: string;
  readonly argument: unknown;
}

/** `Condition` is a function among conditions only: elsewhere it is a member like any other, as in policy documents. */
export function functionCall(value: unknown, { amongConditions = false } = {}): FunctionCall | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return undefined;
  const [name, argument] = entry;
  const isFunction = name === 'Ref' || name.startsWith('Fn::') || (amongConditions && name === 'Condition');
  return isFunction ? { name, argument } : undefined;
}

/** The parts of an `Fn::Sub` text: literal, or the name in `${…}`. `${!x}` is the literal `${x}`. */
export function subParts(text: string): ({ literal: string } | { name: string })[] {
  const parts: ({ literal: string } | { name: string })[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{(!?)([^${}]*)\}/g)) {
    const [whole, escape, name = ''] = match;
    parts.push({ literal: text.slice(end, match.index) });
    parts.push(escape === '!' ? { literal: `\${${name}}` } : { name: name.trim() });
    end = match.index + whole.length;
  }
  return [...parts, { literal: text.slice(end) }];
}
