import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { eventPathNames, managementRoleActions } from '@orgtrail/aws';
import { topics } from '@orgtrail/proto';
import { deleteTopic } from '@orgtrail/testkit';
import { failedIn, type Clinic } from './onboarding-clinic.js';
import type { Installation } from './onboarding-installation.js';

/** One thing that is out of order, and how it comes into order again. */
export interface Breakage {
  id: string;
  how: string;
  break(): Promise<unknown>;
  /** Where the report prints what a person does (another version, a clock, a proxy): the same, done by the test. Absent: the printed commands. */
  byHand?: { what: string; act(): Promise<unknown> };
}

/** One for each check of the doctor. */
export function breakagesOf(it: Installation, clinic: Clinic): Breakage[] {
  const { simulator, database, doors, desk } = it;
  const { must } = clinic;
  const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values);
  const role = 'OrgtrailIntegration';
  const queueUrl = simulator.queueUrl;
  const { managementAccount } = simulator.organization;
  const aws = (command: string) => must(`aws ${command}`, 'management');
  const members = () =>
    [...simulator.organization.accounts.values()].filter(
      ({ id, state, tags }) =>
        state === 'ACTIVE' &&
        id !== managementAccount.id &&
        !tags.has('j1-integration') &&
        !simulator.organization.isDelegatedAdministrator(id),
    );
  /** What happens is told to nobody, after everything else was heard, and found by a full sync. */
  const unheard = async (act: () => void, found: string): Promise<void> => {
    while (simulator.queue.depth.visible + simulator.queue.depth.inFlight > 0) await delay(200);
    const { rows } = await sql('SELECT clock_timestamp()::text AS now');
    simulator.setBehaviour({ lossRate: 1 });
    act();
    simulator.setBehaviour({ lossRate: 0 });
    await must('orgtrail integration sync');
    await untilSql(it, found.replace('$now', `'${(rows[0] as { now: string }).now}'`));
  };
  const synced = async (): Promise<void> => {
    const { rows } = await sql(`SELECT coalesce(max(id), 0) AS id FROM discovery.full_syncs WHERE finished_at IS NOT NULL`);
    await must('orgtrail integration sync');
    await untilSql(
      it,
      `SELECT 1 FROM discovery.full_syncs WHERE id > ${(rows[0] as { id: string }).id} AND finished_at IS NOT NULL`,
    );
  };

  const installation: Breakage[] = [
    {
      id: 'database.reachable',
      how: 'the way to PostgreSQL is shut',
      break: async () => doors.database.shut(),
      byHand: { what: 'it is opened', act: async () => doors.database.open() },
    },
    {
      id: 'database.version',
      how: 'the server says that it is PostgreSQL 15',
      break: async () => {
        await sql(`CREATE SCHEMA old_server;
          CREATE FUNCTION old_server.current_setting(text) RETURNS text LANGUAGE sql AS
            $$ SELECT CASE $1 WHEN 'server_version_num' THEN '150004' ELSE '15.4' END $$;`);
        await setSearchPath(it, 'old_server, pg_catalog, public');
      },
      byHand: {
        what: 'it is a newer one again',
        act: async () => {
          await setSearchPath(it, undefined);
          await sql('DROP SCHEMA old_server CASCADE');
        },
      },
    },
    {
      id: 'database.migrations',
      how: 'a newer version has migrated, and breaks this one',
      break: () => sql(`INSERT INTO discovery.migrations (id, name, breaking) VALUES (999, 'from the future', true)`),
      byHand: { what: 'its migration is taken back', act: () => sql('DELETE FROM discovery.migrations WHERE id = 999') },
    },
    {
      id: 'bus.reachable',
      how: 'Kafka is away',
      break: () => it.kafka.kill(),
      byHand: { what: 'it is back', act: () => it.kafka.start() },
    },
    {
      id: 'bus.topics',
      how: 'the topic of dead letters is deleted on Kafka',
      break: () => deleteTopic(it.kafka.brokers, topics.deadLetters),
      byHand: {
        what: 'the services are started again',
        act: async () => {
          for (const service of ['graph-writer', 'account-mapper', 'discovery'] as const) await it.restart(service);
        },
      },
    },
    {
      id: 'bus.lag',
      how: 'account-mapper stands still while something changes',
      break: async () => {
        it.signal('account-mapper', 'SIGSTOP');
        await aws(`organizations tag-resource --resource-id ${managementAccount.id} --tags Key=acceptance,Value=lag`);
        await untilSql(it, `SELECT 1 FROM discovery.observed_subjects WHERE parts->'tags'->'value' ? 'acceptance'`);
      },
      byHand: { what: 'account-mapper runs again', act: async () => it.signal('account-mapper', 'SIGCONT') },
    },
    {
      id: 'network.proxy',
      how: 'the proxy of HTTPS_PROXY takes no connection',
      break: () => doors.corporateProxy.goAway(),
      byHand: { what: 'it does again', act: () => doors.corporateProxy.comeBack() },
    },
    {
      id: 'network.reachable',
      how: 'the way to AWS is shut',
      break: async () => doors.aws.shut(),
      byHand: { what: 'it is opened', act: async () => doors.aws.open() },
    },
    {
      id: 'network.certificates',
      how: 'the file of NODE_EXTRA_CA_CERTS is gone',
      break: () => rm(it.certificatesFile),
      byHand: { what: 'it is there again', act: () => writeFile(it.certificatesFile, '') },
    },
    {
      id: 'clock.skew',
      how: "AWS's clock is 200 s ahead",
      break: async () => simulator.setBehaviour({ clockSkewMs: 200_000 }),
      byHand: { what: 'the clocks agree', act: async () => simulator.setBehaviour({ clockSkewMs: 0 }) },
    },
    {
      id: 'credentials.valid',
      how: 'our access key is unknown to AWS',
      break: () => desk.setCredentials('orgtrail', { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'wrong' }),
      byHand: {
        what: 'a valid one is given',
        act: () => desk.setCredentials('orgtrail', simulator.credentialsFor(simulator.foreignAccountId)),
      },
    },
  ];

  const trustOf = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const us = `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`;
  const roles: Breakage[] = [
    { id: 'integration.active', how: 'it is paused', break: () => must('orgtrail integration pause') },
    {
      id: 'role.assumable',
      how: 'the role trusts somebody else',
      break: () =>
        aws(
          `iam update-assume-role-policy --role-name ${role} --policy-document '${trustOf({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::210987654321:root' }, Action: 'sts:AssumeRole' })}'`,
        ),
    },
    {
      id: 'role.external-id',
      how: 'the role demands no external id',
      break: () =>
        aws(
          `iam update-assume-role-policy --role-name ${role} --policy-document '${trustOf({ Effect: 'Allow', Principal: { AWS: us }, Action: 'sts:AssumeRole' })}'`,
        ),
    },
    {
      id: 'role.account',
      how: 'the integration names the role of a member',
      break: async () => must(`orgtrail integration change --role-arn arn:aws:iam::${members()[0]?.id ?? ''}:role/${role}`),
    },
    {
      id: 'organization.same',
      how: 'the integration was for another organization',
      break: () => sql(`UPDATE discovery.integrations SET organization_id = 'o-anotherone1'`),
      byHand: {
        what: 'it is for this one',
        act: () => sql(`UPDATE discovery.integrations SET organization_id = $1`, [simulator.organization.organizationId]),
      },
    },
  ];
  const permissions = managementRoleActions.map(({ action }): Breakage => ({
    id: `permission.${action}`,
    how: "the role's policy lacks it",
    break: async () => {
      const { managementPermissions } = JSON.parse(await must('orgtrail integration trust-policy --json')) as {
        managementPermissions: { Statement: { Action: string[] }[] };
      };
      const Statement = managementPermissions.Statement.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((allowed) => allowed !== action),
      })).filter(({ Action }) => Action.length > 0);
      const document = JSON.stringify({ Version: '2012-10-17', Statement });
      await aws(`iam put-role-policy --role-name ${role} --policy-name orgtrail --policy-document '${document}'`);
    },
  }));

  const rule = 'orgtrail-organization-events';
  const eventPath: Breakage[] = [
    {
      id: 'events.trail',
      how: 'the trail is stopped',
      break: () =>
        aws('cloudtrail stop-logging --name $(aws cloudtrail describe-trails --query "trailList[0].TrailARN" --output text)'),
    },
    {
      id: 'queue.configured',
      how: 'the integration has no queue',
      break: () => must('orgtrail integration change --queue-url none'),
    },
    { id: 'queue.reachable', how: 'the queue is deleted', break: () => aws(`sqs delete-queue --queue-url ${queueUrl}`) },
    {
      id: 'queue.policy',
      how: 'the queue has no policy',
      break: () => aws(`sqs set-queue-attributes --queue-url ${queueUrl} --attributes '{"Policy":""}'`),
    },
    { id: 'events.rule', how: 'the rule is disabled', break: () => aws(`events disable-rule --name ${rule}`) },
    {
      id: 'events.pattern',
      how: 'the rule lets only MoveAccount through',
      break: () =>
        aws(
          `events put-rule --name ${rule} --event-pattern '{"source":["aws.organizations"],"detail":{"eventName":["MoveAccount"]}}'`,
        ),
    },
    {
      id: 'events.target',
      how: 'the rule has no target',
      break: () => aws(`events remove-targets --rule ${rule} --ids ${eventPathNames.enableEvents.target}`),
    },
    {
      id: 'events.undelivered',
      how: 'an event could not be delivered',
      break: () => aws(`sqs send-message --queue-url ${queueUrl}-undelivered --message-body '{}'`),
    },
    {
      id: 'queue.backlog',
      how: '3,000 events wait, and AWS is slow to hand them out',
      break: async () => {
        simulator.setBehaviour({ latencyMs: { ReceiveMessage: 5_000 } });
        for (let sent = 0; sent < 3_000; sent += 1) simulator.queue.send(eventText(simulator, new Date()));
      },
      byHand: { what: 'AWS is fast again', act: async () => simulator.setBehaviour({ latencyMs: 0 }) },
    },
    {
      id: 'events.arriving',
      how: 'an account moved and no event told',
      break: () =>
        unheard(() => {
          const [account] = members();
          const unit = [...simulator.organization.organizationalUnits.values()].find(({ id }) => id !== account?.parentId);
          simulator.actions.moveAccount({ accountId: account?.id ?? '', destinationParentId: unit?.id ?? '' });
        }, `SELECT 1 FROM discovery.found_changes WHERE outcome = 'missed' AND found_at > $now`),
    },
    {
      id: 'events.delay',
      how: 'the newest events took ten minutes',
      break: async () => {
        for (let sent = 0; sent < 5; sent += 1) simulator.queue.send(eventText(simulator, new Date(Date.now() - 600_000)));
      },
      byHand: {
        what: 'the next events are in time',
        act: async () => {
          for (let sent = 0; sent < 5; sent += 1) simulator.queue.send(eventText(simulator, new Date()));
        },
      },
    },
  ];

  const organization: Breakage[] = [
    {
      id: 'sync.complete',
      how: 'the last full sync is a day old',
      break: () => sql(`UPDATE discovery.full_syncs SET finished_at = finished_at - interval '1 day'`),
    },
    {
      id: 'tags.index',
      how: 'the tag index lags far behind many changes of tags',
      break: async () => {
        simulator.setBehaviour({ tagIndexLagMs: 3_600_000 });
        for (const { id } of members().slice(0, 8)) simulator.actions.tagResource({ resourceId: id, tags: { drifting: 'yes' } });
        await untilSql(
          it,
          `SELECT 1 FROM discovery.observed_subjects WHERE parts->'tags'->'value' ? 'drifting' HAVING count(*) >= 8`,
        );
        await synced();
        simulator.setBehaviour({ tagIndexLagMs: 0 });
      },
    },
    {
      id: 'deletions.held',
      how: 'four accounts are gone and no event told',
      break: () =>
        unheard(() => {
          for (const { id } of members().slice(-4)) simulator.actions.removeAccountFromOrganization({ accountId: id });
        }, `SELECT 1 FROM discovery.held_deletions`),
      byHand: {
        what: 'its command, then an event',
        act: async () => {
          const held = (await clinic.examine()).find(({ id }) => id === 'deletions.held');
          for (const { command } of held?.mend ?? []) if (command !== undefined) await must(command);
          await untilSql(it, `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM discovery.held_deletions)`);
          await delay(4_000);
          await aws(`organizations tag-resource --resource-id ${managementAccount.id} --tags Key=acceptance,Value=held`);
        },
      },
    },
    {
      id: 'members.connected',
      how: 'the role of one member is gone',
      break: async () => {
        const { id, parentId } = members()[0] ?? { id: '', parentId: '' };
        await aws(
          `cloudformation delete-stack-instances --stack-set-name orgtrail-members --deployment-targets OrganizationalUnitIds=${parentId},Accounts=${id},AccountFilterType=INTERSECTION --regions us-east-1 --no-retain-stacks`,
        );
        await must(`orgtrail members verify ${id}`);
        await clinic.until((checks) => failedIn(checks).includes('members.connected'), 90);
      },
    },
  ];
  return [...installation, ...roles, ...permissions, ...eventPath, ...organization];
}

