import { describe, expect, it } from '@jest/globals';
import { eventPathNames, eventPattern } from './event-path-names.js';
import { eventPathArns } from './event-path-arns.js';
import { planEventPath, type EventPathState, type QueueState } from './event-path-plan.js';
import { describeStep } from './event-path-steps.js';
import { planEventPathUndo } from './event-path-undo.js';
import { eventStatement, withEventStatement } from './queue-statement.js';

const managementAccountId = '111122223333';
const place = { partition: 'aws', region: 'us-east-1', accountId: managementAccountId };
const arns = eventPathArns(place);
const integrationId = '0b2f0e0e-1111-4222-8333-444455556666';
const ourTags = { [eventPathNames.tag.key]: eventPathNames.tag.value, [eventPathNames.integrationTag]: integrationId };
const foreign = { Sid: 'Audit', Effect: 'Allow', Principal: '*', Action: 'sqs:GetQueueUrl', Resource: '*' };

const queueState = (name: string, more: Partial<QueueState> = {}): QueueState => {
  const queueArn = `arn:aws:sqs:us-east-1:${managementAccountId}:${name}`;
  return {
    arn: queueArn,
    url: `https://sqs.us-east-1.amazonaws.com/${managementAccountId}/${name}`,
    policy: withEventStatement(undefined, { ruleArn: arns.rule, queueArn, accountId: managementAccountId }),
    visible: 3,
    inFlight: 2,
    delayed: 1,
    retentionSeconds: 1_209_600,
    tags: ourTags,
    ...more,
  };
};
const ourTarget = {
  id: 'orgtrail-enable-events',
  arn: arns.queue,
  undeliveredArn: arns['undelivered-queue'],
  rewritesEvents: false,
};
const rule = (more: Partial<NonNullable<EventPathState['rule']>> = {}) => ({
  rule: { arn: arns.rule, state: 'ENABLED', pattern: eventPattern as unknown, tags: ourTags, ...more },
});
const nothing: EventPathState = { ...place, targets: [], busPolicy: undefined };
const complete: EventPathState = {
  ...nothing,
  ...rule(),
  targets: [ourTarget],
  queue: queueState('orgtrail-events'),
  undeliveredQueue: queueState('orgtrail-events-undelivered'),
};
const plan = (more: Partial<EventPathState>, forwardingAccountIds: string[] = []) =>
  planEventPath({ ...complete, ...more }, { managementAccountId, integrationId, forwardingAccountIds });
const kinds = (steps: readonly { kind: string }[]) => steps.map(({ kind }) => kind);

