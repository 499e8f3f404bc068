import { eventPathNames } from './event-path-names.js';
import type { EventPathStep } from './event-path-steps.js';
import { listOf } from './policy-conditions.js';
import { statementsOf } from './queue-policy.js';

/** Who may forward is to be exactly `wanted`. Statements that `enable-events` did not put in stay, and are warned of. */
export function forwardingSteps(busPolicy: unknown, wanted: readonly string[], warnings: string[]): EventPathStep[] {
  for (const accountId of accountsOf(busPolicy, eventPathNames.forwardingStatement)) {
    if (wanted.includes(accountId)) continue;
    warnings.push(
      `Account ${accountId} may still forward its events to the default event bus, though the integration no longer names it: the script or the stack that let it has to take it back (statement ${eventPathNames.forwardingStatement}${accountId}).`,
    );
  }
  return [
    ...wanted.filter((accountId) => !mayForward(busPolicy, accountId)).map((accountId) => step('permit-forwarding', accountId)),
    ...forbidForwarding(busPolicy, { except: wanted }),
  ];
}

/** Withdraws what `enable-events` permitted. */
export const forbidForwarding = (busPolicy: unknown, { except = [] }: { except?: readonly string[] } = {}): EventPathStep[] =>
  accountsOf(busPolicy, ours)
    .filter((accountId) => !except.includes(accountId))
    .map((accountId) => step('forbid-forwarding', accountId));

const ours = eventPathNames.enableEvents.forwardingStatement;

const step = (kind: 'permit-forwarding' | 'forbid-forwarding', accountId: string): EventPathStep => ({
  kind,
  accountId,
  statementId: `${ours}${accountId}`,
});

/** Those whose statement is called `prefix` and the account's id. */
function accountsOf(busPolicy: unknown, prefix: string): string[] {
  const name = new RegExp(`^${prefix}(\\d{12})$`);
  return statementsOf(busPolicy).flatMap((statement) => {
    const { Sid } = statement as { Sid?: unknown };
    return typeof Sid === 'string' ? (name.exec(Sid)?.slice(1) ?? []) : [];
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
