import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { roleArn } from './policies.js';
import { awsCli, customer, externalId } from './testing/customer.fixture.js';

(awsCli === undefined ? describe.skip : describe)('in the simulated AWS, what a person does by the text', () => {
  const {
    simulator,
    desk,
    accountIdOfManagement,
    queueUrl,
    values,
    sitDown,
    run,
    mustRun,
    ask,
    orgtrail,
    members,
    expectOnlyUs,
    expectEverythingNeeded,
    receive,
    expectEventsToArrive,
  } = customer();

  const expectNoMore = async (): Promise<void> => {
    const role = roleArn({ ...values(), accountId: accountIdOfManagement() });
    const { said } = await run(
      `aws sts assume-role --role-arn ${role} --role-session-name test --external-id ${externalId} --query Credentials`,
      orgtrail(),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(said) as Record<string, string>;
    const session = { accessKeyId: AccessKeyId ?? '', secretAccessKey: SecretAccessKey ?? '', sessionToken: SessionToken ?? '' };
    for (const forbidden of [
      `organizations create-organizational-unit --parent-id ${simulator().organization.root.id} --name x`,
      'organizations list-aws-service-access-for-organization',
      'iam list-roles',
      'events disable-rule --name orgtrail-organization-events',
      'events describe-rule --name another',
      `sqs purge-queue --queue-url ${queueUrl()}`,
      `sqs send-message --queue-url ${queueUrl()} --message-body x`,
      `sqs receive-message --queue-url ${queueUrl()}-undelivered`,
    ]) {
      const answer = await run(`aws ${forbidden}`, session);
      expect({ forbidden, ...answer }).toMatchObject({
        said: expect.stringMatching(/AccessDenied/),
      });
    }
  };

  /** What a delegated administrator does is logged by the trail of its own account. */
  const expectForwardedEvents = async (delegate: string): Promise<void> => {
    simulator().setBehaviour({ delegatedAdministratorsMayTag: true });
    simulator().actions.registerDelegatedAdministrator({ accountId: delegate, servicePrincipal: 'account.amazonaws.com' });
    for (const command of [
      'aws cloudtrail create-trail --name trail --s3-bucket-name bucket --is-multi-region-trail',
      'aws cloudtrail start-logging --name trail',
      `aws organizations tag-resource --resource-id ${simulator().organization.root.id} --tags Key=by,Value=administrator`,
    ]) {
      expect({ command, ...(await run(command, simulator().credentialsFor(delegate))) }).toMatchObject({ code: 0 });
    }
    await simulator().settled();
    expect(await mustRun(receive())).toContain(`\\"account\\":\\"${delegate}\\"`);
  };

  it('CloudFormation: the stack and the StackSet connect every account, and only us', async () => {
    const [text = '', undo = ''] = sitDown('cloudformation', values()).split(/\d\. To undo it all/);
    for (const command of commandsOf(text)) {
      if (!command.includes('YOUR_BUCKET')) await mustRun(command);
    }
    await expectOnlyUs(accountIdOfManagement());
    await expectEverythingNeeded();
    await expectNoMore();
    await expectEventsToArrive();
    for (const { id } of members()) await expectOnlyUs(id);

    for (const command of commandsOf(undo)) {
      await mustRun(command);
      await simulator().settled();
    }
    for (const { id } of members()) expect(await ask(id, orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
    expect(await ask(accountIdOfManagement(), orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
    expect(await mustRun('aws sqs list-queues; aws events list-rules --query Rules')).not.toContain('orgtrail');
  });

  it('CloudFormation: an update ends the rotation of the external id', async () => {
    const [deploy = ''] = commandsOf(
      sitDown('cloudformation', values({ externalId: 'the-new-one', previousExternalId: externalId })),
    );
    await mustRun(deploy);
    expect(await ask(accountIdOfManagement(), orgtrail(), values({ externalId: 'the-new-one' }))).toMatchObject({
      outcome: 'verified',
    });
    expect(await ask(accountIdOfManagement(), orgtrail())).toMatchObject({ outcome: 'verified' });
    desk().remove();
    const [after = ''] = commandsOf(sitDown('cloudformation', values({ externalId: 'the-new-one' })));
    // The AWS CLI names change sets by the second, and a name cannot be used twice.
    await setTimeout(1_000);
    await mustRun(after);
    expect(await ask(accountIdOfManagement(), orgtrail(), values({ externalId: 'the-new-one' }))).toMatchObject({
      outcome: 'verified',
    });
    expect(await ask(accountIdOfManagement(), orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
  });

  it('CloudFormation: a delegated administrator forwards to the management account', async () => {
    const [delegate] = members();
    const given = values({ forwardingAccountIds: [delegate?.id ?? ''], configureMembers: false });
    const commands = commandsOf(sitDown('cloudformation', given)).filter((command) => command.includes('cloudformation deploy'));
    expect(commands).toHaveLength(2);
    await mustRun(commands[0] ?? '');
    const forwarded = await run(commands[1] ?? '', simulator().credentialsFor(delegate?.id ?? ''));
    expect(forwarded).toMatchObject({ code: 0 });
    const rules = await run(
      'aws events list-targets-by-rule --rule orgtrail-organization-events',
      simulator().credentialsFor(delegate?.id ?? ''),
    );
    expect(rules.said).toContain(`arn:aws:events:us-east-1:${accountIdOfManagement()}:event-bus/default`);
    expect(await mustRun('aws events describe-event-bus --name default')).toContain(delegate?.id);
  });

  it('Console: the documents to paste make the same', async () => {
    const [delegate] = members();
    sitDown('console', values({ forwardingAccountIds: [delegate?.id ?? ''] }));
    const queue = (name: string, policy: string) =>
      `aws sqs create-queue --queue-name ${name} --attributes "$(printf '{"Policy": %s}' "$('${process.execPath}' -p 'JSON.stringify(fs.readFileSync("${policy}", "utf8"))')")"`;
    for (const command of [
      'aws iam create-role --role-name OrgtrailIntegration --path /security/ --assume-role-policy-document file://trust-policy.json',
      'aws iam put-role-policy --role-name OrgtrailIntegration --policy-name orgtrail --policy-document file://permissions-policy.json',
      queue('orgtrail-events-undelivered', 'undelivered-queue-policy.json'),
      queue('orgtrail-events', 'queue-policy.json'),
      'aws events put-rule --name orgtrail-organization-events --event-pattern file://event-pattern.json',
      `aws events put-targets --rule orgtrail-organization-events --targets Id=1,Arn=arn:aws:sqs:us-east-1:${accountIdOfManagement()}:orgtrail-events`,
      'aws events put-permission --event-bus-name default --policy file://event-bus-policy.json',
    ]) {
      await mustRun(command);
    }
    await expectOnlyUs(accountIdOfManagement());
    await expectEverythingNeeded();
    await expectEventsToArrive();
    const deploy = `aws cloudformation deploy --stack-name orgtrail-forwarding --template-file orgtrail-forwarding.yaml --capabilities CAPABILITY_IAM --parameter-overrides ManagementAccountId=${accountIdOfManagement()}`;
    expect(await run(deploy, simulator().credentialsFor(delegate?.id ?? ''))).toMatchObject({ code: 0 });
    await expectForwardedEvents(delegate?.id ?? '');
  });
});

/** Commands are the lines that are indented below a step's own; `\` goes on. */
function commandsOf(text: string): string[] {
  return text
    .replace(/ \\\n\s+/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith('     '))
    .map((line) => line.trim());
}