describe('the plan for the way that events take', () => {
  it('makes everything where there is nothing, what is sent to before what sends', () => {
    const { steps, queueUrl } = planEventPath(nothing, { managementAccountId, integrationId });
    expect(steps.map((step) => ('name' in step ? `${step.kind} ${step.name}` : step.kind))).toEqual([
      'create-queue orgtrail-events-undelivered',
      'create-queue orgtrail-events',
      'put-rule',
      'put-target',
    ]);
    expect(queueUrl).toBeUndefined();
  });

  it('has no step where all of it stands', () => {
    expect(plan({})).toEqual({
      region: 'us-east-1',
      steps: [],
      warnings: [],
      refusals: [],
      left: [],
      stopsEvents: false,
      queueUrl: complete.queue?.url,
    });
  });

  it.each<[string, Partial<EventPathState>, object]>([
    ['enables a rule that is disabled', rule({ state: 'DISABLED' }), { kind: 'enable-rule' }],
    [
      'replaces a narrower pattern',
      rule({ pattern: { source: ['aws.organizations'] } }),
      { kind: 'put-rule', state: 'ENABLED', reason: 'narrower', replaces: { source: ['aws.organizations'] } },
    ],
    [
      'keeps a rule that gets reads too as it is, while its pattern is replaced',
      rule({ pattern: undefined, state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }),
      { kind: 'put-rule', state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', reason: 'narrower' },
    ],
    ['adds the target', { targets: [] }, { kind: 'put-target', targetId: 'orgtrail-enable-events', reason: 'missing' }],
    [
      'leads our target to our queue',
      { targets: [{ ...ourTarget, arn: `${arns.queue}-old` }] },
      { kind: 'put-target', targetId: 'orgtrail-enable-events', queueArn: arns.queue, reason: 'leads-elsewhere' },
    ],
    [
      'takes a target that somebody made by hand, and gives it the second queue',
      { targets: [{ id: 'Id1', arn: arns.queue, rewritesEvents: false }] },
      { kind: 'put-target', targetId: 'Id1', undeliveredArn: arns['undelivered-queue'], reason: 'loses-undelivered' },
    ],
    [
      'ends the rewriting of events',
      { targets: [{ ...ourTarget, rewritesEvents: true }] },
      { kind: 'put-target', targetId: 'orgtrail-enable-events', reason: 'rewrites-events' },
    ],
    [
      'adds our statement to those of others',
      { queue: queueState('orgtrail-events', { policy: { Version: '2008-10-17', Statement: foreign } }) },
      {
        kind: 'set-queue-policy',
        purpose: 'allow',
        policy: { Version: '2008-10-17', Statement: [foreign, { Sid: 'OrgtrailEnableEvents', Resource: arns.queue }] },
      },
    ],
    [
      'lets EventBridge send to the second queue as well',
      { undeliveredQueue: queueState('orgtrail-events-undelivered', { policy: undefined }) },
      {
        kind: 'set-queue-policy',
        name: 'orgtrail-events-undelivered',
        policy: { Statement: [{ Resource: arns['undelivered-queue'] }] },
      },
    ],
  ])('%s', (_what, more, step) => {
    const { steps } = plan(more);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject(step);
  });

  it('does not add a second target that would deliver everything twice', () => {
    expect(plan({ targets: [{ ...ourTarget, id: 'Id1' }] }).steps).toEqual([]);
  });

  it('takes a wider rule for good', () => {
    const wider = rule({ pattern: { source: [{ prefix: 'aws.' }] }, state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' });
    expect(plan(wider).steps).toEqual([]);
  });

  it('keeps the other queue of a target for what it can not deliver, makes none beside it, and says that nobody here reads it', () => {
    const undeliveredArn = 'arn:aws:sqs:us-east-1:111122223333:theirs';
    const { undeliveredQueue: _none, ...without } = complete;
    const other = (more: object) =>
      planEventPath(
        { ...without, targets: [{ ...ourTarget, id: 'Id1', undeliveredArn, ...more }] },
        { managementAccountId, integrationId, forwardingAccountIds: [] },
      );
    expect(other({})).toMatchObject({ steps: [], warnings: [expect.stringContaining(`goes to ${undeliveredArn}`)] });
    expect(other({ rewritesEvents: true }).steps).toEqual([
      { kind: 'put-target', targetId: 'Id1', queueArn: arns.queue, undeliveredArn, reason: 'rewrites-events' },
    ]);
  });

  const admits = (Sid: string, ...accountIds: string[]) => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS: accountIds.map((accountId) => `arn:aws:iam::${accountId}:root`) },
    Action: 'events:PutEvents',
    Resource: 'arn:aws:events:us-east-1:111122223333:event-bus/default',
  });

  it.each([
    ['of its own', admits('OrgtrailEnableEventsForwarding444455556666', '444455556666')],
    ['of the script', admits('OrgtrailForwarding444455556666', '444455556666')],
    ['of the stack', admits('OrgtrailForwarding', '444455556666', '333344445555')],
  ])('lets the accounts that are named forward, where no statement does (here one %s)', (_whose, statement) => {
    expect(plan({ busPolicy: { Statement: [statement] } }, ['444455556666', '777788889999'])).toMatchObject({
      steps: [
        {
          kind: 'permit-forwarding',
          accountId: '777788889999',
          statementId: 'OrgtrailEnableEventsForwarding777788889999',
        },
      ],
      warnings: [],
    });
  });

  it('takes a statement that denies, or that has conditions, for no permission', () => {
    for (const more of [
      { Effect: 'Deny' },
      { Condition: { StringEquals: { 'events:source': 'a' } } },
      { Action: 'events:PutRule' },
    ]) {
      const statement = { ...admits('OrgtrailForwarding444455556666', '444455556666'), ...more };
      expect(kinds(plan({ busPolicy: { Statement: [statement] } }, ['444455556666']).steps)).toEqual(['permit-forwarding']);
    }
  });

  it('withdraws its own permission of an account that is no longer named, and says whose else is left', () => {
    const busPolicy = {
      Statement: [
        admits('OrgtrailEnableEventsForwarding444455556666', '444455556666'),
        admits('OrgtrailEnableEventsForwarding777788889999', '777788889999'),
        admits('OrgtrailForwarding222233334444', '222233334444'),
        admits('OrgtrailForwardingByScript333344445555', '333344445555'),
        admits('theirs', '222233334444'),
      ],
    };
    expect(plan({ busPolicy }, ['777788889999'])).toMatchObject({
      steps: [
        {
          kind: 'forbid-forwarding',
          accountId: '444455556666',
          statementId: 'OrgtrailEnableEventsForwarding444455556666',
        },
      ],
      warnings: [
        expect.stringContaining('statement OrgtrailForwarding222233334444'),
        expect.stringContaining('statement OrgtrailForwardingByScript333344445555'),
      ],
    });
  });

  it('touches no permission where nobody says which accounts forward', () => {
    const busPolicy = { Statement: [admits('OrgtrailEnableEventsForwarding444455556666', '444455556666')] };
    expect(planEventPath({ ...complete, busPolicy }, { managementAccountId, integrationId })).toMatchObject({
      steps: [],
      warnings: [],
    });
  });

  it('warns of what no step mends: keys, and denials of others', () => {
    const denial = { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' };
    const policy = withEventStatement({ Statement: [denial] }, { ruleArn: arns.rule, queueArn: arns.queue, accountId: '' });
    const { steps, warnings } = plan({
      queue: queueState('orgtrail-events', { policy, kmsKeyId: 'alias/aws/sqs' }),
      undeliveredQueue: queueState('orgtrail-events-undelivered', { kmsKeyId: 'alias/ours' }),
      ...rule({ pattern: { source: ['aws.account'] } }),
      targets: [ourTarget, { id: 'audit', arn: 'arn:aws:sns:us-east-1:1:t', rewritesEvents: false }],
    });
    expect(kinds(steps)).toEqual(['put-rule']);
    expect(warnings).toEqual([
      expect.stringContaining('kms:GenerateDataKey'),
      expect.stringContaining('EventBridge can not use'),
      expect.stringContaining('A Deny statement in the policy of the queue orgtrail-events forbids'),
      expect.stringContaining('other targets (audit)'),
    ]);
  });
});

const another = 'a0000000-1111-4222-8333-444455556666';
const anothersTags = { ...ourTags, [eventPathNames.integrationTag]: another };

describe('where another integration has the names', () => {
  it.each<[string, Partial<EventPathState>]>([
    ['rule orgtrail-organization-events', rule({ tags: anothersTags, state: 'DISABLED' })],
    ['queue orgtrail-events', { queue: queueState('orgtrail-events', { tags: anothersTags, policy: undefined }) }],
    [
      'queue orgtrail-events-undelivered',
      { undeliveredQueue: queueState('orgtrail-events-undelivered', { tags: anothersTags }) },
    ],
  ])('makes and mends nothing, reads no queue of it, and says whose the %s is', (what, more) => {
    const { steps, queueUrl, refusals } = plan({ targets: [], ...more }, ['444455556666']);
    expect({ steps, queueUrl }).toEqual({ steps: [], queueUrl: undefined });
    expect(refusals).toEqual([expect.stringContaining(`the ${what}: it belongs to the integration ${another}`)]);
    expect(refusals[0]).toContain(`enable-events ${another} --undo`);
    expect(refusals[0]).toContain(`orgtrail:integration=${integrationId}`);
  });

  it('names no command of ours to take back what another way made', () => {
    const { refusals } = plan(rule({ tags: { [eventPathNames.integrationTag]: another } }));
    expect(refusals).toEqual([expect.stringContaining('by what made it')]);
  });

  it('undoes nothing of it, and events go on', () => {
    const undone = planEventPathUndo(
      {
        ...complete,
        ...rule({ tags: anothersTags }),
        queue: queueState('orgtrail-events', { tags: anothersTags }),
        undeliveredQueue: queueState('orgtrail-events-undelivered', { tags: anothersTags }),
        busPolicy: { Statement: [{ Sid: 'OrgtrailEnableEventsForwarding444455556666' }] },
      },
      { integrationId },
    );
    expect(undone).toMatchObject({ steps: [], stopsEvents: false });
    expect(undone.left).toEqual(Array.from({ length: 3 }, () => expect.stringContaining(`to the integration ${another}`)));
  });

  it('keeps a rule of its own that fills the queue of another, for as long as it does', () => {
    const { steps } = planEventPathUndo(
      { ...complete, queue: queueState('orgtrail-events', { tags: anothersTags }) },
      { integrationId },
    );
    expect(steps).toEqual([]);
  });
});

describe('the plan of the undo', () => {
  it('leaves what does not say for which integration enable-events made it', () => {
    const { steps, left } = planEventPathUndo(
      { ...complete, ...rule({ tags: { [eventPathNames.tag.key]: eventPathNames.tag.value } }) },
      { integrationId },
    );
    expect(kinds(steps)).not.toContain('delete-rule');
    expect(left).toEqual([expect.stringContaining(`it lacks the tag orgtrail:integration=${integrationId}`)]);
  });

  const undo = (more: Partial<EventPathState>) => planEventPathUndo({ ...complete, ...more }, { integrationId });

  it('removes what was made, what sends before what is sent to', () => {
    const Statement = ['EnableEventsForwarding444455556666', 'Forwarding222233334444', 'Forwarding'].map((name) => ({
      Sid: `Orgtrail${name}`,
    }));
    const { steps, left, stopsEvents } = undo({ busPolicy: { Statement } });
    expect(kinds(steps)).toEqual(['remove-target', 'delete-rule', 'delete-queue', 'delete-queue', 'forbid-forwarding']);
    expect(steps[2]).toMatchObject({ name: 'orgtrail-events', messages: 6 });
    expect(steps[4]).toMatchObject({ statementId: 'OrgtrailEnableEventsForwarding444455556666' });
    expect({ left, stopsEvents }).toEqual({ left: [], stopsEvents: true });
  });

  it('has no step where there is nothing', () =>
    expect(planEventPathUndo(nothing, { integrationId })).toMatchObject({ steps: [], left: [], stopsEvents: false }));

  it('leaves a rule with other targets, and the queues that those use', () => {
    const theirs = {
      id: 'audit',
      arn: 'arn:aws:sns:us-east-1:1:t',
      undeliveredArn: arns['undelivered-queue'],
      rewritesEvents: false,
    };
    const { steps, left } = undo({ targets: [ourTarget, theirs] });
    expect(kinds(steps)).toEqual(['remove-target', 'delete-queue']);
    expect(left).toEqual([
      expect.stringContaining('the rule orgtrail-organization-events: it has other targets (audit)'),
      expect.stringContaining('the queue orgtrail-events-undelivered with its policy: targets of the rule use it (audit)'),
    ]);
  });

  it('takes only our own additions out of what others made', () => {
    const theirs = queueState('orgtrail-events', { tags: {} });
    const policy = { Version: '2012-10-17', Statement: [foreign, ...(theirs.policy as { Statement: object[] }).Statement] };
    const { steps, left } = undo({ ...rule({ tags: { team: 'security' } }), queue: { ...theirs, policy } });
    expect(kinds(steps)).toEqual(['remove-target', 'set-queue-policy', 'delete-queue']);
    expect(steps[1]).toMatchObject({ purpose: 'withdraw', policy: { Statement: [foreign] } });
    expect(left).toHaveLength(2);
  });

  /** As Terraform, the script or a stack makes it. */
  const madeBy = (tags: Record<string, string>): EventPathState => {
    const queue = (name: string, queueArn: string) =>
      queueState(name, {
        tags,
        policy: { Statement: [eventStatement({ sid: 'OrgtrailEvents', ruleArn: arns.rule, queueArn })] },
      });
    return {
      ...nothing,
      ...rule({ tags }),
      targets: [{ ...ourTarget, id: 'orgtrail-events' }],
      queue: queue('orgtrail-events', arns.queue),
      undeliveredQueue: queue('orgtrail-events-undelivered', arns['undelivered-queue']),
      busPolicy: { Statement: [{ Sid: 'OrgtrailForwarding444455556666' }] },
    };
  };
  const others: [string, Record<string, string>, string][] = [
    ['Terraform', {}, 'it was not made by enable-events'],
    ['the script', { 'orgtrail:made-by': 'connect-management-account.sh' }, 'it was not made by enable-events'],
    ['a stack', { 'aws:cloudformation:stack-name': 'orgtrail-integration' }, 'the stack orgtrail-integration made it'],
  ];

  it.each(others)('touches nothing of what %s made, and events go on', (_who, tags, why) => {
    const { steps, left, stopsEvents } = planEventPathUndo(madeBy(tags), { integrationId });
    expect({ steps, stopsEvents }).toEqual({ steps: [], stopsEvents: false });
    expect(left).toHaveLength(3);
    expect(left[0]).toContain(why);
  });

  it.each(others)('takes its own additions out of what %s made', (_who, tags) => {
    const made = madeBy(tags);
    const policy = withEventStatement(made.queue!.policy, { ruleArn: arns.rule, queueArn: arns.queue, accountId: '' });
    const mended = { ...made, targets: [ourTarget], queue: { ...made.queue!, policy } };
    const { steps, stopsEvents } = planEventPathUndo(mended, { integrationId });
    expect(steps).toMatchObject([
      { kind: 'remove-target', targetId: 'orgtrail-enable-events' },
      { kind: 'set-queue-policy', name: 'orgtrail-events', policy: made.queue!.policy },
    ]);
    expect(stopsEvents).toBe(true);
  });
});

describe('a step as a command', () => {
  it('is one line for a shell, with the Region, and quotes what a shell would read', () => {
    const [undelivered, , ruleStep, target] = planEventPath(nothing, { managementAccountId, integrationId }).steps;
    expect(describeStep(undelivered!, 'us-east-1').command).toMatch(
      /^aws sqs create-queue --queue-name orgtrail-events-undelivered --attributes '\{"MessageRetentionPeriod":"1209600".*\}' --tags orgtrail:made-by=enable-events,orgtrail:integration=0b2f0e0e-1111-4222-8333-444455556666 --region us-east-1$/,
    );
    expect(describeStep(ruleStep!, 'us-gov-west-1').command).toContain(`--event-pattern '${JSON.stringify(eventPattern)}'`);
    expect(describeStep(target!, 'us-east-1').command).toContain(`"DeadLetterConfig":{"Arn":"${arns['undelivered-queue']}"}`);
    const odd = describeStep({ kind: 'remove-target', targetId: "it's" }, 'us-east-1').command;
    expect(odd).toContain(String.raw`--ids 'it'\''s'`);
  });

  it('says for whom what it makes is', () => {
    const ruleStep = planEventPath(nothing, { managementAccountId, integrationId }).steps[2]!;
    expect(describeStep(ruleStep, 'us-east-1').command).toMatch(
      new RegExp(`--tags \\S*made-by,Value=enable-events\\S* \\S*Key=orgtrail:integration,Value=${integrationId}`),
    );
  });

  it('tells people what is lost or replaced', () => {
    const queue = { kind: 'delete-queue' as const, queueUrl: 'https://q', name: 'orgtrail-events', messages: 6 };
    expect(describeStep(queue, 'us-east-1').text).toContain('about 6 messages');
    const replaced = { kind: 'put-rule' as const, state: 'ENABLED', reason: 'narrower' as const, replaces: { source: ['x'] } };
    expect(describeStep(replaced, 'us-east-1').text).toContain('{"source":["x"]}');
  });
});
