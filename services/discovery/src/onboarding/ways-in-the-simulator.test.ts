import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectToAws, createRoleVerifier, managementRoleActions, type RoleAnswer } from '@orgtrail/aws';
import { startSimulator, type AccessKeyPair, type Simulator } from '@orgtrail/aws-simulator';
import { deskWith, valuesFor, type Desk } from './testing/onboarding.fixture.js';
import { roleArn } from './policies.js';
import type { OnboardingValues } from './values.js';
import { onboardingWays } from './ways.js';

const aws = process.env['ORGTRAIL_TEST_AWS_CLI'];
/** Every character that an external id may have beside letters. */
const externalId = 'orgtrail-7f3a=+,.@:/_x';
const anotherIntegration = '77777777-1111-4222-8333-444455556666';
const withoutHyphens = (id: string) => id.replaceAll('-', '');

// Each command of the AWS CLI takes about half a second, and more beside other tests.
jest.setTimeout(300_000);

(aws === undefined ? describe.skip : describe)('in the simulated AWS, what a person does by the text', () => {
  let simulator: Simulator;
  let desk: Desk;
  beforeEach(async () => {
    simulator = await startSimulator({ seed: 7, accounts: 8, organizationalUnits: 3, eventPath: 'none' });
  });
  afterEach(async () => {
    desk.remove();
    await simulator.close();
  });

  const accountIdOfManagement = () => simulator.organization.identity.managementAccountId;
  const queueUrl = () => `${simulator.endpoint}/${accountIdOfManagement()}/orgtrail-events`;
  const values = (changed: Partial<OnboardingValues> = {}): OnboardingValues =>
    valuesFor('aws', {
      managementAccountId: accountIdOfManagement(),
      trustedPrincipal: `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`,
      externalId,
      rolePath: '/security/',
      ...changed,
    });

  /** The way's files, and `aws` and `orgtrail` on the path. */
  const sitDown = (way: keyof typeof onboardingWays, given: OnboardingValues): string => {
    const { text, files } = onboardingWays[way](given);
    desk = deskWith(files);
    const bin = join(desk.folder, 'bin');
    mkdirSync(bin);
    for (const [name, command] of Object.entries({ aws: `exec '${aws ?? ''}' "$@"`, orgtrail: 'echo "orgtrail $*"' })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${command}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return text;
  };
  const run = (command: string, credentials: AccessKeyPair & { sessionToken?: string } = simulator.credentials) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      const child = spawn('bash', ['-c', command], {
        cwd: desk.folder,
        env: {
          PATH: `${join(desk.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
          HOME: desk.folder,
          AWS_ENDPOINT_URL: simulator.endpoint,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.once('close', (code) => resolve({ code, said }));
    });
  /** An `aws` that warns each time, as that of an old Python, and whose deletions somebody else was faster with. */
  const unlucky = (command: string): string => {
    const folder = join(desk.folder, 'unlucky');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'aws'),
      `#!/bin/sh
echo 'Warning: Python 3.8 support ends soon' >&2
case "$*" in *' delete-queue '* | *' delete-rule '* | *' delete-role '* | *' delete-stack-set '*) '${aws ?? ''}' "$@" ;; esac
exec '${aws ?? ''}' "$@"
`,
    );
    chmodSync(join(folder, 'aws'), 0o755);
    return `PATH="$PWD/unlucky:$PATH"; ${command}`;
  };
  const mustRun = async (command: string): Promise<string> => {
    const { code, said } = await run(command);
    expect({ command, code, said }).toMatchObject({ code: 0 });
    return said;
  };

  const ask = async (accountId: string, as: AccessKeyPair, given = values()): Promise<RoleAnswer> => {
    const verifier = createRoleVerifier({ endpoint: simulator.endpoint, credentials: as, membersPerSecond: 1000 });
    try {
      return await verifier.verify({
        roleArn: roleArn({ ...given, accountId }),
        externalId: given.externalId,
        accountId,
        organizationId: simulator.organization.organizationId,
        negative: true,
      });
    } finally {
      verifier.destroy();
    }
  };
  const orgtrail = () => simulator.credentialsFor(simulator.foreignAccountId);
  const members = () =>
    [...simulator.organization.accounts.values()].filter(({ id, state }) => id !== accountIdOfManagement() && state === 'ACTIVE');

  /** Our principal with the external id; nobody else, and never without it or with another (`negative`). */
  const expectOnlyUs = async (accountId: string): Promise<void> => {
    expect(await ask(accountId, orgtrail())).toEqual({
      outcome: 'verified',
      usedPreviousExternalId: false,
      negativeChecked: true,
    });
    const stranger = members().find(({ id }) => id !== accountId)?.id ?? '';
    expect(await ask(accountId, simulator.credentialsFor(stranger))).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
  };

  const expectEverythingNeeded = async (): Promise<void> => {
    const role = roleArn({ ...values(), accountId: accountIdOfManagement() });
    const connection = connectToAws({
      endpoint: simulator.endpoint,
      credentials: orgtrail(),
      roleArn: role,
      externalId,
      rateShare: 1000,
    });
    try {
      const context = {
        managementAccountId: accountIdOfManagement(),
        rootId: simulator.organization.root.id,
        queueUrl: queueUrl(),
        undeliveredQueueUrl: `${queueUrl()}-undelivered`,
      };
      for (const { action } of managementRoleActions) {
        expect({ action, ...(await connection.tryAction(action, context)) }).toMatchObject({ action, outcome: 'allowed' });
      }
    } finally {
      connection.destroy();
    }
  };
  const expectNoMore = async (): Promise<void> => {
    const role = roleArn({ ...values(), accountId: accountIdOfManagement() });
    const { said } = await run(
      `aws sts assume-role --role-arn ${role} --role-session-name test --external-id ${externalId} --query Credentials`,
      orgtrail(),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(said) as Record<string, string>;
    const session = { accessKeyId: AccessKeyId ?? '', secretAccessKey: SecretAccessKey ?? '', sessionToken: SessionToken ?? '' };
    for (const forbidden of [
      `organizations create-organizational-unit --parent-id ${simulator.organization.root.id} --name x`,
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

  const receive = () => `aws sqs receive-message --queue-url ${queueUrl()} --max-number-of-messages 10`;
  const expectEventsToArrive = async (): Promise<void> => {
    const [member] = members();
    simulator.actions.tagResource({ resourceId: member?.id ?? '', tags: { a: 'b' } });
    await simulator.settled();
    expect(await mustRun(receive())).toContain('TagResource');
  };

  const statementOfQueue = (name: string) => ({
    Sid: 'OrgtrailEvents',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: `arn:aws:sqs:us-east-1:${accountIdOfManagement()}:${name}`,
    Condition: {
      ArnEquals: { 'aws:SourceArn': `arn:aws:events:us-east-1:${accountIdOfManagement()}:rule/orgtrail-organization-events` },
    },
  });
  const giveQueue = async (statements: object[], { indented }: { indented?: number } = {}): Promise<void> => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, indented);
    writeFileSync(join(desk.folder, 'attributes.json'), JSON.stringify({ Policy, VisibilityTimeout: '77' }));
    await mustRun(`aws sqs set-queue-attributes --queue-url ${queueUrl()} --attributes file://attributes.json`);
  };
  const queueHas = async (): Promise<object> => {
    const said = await mustRun(`aws sqs get-queue-attributes --queue-url ${queueUrl()} --attribute-names All`);
    const { Attributes } = JSON.parse(said) as { Attributes: { Policy: string; VisibilityTimeout: string } };
    const { Statement } = JSON.parse(Attributes.Policy) as { Statement: object[] };
    return { statements: Statement, visibility: Attributes.VisibilityTimeout };
  };

  /** What a delegated administrator does is logged by the trail of its own account. */
  const expectForwardedEvents = async (delegate: string): Promise<void> => {
    simulator.setBehaviour({ delegatedAdministratorsMayTag: true });
    simulator.actions.registerDelegatedAdministrator({ accountId: delegate, servicePrincipal: 'account.amazonaws.com' });
    for (const command of [
      'aws cloudtrail create-trail --name trail --s3-bucket-name bucket --is-multi-region-trail',
      'aws cloudtrail start-logging --name trail',
      `aws organizations tag-resource --resource-id ${simulator.organization.root.id} --tags Key=by,Value=administrator`,
    ]) {
      expect({ command, ...(await run(command, simulator.credentialsFor(delegate))) }).toMatchObject({ code: 0 });
    }
    await simulator.settled();
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
      await simulator.settled();
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
    desk.remove();
    const [after = ''] = commandsOf(sitDown('cloudformation', values({ externalId: 'the-new-one' })));
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
    const forwarded = await run(commands[1] ?? '', simulator.credentialsFor(delegate?.id ?? ''));
    expect(forwarded).toMatchObject({ code: 0 });
    const rules = await run(
      'aws events list-targets-by-rule --rule orgtrail-organization-events',
      simulator.credentialsFor(delegate?.id ?? ''),
    );
    expect(rules.said).toContain(`arn:aws:events:us-east-1:${accountIdOfManagement()}:event-bus/default`);
    expect(await mustRun('aws events describe-event-bus --name default')).toContain(delegate?.id);
  });

  it('CLI: the script does nothing in a dry run, the same when run again, and undoes itself alone', async () => {
    const [delegate] = members();
    sitDown('cli', values({ forwardingAccountIds: [delegate?.id ?? ''] }));
    const script = './connect-management-account.sh';
    const bus = 'aws events describe-event-bus --name default --query Policy';
    const everything = `aws iam list-roles; aws sqs list-queues; aws events list-rules; ${bus}`;
    await mustRun(
      `aws events put-permission --action events:PutEvents --principal ${delegate?.id ?? ''} --statement-id OrgtrailForwarding${delegate?.id ?? ''}`,
    );
    const before = await mustRun(everything);
    const planned = await mustRun(unlucky(`${script} --dry-run`));
    expect(planned).toContain('Nothing was changed');
    expect(planned).toContain('+ aws --region us-east-1 iam create-role');
    expect(await mustRun(everything)).toBe(before);

    await mustRun(script);
    await expectOnlyUs(accountIdOfManagement());
    await expectEverythingNeeded();
    await expectEventsToArrive();
    const once = await mustRun(everything);
    expect(once).toContain(`OrgtrailForwarding${withoutHyphens(values().integrationId)}${delegate?.id ?? ''}`);

    // A second Orgtrail with another integration neither takes over what the first one made, nor takes it away.
    desk.remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another' }));
    expect(await run(`${script} --without-events`)).toMatchObject({
      code: 1,
      said: expect.stringContaining(`role OrgtrailIntegration belongs to integration ${values().integrationId} of Orgtrail`),
    });
    const undone = await mustRun(`${script} --undo`);
    for (const thing of ['Role OrgtrailIntegration', 'Queue orgtrail-events', 'Rule orgtrail-organization-events']) {
      expect(undone).toContain(`${thing} stays: it belongs to integration ${values().integrationId} of Orgtrail.`);
    }
    desk.remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another', roleName: 'OrgtrailStaging' }));
    expect(await run(script)).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        `queue orgtrail-events-undelivered belongs to integration ${values().integrationId} of Orgtrail`,
      ),
    });
    expect(await mustRun(everything)).toBe(once);
    desk.remove();
    sitDown('cli', values({ forwardingAccountIds: [delegate?.id ?? ''] }));

    // Of the queue's policy, and of its settings, it changes what is ours and no more.
    const ours = statementOfQueue('orgtrail-events');
    const theirs = { Sid: 'Theirs', Effect: 'Deny', Principal: '*', Action: 'sqs:PurgeQueue', Resource: '*' };
    await giveQueue([ours, theirs], { indented: 2 });
    await mustRun(script);
    expect(await mustRun(everything)).toBe(once);
    expect(await queueHas()).toEqual({ statements: [ours, theirs], visibility: '77' });
    await giveQueue([theirs]);
    expect(await run(script)).toMatchObject({ code: 1, said: expect.stringContaining(JSON.stringify(ours)) });
    expect(await queueHas()).toEqual({ statements: [theirs], visibility: '77' });

    // An older statement of ours, and an account that no longer forwards.
    await giveQueue([{ ...ours, Action: 'sqs:ReceiveMessage' }]);
    desk.remove();
    sitDown('cli', values());
    await mustRun(script);
    expect(await queueHas()).toEqual({ statements: [ours], visibility: '77' });
    expect(await mustRun(bus)).toBe(before.slice(before.lastIndexOf('"{')));

    await mustRun(unlucky(`${script} --undo`));
    expect(await mustRun(everything)).toBe(before);
    expect(await mustRun(`${script} --undo`)).toContain('Undone');
  });

  it('CLI: the script leaves alone what it did not make, and works in the right account only', async () => {
    sitDown('cli', values());
    const script = './connect-management-account.sh';
    await mustRun(`aws sqs create-queue --queue-name orgtrail-events`);
    expect(await run(script)).toMatchObject({
      code: 1,
      said: expect.stringContaining('queue orgtrail-events that this script did not make'),
    });
    // Before its first change.
    expect(await mustRun('aws iam list-roles')).not.toContain('OrgtrailIntegration');
    expect(await mustRun(`${script} --undo`)).toContain('Queue orgtrail-events stays: this script did not make it.');
    expect(await mustRun('aws sqs list-queues')).toContain('orgtrail-events');

    const stranger = await run(script, simulator.credentialsFor(members()[0]?.id ?? ''));
    expect(stranger).toMatchObject({
      code: 1,
      said: expect.stringContaining(`for management account ${accountIdOfManagement()}`),
    });
    expect(await run(`${script} --nonsense`)).toMatchObject({ code: 2 });
    expect(await run(`PATH=; /bin/bash ${script}`)).toEqual({
      code: 1,
      said: expect.stringContaining('The AWS CLI is needed'),
    });
  });

  it('CLI: the script of the members leaves alone a StackSet that it did not make', async () => {
    sitDown('cli', values());
    const script = 'bash connect-members.sh';
    await mustRun('aws cloudformation activate-organizations-access');
    const parameters = ['OrgtrailPrincipalArn=arn:aws:iam::999988887777:root', 'ExternalId=theirs'].map(
      (parameter) => `ParameterKey=${parameter.replace('=', ',ParameterValue=')}`,
    );
    await mustRun(
      `aws cloudformation create-stack-set --stack-set-name orgtrail-members --permission-model SERVICE_MANAGED --template-body file://orgtrail-members.yaml --capabilities CAPABILITY_NAMED_IAM --parameters ${parameters.join(' ')}`,
    );
    expect(await run(script)).toMatchObject({
      code: 1,
      said: expect.stringContaining('StackSet orgtrail-members that this script did not make'),
    });
    expect(await mustRun(`${script} --undo`)).toContain('StackSet orgtrail-members stays');
    const said = await mustRun('aws cloudformation describe-stack-set --stack-set-name orgtrail-members');
    expect(said).toContain('"theirs"');
    expect(JSON.parse(said)).toMatchObject({ StackSet: { OrganizationalUnitIds: [] } });
  });

  it('CLI: the script of the members makes their roles alone, also of those that join later, runs again, and undoes itself', async () => {
    sitDown('cli', values());
    const script = 'bash connect-members.sh';
    expect(await mustRun(`${script} --dry-run`)).toContain('Nothing was changed');
    expect((await run('aws cloudformation describe-stack-set --stack-set-name orgtrail-members')).code).not.toBe(0);

    expect(await mustRun(script)).toMatch(/every account of the StackSet has the role.*suspended/i);
    for (const { id } of members()) await expectOnlyUs(id);
    expect(await ask(accountIdOfManagement(), orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
    const again = await mustRun(script);
    expect(again).not.toContain('create-stack-set ');
    expect(again).not.toContain('update-stack-set');
    const { accountId } = simulator.actions.createAccount({ accountName: 'Late', email: 'late@example.com' });
    await expectOnlyUs(accountId ?? '');

    const stranger = await run(script, simulator.credentialsFor(members()[0]?.id ?? ''));
    expect(stranger).toMatchObject({
      code: 1,
      said: expect.stringContaining(`for management account ${accountIdOfManagement()}`),
    });
    await mustRun(`${script} --undo`);
    for (const { id } of members()) expect(await ask(id, orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
    expect(await mustRun(`${script} --undo`)).toContain('Undone');
  });

  it('CLI: the script of the members brings a rotation to every account, and undoes also what it no longer includes', async () => {
    sitDown('cli', values());
    await mustRun('bash connect-members.sh');
    desk.remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another' }));
    const owned = `belongs to integration ${values().integrationId} of Orgtrail`;
    expect(await run('bash connect-members.sh')).toMatchObject({
      code: 1,
      said: expect.stringContaining(`StackSet orgtrail-members ${owned}`),
    });
    expect(await mustRun('bash connect-members.sh --undo')).toContain(`StackSet orgtrail-members stays: it ${owned}.`);
    desk.remove();
    const [unit] = simulator.organization.organizationalUnits.keys();
    const rotated = values({
      externalId: 'another-external-id',
      previousExternalId: externalId,
      organizationalUnitIds: [unit ?? ''],
    });
    sitDown('cli', rotated);
    expect(await mustRun('bash connect-members.sh')).toContain('update-stack-set');
    for (const { id } of members()) {
      expect(await ask(id, orgtrail(), rotated)).toMatchObject({ outcome: 'verified' });
      expect(await ask(id, orgtrail())).toMatchObject({ outcome: 'verified' });
    }
    await mustRun(unlucky('bash connect-members.sh --undo'));
    for (const { id } of members()) expect(await ask(id, orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
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
    expect(await run(deploy, simulator.credentialsFor(delegate?.id ?? ''))).toMatchObject({ code: 0 });
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
