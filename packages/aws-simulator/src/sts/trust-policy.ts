import type { Trust } from './caller.js';

/**
 * An IAM trust policy. What is simulated of it: principals of AWS, and `StringEquals` on `sts:ExternalId`. Services are legal principals
 * that never call the simulator.
 */
export interface TrustPolicy {
  Version?: string;
  Statement: TrustPolicyStatement | readonly TrustPolicyStatement[];
}

export interface TrustPolicyStatement {
  Sid?: string;
  Effect: 'Allow';
  Principal: '*' | { AWS?: string | readonly string[]; Service?: string | readonly string[] };
  Action: string | readonly string[];
  Condition?: { StringEquals?: Readonly<Record<string, string | readonly string[]>> };
}

/**
 * Whom a trust policy lets assume its role. Throws a `RangeError` for what is not simulated: to leave it out would make a role that is open
 * wider, or narrower, than its policy says.
 */
export function trustOf({ Statement }: TrustPolicy): Trust[] {
  return [Statement]
    .flat()
    .filter(({ Action }) => listOf(Action).some((action) => /^(\*|sts:(\*|assumerole))$/i.test(action)))
    .filter((statement) => !isForServicesAlone(statement))
    .map(({ Effect, Principal, Condition = {} }) => {
      // Parsed JSON may be of any shape, whatever its type says.
      const effect: string = Effect;
      if (effect !== 'Allow') throw notSimulated(`the effect ${effect}`);
      return { principals: principalsOf(Principal), externalIds: externalIdsOf(Condition) };
    });
}

function principalsOf(principal: TrustPolicyStatement['Principal']): readonly string[] {
  if (principal === '*') return ['*'];
  const other = Object.keys(principal).find((kind) => kind !== 'AWS' && kind !== 'Service');
  if (other !== undefined) throw notSimulated(`the principal ${other}`);
  return listOf(principal.AWS ?? []);
}

/** Lets nobody in, whatever its conditions; a denial is refused all the same, by what comes after. */
function isForServicesAlone({ Effect, Principal }: { Effect: string; Principal: TrustPolicyStatement['Principal'] }): boolean {
  return Effect === 'Allow' && Principal !== '*' && Object.keys(Principal).join() === 'Service';
}

function externalIdsOf(condition: NonNullable<TrustPolicyStatement['Condition']>): readonly string[] {
  const externalIds: string[] = [];
  for (const [operator, values] of Object.entries(condition)) {
    for (const [key, value] of Object.entries(values)) {
      // Condition keys are compared without regard to case, their values exactly.
      if (operator !== 'StringEquals' || key.toLowerCase() !== 'sts:externalid') {
        throw notSimulated(`the condition ${operator} on ${key}`);
      }
      externalIds.push(...listOf(value));
    }
  }
  return externalIds;
}

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

const notSimulated = (what: string): RangeError => new RangeError(`The simulator does not know ${what} in a trust policy.`);
