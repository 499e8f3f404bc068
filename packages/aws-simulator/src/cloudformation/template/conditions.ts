import { invalid, notSimulated, templateFormatError } from '../cloudformation-errors.js';
import { evaluate, type Scope } from './evaluate.js';
import { functionCall } from './functions.js';

/** Answers whether a condition of a template holds. A condition may name others, but not itself. */
export function conditionsOf(conditions: ReadonlyMap<string, unknown>, ref: Scope['ref']): (name: string) => boolean {
  const found = new Map<string, boolean | 'open'>();
  const holds = (name: string): boolean => {
    const known = found.get(name);
    if (known === 'open') throw templateFormatError(`Circular dependency in condition ${name}`);
    if (known !== undefined) return known;
    if (!conditions.has(name))
      throw templateFormatError(`Unresolved condition dependency ${name} in the Conditions block of the template`);
    found.set(name, 'open');
    const result = isTrue(conditions.get(name), { holds, ref });
    found.set(name, result);
    return result;
  };
  return holds;
}

interface Known {
  holds: (name: string) => boolean;
  ref: Scope['ref'];
}

function isTrue(value: unknown, known: Known): boolean {
  const call = functionCall(value, { amongConditions: true });
  if (call === undefined) throw templateFormatError('Every Conditions member must be a condition function.');
  const { name, argument } = call;
  const list: unknown[] = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Condition':
      return known.holds(String(argument));
    case 'Fn::Not':
      return !isTrue(list[0], known);
    case 'Fn::And':
      return list.every((item) => isTrue(item, known));
    case 'Fn::Or':
      return list.some((item) => isTrue(item, known));
    case 'Fn::Equals': {
      if (list.length !== 2) throw templateFormatError('Fn::Equals requires a list of two values.');
      const [left, right] = list.map((item) => compared(item, known));
      return left === right;
    }
    default:
      throw notSimulated(`the function ${name} among conditions`);
  }
}

/** Conditions are decided before there are any resources. */
function compared(value: unknown, { holds, ref }: Known): string {
  const evaluated = evaluate(value, {
    ref,
    condition: holds,
    attribute: () => {
      throw invalid('Template error: Fn::GetAtt cannot be used in a condition.');
    },
  });
  return typeof evaluated === 'string' ? evaluated : JSON.stringify(evaluated);
}
