import { eventPathNames } from './event-path-names.js';
import type { EventPathStep } from './event-path-steps.js';
import { listOf } from './policy-conditions.js';
import { statementsOf } from './queue-policy.js';

/** Who may forward is to be exactly `wanted`. Statements that `enable-events` did not put in stay, and are warned of. */
export function forwardingSteps(busPolicy: unknown, wanted: readonly string[], warnings: string[]): EventPathStep[] {
  for (const { accountId, statementId } of permissionsOf(busPolicy, theirs)) {
    if (wanted.includes(accountId)) continue;
    warnings.push(
      `Account ${accountId} may still forward its events to the default event bus, though the integration does not name it: what let it has to take it back, the script or Terraform (statement ${statementId}).`,
    );
  }
  return [
    ...wanted
      .filter((accountId) => !mayForward(busPolicy, accountId))
      .map((accountId) => ({ kind: 'permit-forwarding' as const, accountId, statementId: `${prefix}${accountId}` })),
    ...forbidForwarding(busPolicy, { except: wanted }),
  ];
}

/** Withdraws what `enable-events` permitted. */
export const forbidForwarding = (busPolicy: unknown, { except = [] }: { except?: readonly string[] } = {}): EventPathStep[] =>
  permissionsOf(busPolicy, ours)
    .filter(({ accountId }) => !except.includes(accountId))
    .map((permission) => ({ kind: 'forbid-forwarding', ...permission }));

const prefix = eventPathNames.enableEvents.forwardingStatement;
const ours = new RegExp(`^${prefix}(\\d{12})$`);
/** Of the other ways, which may put a word of their own before the account's id. */
const theirs = new RegExp(`^${eventPathNames.forwardingStatement}[A-Za-z]*(\\d{12})$`);

/** Those whose statements are called by what they are for, and the account's id. */
function permissionsOf(busPolicy: unknown, name: RegExp): { accountId: string; statementId: string }[] {
  return statementsOf(busPolicy).flatMap((statement) => {
    const { Sid } = statement as { Sid?: unknown };
    const accountId = typeof Sid === 'string' ? name.exec(Sid)?.[1] : undefined;
    return accountId === undefined ? [] : [{ accountId, statementId: String(Sid) }];
  });
}

/** By whatever statement, of the templates too, unless it asks for more than who it is. */
function mayForward(busPolicy: unknown, accountId: string): boolean {
  return statementsOf(busPolicy).some(({ Effect, Principal, Action, Condition }) => {
    const principals = listOf((Principal as { AWS?: unknown } | null | undefined)?.AWS).map(String);
    return (
      Effect === 'Allow' &&
      Condition === undefined &&
      listOf(Action).includes('events:PutEvents') &&
      principals.some((principal) => principal === accountId || principal.endsWith(`:iam::${accountId}:root`))
    );
  });
}
