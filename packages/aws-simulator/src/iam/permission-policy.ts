import { malformedPolicy } from './iam-errors.js';
import { documentOf, listOf, statementsOf } from './policy-document.js';
import { covers } from './wildcards.js';

/** A statement of a policy that says what its role may do. */
export interface PermissionStatement {
  readonly effect: 'Allow' | 'Deny';
  /** Patterns such as `organizations:Describe*`. */
  readonly actions: readonly string[];
  /** The statement means every action but these (`NotAction`). */
  readonly allBut: boolean;
  /** Patterns of ARNs. */
  readonly resources: readonly string[];
}

export type Verdict = 'allowed' | 'denied explicitly' | 'not allowed';

/** IAM's rule: nothing is allowed unless a statement allows it, and a denial goes before. */
export function decide(statements: readonly PermissionStatement[], action: string, resource: string): Verdict {
  const meant = statements.filter((statement) => means(statement, action, resource));
  if (meant.some(({ effect }) => effect === 'Deny')) return 'denied explicitly';
  return meant.length > 0 ? 'allowed' : 'not allowed';
}

function means({ actions, allBut, resources }: PermissionStatement, action: string, resource: string): boolean {
  const named = actions.some((pattern) => covers(pattern, action, { ignoreCase: true }));
  return named !== allBut && resources.some((pattern) => covers(pattern, resource));
}

/**
 * The statements of a permission policy. Throws MalformedPolicyDocument for what IAM refuses, and for what is not simulated (conditions,
 * `NotResource`): to leave it out would allow more, or less, than the policy says.
 */
export function readPermissionPolicy(text: string): PermissionStatement[] {
  return statementsOf(documentOf(text)).map((statement) => {
    for (const name of Object.keys(statement)) {
      if (name === 'Principal' || name === 'NotPrincipal')
        throw malformedPolicy('Policy document should not specify a principal.');
      if (name === 'Condition' || name === 'NotResource') {
        throw malformedPolicy(`The simulator does not know ${name} in a permission policy.`);
      }
      if (!['Sid', 'Effect', 'Action', 'NotAction', 'Resource'].includes(name)) throw malformedPolicy('Syntax errors in policy.');
    }
    const { Effect: effect, Action, NotAction, Resource } = statement;
    if (effect !== 'Allow' && effect !== 'Deny') throw malformedPolicy('Syntax errors in policy.');
    if ((Action === undefined) === (NotAction === undefined)) throw malformedPolicy('Policy statement must contain actions.');
    if (Resource === undefined) throw malformedPolicy('Policy statement must contain resources.');
    return {
      effect,
      actions: listOf(Action ?? NotAction).map(checkedAction),
      allBut: Action === undefined,
      resources: listOf(Resource).map(checkedResource),
    };
  });
}

function checkedAction(action: string): string {
  if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
    throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  return action;
}

function checkedResource(resource: string): string {
  if (resource !== '*' && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/s.test(resource)) {
    throw malformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
  }
  return resource;
}
