import { setTimeout as delay } from 'node:timers/promises';
import { failedIn, type Clinic } from '../clinic.js';
import type { Installation } from '../installation.js';
import type { Breakage } from './breakage.js';
import type { Operator } from './operator.js';

/** What was read, and what became of it. */
export function breakagesOfTheOrganization(
  { simulator, graphWriterApiUrl }: Installation,
  clinic: Clinic,
  { must, aws, sql, untilSql, members, unheard, synced, managementAccount }: Operator,
): Breakage[] {
  return [
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
          await untilSql(`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM discovery.held_deletions)`);
          await delay(4_000);
          await aws(`organizations tag-resource --resource-id ${managementAccount.id} --tags Key=acceptance,Value=held`);
        },
      },
    },
    {
      id: 'graph.dead-letters',
      how: 'a record of it could not be applied',
      break: () =>
        sql(
          `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, headers, failed_at)
           SELECT 'orgtrail.graph-changes.v1', 0, 999999999, 'orgtrail-graph-writer', 'UNPARSABLE', 'The record has no value.', id::text, '{}', now()
             FROM discovery.integrations`,
        ),
      byHand: {
        what: 'it is looked at and discarded',
        act: async () => {
          await must(`orgtrail dead-letters --url ${graphWriterApiUrl}`);
          await must(`orgtrail dead-letters discard --all --yes --url ${graphWriterApiUrl}`);
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
}
