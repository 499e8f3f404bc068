import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '@orgtrail/aws-simulator';
import { exactly } from './members-walk.js';
import { startPipeline, type Pipeline } from './pipeline.js';
import type { Report } from './report.js';

const rolePath = 'security/orgtrail';

/** SKIP set and removed: how fast table and graph show it, and that a lagging tag index moves nothing. */
export async function skipIsLive(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 22, accounts: 150, organizationalUnits: 20 });
  const { managementAccount, accounts } = simulator.organization;
  const roleArn = `arn:aws:iam::${managementAccount.id}:role/${rolePath}`;
  simulator.actions.putRoleInEveryAccount({
    roleName: rolePath,
    trustedPrincipal: managementAccount.id,
    externalId: 'acceptance',
  });
  const pipeline = await startPipeline(simulator, { roleArn, externalId: 'acceptance' });
  try {
    await connected(pipeline);
    const chosen = [...accounts.values()]
      .filter(
        ({ id, state, tags }) =>
          id !== managementAccount.id && state === 'ACTIVE' && tags.size < 45 && !tags.has('j1-integration'),
      )
      .slice(0, 100);
    const set: number[] = [];
    const removed: number[] = [];
    for (const { id } of chosen) {
      set.push(
        await timed(pipeline, { id, status: 'SKIPPED' }, () =>
          simulator.actions.tagResource({ resourceId: id, tags: { 'j1-integration': ' skip ' } }),
        ),
      );
    }
    report.atMost(`TagResource on the queue until SKIPPED in table and graph, p95 of ${set.length}`, p95(set), 3, 's');
    for (const { id } of chosen.slice(1)) {
      removed.push(
        await timed(pipeline, { id, status: 'CONNECTED' }, () =>
          simulator.actions.untagResource({ resourceId: id, tagKeys: ['j1-integration'] }),
        ),
      );
    }
    report.atMost(`UntagResource until CONNECTED in table and graph, p95 of ${removed.length}`, p95(removed), 3, 's');
    await laggingIndex(report, pipeline, { simulator, id: chosen[1]?.id ?? '' });
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** The index is 10 minutes behind; SKIP is set; a full sync follows 10 s later. */
async function laggingIndex(
  report: Report,
  pipeline: Pipeline,
  { simulator, id }: { simulator: Awaited<ReturnType<typeof startSimulator>>; id: string },
): Promise<void> {
  const transitions = async () =>
    (
      await pipeline.database.pool.query<{ to_status: string }>(
        `SELECT to_status FROM discovery.member_transitions WHERE account_id = $1 ORDER BY id`,
        [id],
      )
    ).rows.map(({ to_status }) => to_status);
  const before = (await transitions()).length;
  simulator.setBehaviour({ tagIndexLagMs: 600_000 });
  await timed(pipeline, { id, status: 'SKIPPED' }, () =>
    simulator.actions.tagResource({ resourceId: id, tags: { 'j1-integration': 'SKIP' } }),
  );
  await delay(10_000);
  await pipeline.discovery.sync('full', 'acceptance');
  await pipeline.settled();
  await delay(3_000);
  report.point(
    'tag index 10 minutes behind, SKIP set, full sync 10 s later: rows of history',
    exactly((await transitions()).slice(before).join(' '), 'SKIPPED'),
  );
  const inGraph = await pipeline.database.pool.query<{ to_status: string }>(
    `SELECT to_status FROM graph.member_transitions WHERE account_id = $1 ORDER BY version DESC LIMIT 1`,
    [id],
  );
  report.point('and in the graph', exactly(inGraph.rows[0]?.to_status ?? 'nothing', 'SKIPPED'));
}

async function connected({ database: { pool } }: Pipeline): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ open: number; all: number }>(
      `SELECT count(*) FILTER (WHERE status = 'PENDING')::int AS open, count(*)::int AS all FROM graph.members`,
    );
    if (rows[0] && rows[0].all > 100 && rows[0].open === 0) return;
    await delay(200);
  }
}

/** Seconds from the act to the status in discovery's table and in the graph; 60 when it does not come. */
async function timed(
  { database: { pool } }: Pipeline,
  { id, status }: { id: string; status: string },
  act: () => void,
): Promise<number> {
  const begun = performance.now();
  act();
  while (performance.now() - begun < 60_000) {
    const { rows } = await pool.query(
      `SELECT 1 FROM discovery.members AS member JOIN graph.members AS shown USING (account_id)
        WHERE member.account_id = $1 AND member.status = $2 AND shown.status = $2`,
      [id, status],
    );
    if (rows.length > 0) break;
    await delay(10);
  }
  return (performance.now() - begun) / 1000;
}

function p95(seconds: readonly number[]): number {
  return [...seconds].sort((left, right) => left - right)[Math.ceil(seconds.length * 0.95) - 1] ?? Infinity;
}
