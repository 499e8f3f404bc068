import { setTimeout as delay } from 'node:timers/promises';
import type { Clinic } from '../clinic.js';
import type { Installation } from '../installation.js';

export type Operator = ReturnType<typeof createOperator>;

/** What breakages are made with: commands, SQL, and an organization in which something happens. */
export function createOperator(it: Installation, clinic: Clinic) {
  const { simulator, database } = it;
  const { must } = clinic;
  const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values);
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
  const untilSql = async (text: string, seconds = 60): Promise<void> => {
    const giveUp = Date.now() + seconds * 1000;
    while (((await database.pool.query(text)).rowCount ?? 0) === 0) {
      if (Date.now() > giveUp) throw new Error(`Did not come within ${seconds} s: ${text}`);
      await delay(200);
    }
  };
  /** What happens is told to nobody, after everything else was heard, and found by a full sync. */
  const unheard = async (act: () => void, found: string): Promise<void> => {
    while (simulator.queue.depth.visible + simulator.queue.depth.inFlight > 0) await delay(200);
    const { rows } = await sql('SELECT clock_timestamp()::text AS now');
    simulator.setBehaviour({ lossRate: 1 });
    act();
    simulator.setBehaviour({ lossRate: 0 });
    await must('orgtrail integration sync');
    await untilSql(found.replace('$now', `'${(rows[0] as { now: string }).now}'`));
  };
  const synced = async (): Promise<void> => {
    const { rows } = await sql(`SELECT coalesce(max(id), 0) AS id FROM discovery.full_syncs WHERE finished_at IS NOT NULL`);
    await must('orgtrail integration sync');
    await untilSql(`SELECT 1 FROM discovery.full_syncs WHERE id > ${(rows[0] as { id: string }).id} AND finished_at IS NOT NULL`);
  };
  return { must, aws, sql, untilSql, members, unheard, synced, managementAccount };
}
