import { isObject } from '../iam/policy-document.js';
import type { ServiceOperation } from '../wire/service.js';
import type { RuleTarget } from './event-bus.js';
import { objects, optionalText, pageOf, refuseOthers, text, texts, type Members } from './request.js';
import { onRule } from './rule-operations.js';
import { messageSettings } from './target-message.js';

/** Of a batch no entry fails here: what is not good is refused as a whole, as EventBridge does with what it can tell at once. */
const nothingFailed = { FailedEntryCount: 0, FailedEntries: [] };

export const targetOperations = {
  PutTargets: onRule('write', 'Rule', ({ input }, bus) => {
    bus.putTargets(text(input, 'Rule'), objects(input, 'Targets').map(targetOf));
    return nothingFailed;
  }),
  RemoveTargets: onRule('write', 'Rule', ({ input }, bus) => {
    bus.removeTargets(text(input, 'Rule'), texts(input, 'Ids'));
    return nothingFailed;
  }),
  ListTargetsByRule: onRule('read', 'Rule', ({ input }, bus) => {
    const { shown, next } = pageOf(input, [...bus.rule(text(input, 'Rule')).targets.values()]);
    return { Targets: shown.map(targetShape), ...next };
  }),
} satisfies Record<string, ServiceOperation>;

/** Transformers, and what other kinds of targets need, are refused. */
function targetOf(member: Members): RuleTarget {
  refuseOthers(member, 'Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'DeadLetterConfig', 'RetryPolicy');
  const { DeadLetterConfig, RetryPolicy } = member;
  const deadLetterArn = isObject(DeadLetterConfig) ? optionalText(DeadLetterConfig, 'Arn') : undefined;
  const roleArn = optionalText(member, 'RoleArn');
  const message = messageSettings(optionalText(member, 'Input'), optionalText(member, 'InputPath'));
  return {
    id: text(member, 'Id'),
    arn: text(member, 'Arn'),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...message,
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
    ...(isObject(RetryPolicy) ? { retryPolicy: RetryPolicy } : {}),
  };
}

const targetShape = ({ id, arn, roleArn, input, inputPath, deadLetterArn, retryPolicy }: RuleTarget): object => ({
  Id: id,
  Arn: arn,
  RoleArn: roleArn,
  Input: input,
  InputPath: inputPath,
  DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
  RetryPolicy: retryPolicy,
});
