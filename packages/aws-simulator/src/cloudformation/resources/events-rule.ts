import { isDeepStrictEqual } from 'node:util';
import type { EventBus, Rule, RuleState, RuleTarget } from '../../event-bridge/event-bus.js';
import { invalid, notSimulated } from '../cloudformation-errors.js';
import type { Properties } from './properties.js';
import type { Made, ResourcePlace, ResourceType } from './resource-type.js';
import { alreadyExists } from './sqs-queue.js';

/** A rule of the default bus with its targets. */
export const eventsRule: ResourceType = {
  name: 'AWS::Events::Rule',
  properties: ['Description', 'EventBusName', 'EventPattern', 'Name', 'RoleArn', 'State', 'Tags', 'Targets'],
  replacedBy: ['Name', 'EventBusName'],

  create(place, properties) {
    const name = properties.optionalText('Name') ?? place.newName(64);
    const bus = busOf(place, properties);
    if (bus.rules.some((rule) => rule.name === name)) throw alreadyExists(name);
    const rule = bus.putRule(settingsOf(name, properties));
    try {
      bus.putTargets(name, targetsOf(properties));
    } catch (error) {
      bus.deleteRule(name);
      throw error;
    }
    setTags(place, rule, properties);
    return madeOf(rule);
  },

  update(place, made, properties, before) {
    const bus = busOf(place, properties);
    const rule = bus.rule(made.physicalId);
    const targets = targetsOf(properties);
    bus.putRule(settingsOf(rule.name, properties));
    const gone = targetsOf(before).filter(({ id }) => !targets.some((target) => target.id === id));
    bus.removeTargets(
      rule.name,
      gone.map(({ id }) => id),
    );
    bus.putTargets(rule.name, targets);
    setTags(place, rule, properties);
    return made;
  },

  delete(place, { physicalId }, properties) {
    const bus = busOf(place, properties);
    const rule = bus.rule(physicalId);
    const own = targetsOf(properties).filter(({ id, arn }) => isDeepStrictEqual(rule.targets.get(id)?.arn, arn));
    bus.removeTargets(
      physicalId,
      own.map(({ id }) => id),
    );
    bus.deleteRule(physicalId);
  },
};

/** The default bus of the stack's account and Region, by its name or its ARN. */
export function busOf({ services: { buses }, accountId, region }: ResourcePlace, properties: Properties): EventBus {
  const bus = buses.at({ accountId, region });
  const name = properties.optionalText('EventBusName') ?? 'default';
  if (name !== 'default' && name !== bus.arn) throw notSimulated(`the event bus ${name}`);
  return bus;
}

const madeOf = ({ name, arn }: Rule): Made => ({ physicalId: name, attributes: { Arn: arn } });

const states: readonly string[] = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

function settingsOf(name: string, properties: Properties) {
  const state = properties.optionalText('State') ?? 'ENABLED';
  if (!states.includes(state)) throw invalid(`#/State: ${state} is not a valid enum value`);
  return {
    name,
    pattern: properties.document('EventPattern'),
    state: state as RuleState,
    description: properties.optionalText('Description'),
    roleArn: properties.optionalText('RoleArn'),
  };
}

function targetsOf(properties: Properties): RuleTarget[] {
  return properties
    .objects('Targets', ['Arn', 'DeadLetterConfig', 'Id', 'Input', 'InputPath', 'RetryPolicy', 'RoleArn'])
    .map((target) => {
      const retry = target.optionalObject('RetryPolicy', ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']);
      const deadLetterArn = target.optionalObject('DeadLetterConfig', ['Arn'])?.optionalText('Arn');
      const roleArn = target.optionalText('RoleArn');
      const input = target.optionalText('Input');
      const inputPath = target.optionalText('InputPath');
      return {
        id: target.text('Id'),
        arn: target.text('Arn'),
        ...(roleArn === undefined ? {} : { roleArn }),
        ...(input === undefined ? {} : { input }),
        ...(inputPath === undefined ? {} : { inputPath }),
        ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
        ...(retry === undefined ? {} : { retryPolicy: numbersOf(retry) }),
      };
    });
}

const numbersOf = (retry: Properties): Record<string, number> =>
  Object.fromEntries(Object.keys(retry.values).map((name) => [name, Number(retry.text(name))]));

function setTags(place: ResourcePlace, rule: Rule, properties: Properties): void {
  rule.tags.clear();
  for (const [key, value] of properties.tags(place.stackTags)) rule.tags.set(key, value);
}