/** An event that means nothing for the graph, as the rule would deliver it. */
function eventText(simulator: Installation['simulator'], at: Date): string {
  const emitted = simulator.events.emitted.findLast(({ eventName }) => eventName === 'TagResource');
  if (!emitted) throw new Error('No TagResource was emitted yet.');
  const eventTime = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const account = emitted.record.recipientAccountId;
  return JSON.stringify({
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.organizations',
    account,
    time: eventTime,
    region: 'us-east-1',
    resources: [],
    detail: { ...emitted.record, eventID: crypto.randomUUID(), eventTime },
  });
}

async function untilSql({ database }: Installation, text: string, seconds = 60): Promise<void> {
  const giveUp = Date.now() + seconds * 1000;
  while (((await database.pool.query(text)).rowCount ?? 0) === 0) {
    if (Date.now() > giveUp) throw new Error(`Did not come within ${seconds} s: ${text}`);
    await delay(200);
  }
}

/** For every connection from now on; those that are open are ended. */
async function setSearchPath({ database }: Installation, path: string | undefined): Promise<void> {
  const name = new URL(database.connectionString).pathname.slice(1);
  await database.pool.query(`ALTER DATABASE ${name} ${path === undefined ? 'RESET search_path' : `SET search_path = ${path}`}`);
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name LIKE 'orgtrail-%' AND application_name <> 'orgtrail-test'`,
    [name],
  );
}
