import type { Queryable } from '@orgtrail/database';
import type { CheckResult } from '../check.js';

/** So long somebody waits for an answer. */
const waitsFor = `interval '2 minutes'`;

/** Asks whoever watches the integration to examine it. Resolves to the question's number; whoever asks while one is open joins it. */
export async function askExamination(database: Queryable, integrationId: string): Promise<string> {
  const { rows } = await database.query<{ ask: string }>(
    `INSERT INTO discovery.examinations AS known (integration_id, ask) VALUES ($1, nextval('discovery.asks'))
         ON CONFLICT (integration_id) DO UPDATE
            SET ask = excluded.ask, asked_at = excluded.asked_at
          WHERE known.ask = known.answered_ask OR known.asked_at < clock_timestamp() - ${waitsFor}
      RETURNING ask`,
    [integrationId],
  );
  if (rows[0]) return rows[0].ask;
  const open = await database.query<{ ask: string }>(`SELECT ask FROM discovery.examinations WHERE integration_id = $1`, [
    integrationId,
  ]);
  return open.rows[0]?.ask ?? '0';
}

/** What was found, or undefined while it is not answered. */
export async function selectAnswer(database: Queryable, integrationId: string, ask: string): Promise<CheckResult[] | undefined> {
  const { rows } = await database.query<{ checks: CheckResult[] }>(
    `SELECT checks FROM discovery.examinations WHERE integration_id = $1 AND answered_ask >= $2`,
    [integrationId, ask],
  );
  return rows[0]?.checks;
}

/** The open questions about these integrations. */
export async function selectAsked(
  database: Queryable,
  integrationIds: readonly string[],
): Promise<{ integrationId: string; ask: string }[]> {
  const { rows } = await database.query<{ integration_id: string; ask: string }>(
    `SELECT integration_id, ask FROM discovery.examinations
      WHERE integration_id = ANY ($1) AND ask > answered_ask AND asked_at > clock_timestamp() - ${waitsFor}`,
    [integrationIds],
  );
  return rows.map(({ integration_id, ask }) => ({ integrationId: integration_id, ask }));
}

export async function storeAnswer(
  database: Queryable,
  { integrationId, ask, checks }: { integrationId: string; ask: string; checks: readonly CheckResult[] },
): Promise<void> {
  await database.query(
    `UPDATE discovery.examinations SET answered_ask = $2, checks = $3 WHERE integration_id = $1 AND answered_ask < $2`,
    [integrationId, ask, JSON.stringify(checks)],
  );
}
