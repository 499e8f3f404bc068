import { isObject } from '../iam/policy-document.js';
import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import { invalid, notFound, notSimulated } from './event-bridge-errors.js';
import type { BusStatement, EventBus } from './event-bus.js';
import { busOf, optionalText, text, type Members } from './request.js';

export const busOperations = {
  DescribeEventBus: {
    kind: 'read',
    resourceOf: (call) => describedBus(call).arn,
    run: (call) => {
      const { name, arn, policy } = describedBus(call);
      return { Name: name, Arn: arn, Policy: policy };
    },
  },
  PutPermission: onBus('write', (bus, input) => {
    const policy = optionalText(input, 'Policy');
    if (policy === undefined) bus.putStatement(statementOf(bus, input));
    else bus.setPolicy(policy);
    return undefined;
  }),
  RemovePermission: onBus('write', (bus, input) => {
    if (bus.statements.length === 0) throw notFound('EventBus does not have a policy.');
    if (input['RemoveAllPermissions'] === true) bus.setPolicy(undefined);
    else bus.removeStatement(text(input, 'StatementId'));
    return undefined;
  }),
} satisfies Record<string, ServiceOperation>;

function onBus(kind: ServiceOperation['kind'], run: (bus: EventBus, input: Members) => undefined): ServiceOperation {
  return { kind, resourceOf: (call) => busOf(call).arn, run: (call) => run(busOf(call), call.input) };
}

/** Here the bus is the thing itself, and its member is called `Name`. */
const describedBus = (call: ServiceCall): EventBus => busOf({ ...call, input: { EventBusName: call.input['Name'] } });

/** The statement that `StatementId`, `Principal` and perhaps an organization's id stand for. */
function statementOf(bus: EventBus, input: Members): BusStatement {
  const principal = text(input, 'Principal');
  const action = text(input, 'Action');
  const { Condition } = input;
  if (action !== 'events:PutEvents') throw invalid(`Provided value in parameter 'action' is not supported.`);
  if (principal !== '*' && !/^\d{12}$/.test(principal)) throw invalid(`Value '${principal}' at 'principal' is not valid.`);
  const [, partition = 'aws'] = bus.arn.split(':');
  return {
    Sid: text(input, 'StatementId'),
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:${partition}:iam::${principal}:root` },
    Action: action,
    Resource: bus.arn,
    ...(isObject(Condition) ? { Condition: conditionOf(Condition) } : {}),
  };
}

function conditionOf(condition: Members): object {
  const { Type, Key, Value } = condition;
  if (Type !== 'StringEquals' || Key !== 'aws:PrincipalOrgID' || typeof Value !== 'string') {
    throw notSimulated('a condition other than StringEquals on aws:PrincipalOrgID');
  }
  return { StringEquals: { 'aws:PrincipalOrgID': Value } };
}
