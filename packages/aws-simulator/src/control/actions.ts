import type { Simulator } from '../simulator.js';

/** Unchecked: what is wrong with its input, the action says itself, as AWS or as a RangeError. */
type AnyAction = (input: unknown) => unknown;

/** Does what is called so in `simulator.actions`. Those that take one id take it as JSON text, or as an object with that one member. */
export function carryOutAction(simulator: Simulator, name: string, input: unknown): unknown {
  if (!Object.hasOwn(simulator.actions, name)) {
    throw new RangeError(`There is no action ${name}. There are: ${Object.keys(simulator.actions).sort().join(', ')}`);
  }
  const action = simulator.actions[name as keyof Simulator['actions']] as AnyAction;
  return action(takesAnId.has(name) ? idIn(input) : (input ?? {}));
}

const takesAnId: ReadonlySet<string> = new Set([
  'clean',
  'suspend',
  'reinstate',
  'expireHandshake',
  'removeRole',
] satisfies (keyof Simulator['actions'])[]);

function idIn(input: unknown): unknown {
  const [only] = typeof input === 'object' && input !== null ? (Object.values(input) as unknown[]) : [input];
  if (typeof only !== 'string') throw new RangeError('One id is needed, as JSON: {"accountId": "111122223333"}');
  return only;
}
