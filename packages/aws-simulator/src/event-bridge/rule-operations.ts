import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import { invalid, notFound, notSimulated } from './event-bridge-errors.js';
import type { EventBus, Rule, RuleState } from './event-bus.js';
import { patternTest } from './pattern.js';
import { busOf, objects, optionalText, pageOf, refuseOthers, text, texts } from './request.js';

export const ruleOperations = {
  PutRule: {
    ...onRule('write', 'Name', ({ input }, bus) => {
      refuseOthers(input, 'Name', 'EventPattern', 'State', 'Description', 'RoleArn', 'Tags', 'EventBusName');
      const pattern = optionalText(input, 'EventPattern');
      if (pattern === undefined) throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
      const isNew = !bus.rules.some(({ name }) => name === input['Name']);
      const state = optionalText(input, 'State');
      const rule = bus.putRule({
        name: text(input, 'Name'),
        pattern,
        ...(state === undefined ? {} : { state: stateOf(state) }),
        description: optionalText(input, 'Description'),
        roleArn: optionalText(input, 'RoleArn'),
      });
      // Of a rule that is there PutRule leaves the tags as they are.
      if (isNew) tag(rule, input);
      return { RuleArn: rule.arn };
    }),
    alsoNeeds: ({ input }) => (input['Tags'] === undefined ? [] : ['events:TagResource']),
  },
  DescribeRule: onRule('read', 'Name', ({ input }, bus) => ruleShape(bus, bus.rule(text(input, 'Name')), true)),
  ListRules: {
    kind: 'read',
    resourceOf: (call) => call.aws.buses.at({ accountId: call.caller.accountId, region: call.region }).ruleArn('*'),
    run: (call) => {
      const bus = busOf(call);
      const prefix = optionalText(call.input, 'NamePrefix') ?? '';
      const { shown, next } = pageOf(
        call.input,
        bus.rules.filter(({ name }) => name.startsWith(prefix)),
      );
      return { Rules: shown.map((rule) => ruleShape(bus, rule)), ...next };
    },
  },
  DeleteRule: onRule('write', 'Name', ({ input }, bus) => {
    refuseOthers(input, 'Name', 'EventBusName', 'Force');
    bus.deleteRule(text(input, 'Name'));
    return undefined;
  }),
  EnableRule: onRule('write', 'Name', ({ input }, bus) => {
    bus.rule(text(input, 'Name')).state = 'ENABLED';
    return undefined;
  }),
  DisableRule: onRule('write', 'Name', ({ input }, bus) => {
    bus.rule(text(input, 'Name')).state = 'DISABLED';
    return undefined;
  }),
  TestEventPattern: {
    kind: 'read',
    run: ({ input }) => {
      const matches = patternTest(text(input, 'EventPattern'));
      try {
        return { Result: matches(JSON.parse(text(input, 'Event'))) };
      } catch {
        // The pattern was read before: only the event can be unreadable here.
        throw invalid('Parameter Event is not valid.');
      }
    },
  },
  TagResource: onTags('write', (rule, input) => {
    tag(rule, input);
    return {};
  }),
  UntagResource: onTags('write', (rule, input) => {
    for (const key of texts(input, 'TagKeys')) rule.tags.delete(key);
    return {};
  }),
  ListTagsForResource: onTags('read', (rule) => ({ Tags: [...rule.tags].map(([Key, Value]) => ({ Key, Value })) })),
} satisfies Record<string, ServiceOperation>;

/** An operation on a rule of the caller's bus; `nameMember` has the rule's name. */
export function onRule(
  kind: ServiceOperation['kind'],
  nameMember: 'Name' | 'Rule',
  run: (call: ServiceCall, bus: EventBus) => object | undefined,
): ServiceOperation {
  return { kind, resourceOf: (call) => busOf(call).ruleArn(text(call.input, nameMember)), run: (call) => run(call, busOf(call)) };
}

function onTags(kind: ServiceOperation['kind'], run: (rule: Rule, input: ServiceCall['input']) => object): ServiceOperation {
  return {
    kind,
    resourceOf: ({ input }) => text(input, 'ResourceARN'),
    run: (call) => {
      const arn = text(call.input, 'ResourceARN');
      const rule = busOf(call).rules.find((candidate) => candidate.arn === arn);
      if (rule === undefined) throw notFound(`The resource ${arn} does not exist.`);
      return run(rule, call.input);
    },
  };
}

const tag = (rule: Rule, input: ServiceCall['input']): void => {
  for (const member of objects(input, 'Tags')) rule.tags.set(text(member, 'Key'), optionalText(member, 'Value') ?? '');
};

const states: readonly RuleState[] = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

function stateOf(value: string): RuleState {
  const state = states.find((candidate) => candidate === value);
  if (state === undefined) throw notSimulated(`the rule state ${value}`);
  return state;
}

function ruleShape(bus: EventBus, rule: Rule, withCreator = false): object {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: bus.name,
    ...(withCreator ? { CreatedBy: bus.accountId } : {}),
  };
}
