import { trustOf, type TrustPolicy } from '../sts/trust-policy.js';
import type { Trust } from '../sts/caller.js';
import { limitExceeded, malformedPolicy } from './iam-errors.js';
import { documentOf, isObject, listOf, statementsOf } from './policy-document.js';

const longestTrustDocument = 2048;
const known = ['Sid', 'Effect', 'Principal', 'Action', 'Condition'];

/** Whom a trust policy, as the API takes it, lets in. Throws MalformedPolicyDocument for what IAM refuses, and for what is not simulated. */
export function readTrustDocument(text: string): Trust[] {
  const document = documentOf(text);
  for (const statement of statementsOf(document)) {
    if ('Resource' in statement) throw malformedPolicy('Has prohibited field Resource');
    if (Object.keys(statement).some((name) => !known.includes(name))) throw malformedPolicy('Syntax errors in policy.');
    const { Principal, Action, Condition = {} } = statement;
    const kinds = isObject(Principal) ? Object.values(Principal) : Principal === '*' ? [] : [undefined];
    kinds.forEach(listOf);
    for (const action of listOf(Action)) {
      if (!/^(\*|sts:[\w*?]+)$/i.test(action))
        throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
    }
    const operators = isObject(Condition) ? Object.values(Condition) : [undefined];
    if (!operators.every(isObject)) throw malformedPolicy('Syntax errors in policy.');
    operators.flatMap((operator) => Object.values(operator)).forEach(listOf);
  }
  if (text.replace(/\s/g, '').length > longestTrustDocument) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${longestTrustDocument}`);
  }
  try {
    return trustOf(document as unknown as TrustPolicy);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw malformedPolicy(error.message);
  }
}
