import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { awsCli, customer, externalId } from '../testing/customer.fixture.js';

const anotherIntegration = '77777777-1111-4222-8333-444455556666';
const withoutHyphens = (id: string) => id.replaceAll('-', '');

(awsCli === undefined ? describe.skip : describe)('in the simulated AWS', () => {
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
    expectEventsToArrive,
  } = customer();

  /** An `aws` that warns each time, as that of an old Python, and whose deletions somebody else was faster with. */
  const unlucky = (command: string): string => {
    const folder = join(desk().folder, 'unlucky');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'aws'),
      `#!/bin/sh
echo 'Warning: Python 3.8 support ends soon' >&2
case "$*" in *' delete-queue '* | *' delete-rule '* | *' delete-role '* | *' delete-stack-set '*) '${awsCli ?? ''}' "$@" ;; esac
exec '${awsCli ?? ''}' "$@"
`,
    );
    chmodSync(join(folder, 'aws'), 0o755);
    return `PATH="$PWD/unlucky:$PATH"; ${command}`;
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
    writeFileSync(join(desk().folder, 'attributes.json'), JSON.stringify({ Policy, VisibilityTimeout: '77' }));
    await mustRun(`aws sqs set-queue-attributes --queue-url ${queueUrl()} --attributes file://attributes.json`);
  };
  const queueHas = async (): Promise<object> => {
    const said = await mustRun(`aws sqs get-queue-attributes --queue-url ${queueUrl()} --attribute-names All`);
    const { Attributes } = JSON.parse(said) as { Attributes: { Policy: string; VisibilityTimeout: string } };
    const { Statement } = JSON.parse(Attributes.Policy) as { Statement: object[] };
    return { statements: Statement, visibility: Attributes.VisibilityTimeout };
  };

  it('the script does nothing in a dry run, the same when run again, and undoes itself alone', async () => {
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
    desk().remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another' }));
    expect(await run(`${script} --without-events`)).toMatchObject({
      code: 1,
      said: expect.stringContaining(`role OrgtrailIntegration belongs to integration ${values().integrationId} of Orgtrail`),
    });
    const undone = await mustRun(`${script} --undo`);
    for (const thing of ['Role OrgtrailIntegration', 'Queue orgtrail-events', 'Rule orgtrail-organization-events']) {
      expect(undone).toContain(`${thing} stays: it belongs to integration ${values().integrationId} of Orgtrail.`);
    }
    desk().remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another', roleName: 'OrgtrailStaging' }));
    expect(await run(script)).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        `queue orgtrail-events-undelivered belongs to integration ${values().integrationId} of Orgtrail`,
      ),
    });
    expect(await mustRun(everything)).toBe(once);
    desk().remove();
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
    desk().remove();
    sitDown('cli', values());
    await mustRun(script);
    expect(await queueHas()).toEqual({ statements: [ours], visibility: '77' });
    expect(await mustRun(bus)).toBe(before.slice(before.lastIndexOf('"{')));

    await mustRun(unlucky(`${script} --undo`));
    expect(await mustRun(everything)).toBe(before);
    expect(await mustRun(`${script} --undo`)).toContain('Undone');
  });

  it('the script leaves alone what it did not make, and works in the right account only', async () => {
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

    const stranger = await run(script, simulator().credentialsFor(members()[0]?.id ?? ''));
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

  it('the script of the members leaves alone a StackSet that it did not make', async () => {
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

  it('the script of the members makes their roles alone, also of those that join later, runs again, and undoes itself', async () => {
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
    const { accountId } = simulator().actions.createAccount({ accountName: 'Late', email: 'late@example.com' });
    await expectOnlyUs(accountId ?? '');

    const stranger = await run(script, simulator().credentialsFor(members()[0]?.id ?? ''));
    expect(stranger).toMatchObject({
      code: 1,
      said: expect.stringContaining(`for management account ${accountIdOfManagement()}`),
    });
    await mustRun(`${script} --undo`);
    for (const { id } of members()) expect(await ask(id, orgtrail())).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
    expect(await mustRun(`${script} --undo`)).toContain('Undone');
  });

  it('the script of the members brings a rotation to every account, and undoes also what it no longer includes', async () => {
    sitDown('cli', values());
    await mustRun('bash connect-members.sh');
    desk().remove();
    sitDown('cli', values({ integrationId: anotherIntegration, externalId: 'another' }));
    const owned = `belongs to integration ${values().integrationId} of Orgtrail`;
    expect(await run('bash connect-members.sh')).toMatchObject({
      code: 1,
      said: expect.stringContaining(`StackSet orgtrail-members ${owned}`),
    });
    expect(await mustRun('bash connect-members.sh --undo')).toContain(`StackSet orgtrail-members stays: it ${owned}.`);
    desk().remove();
    const [unit] = simulator().organization.organizationalUnits.keys();
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
});
