import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, startLife, startSimulator, type Random, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { startLocalKafka } from '@orgtrail/testkit';
import { differencesOf } from '../graph-oracle.js';
import { startPipeline, type Pipeline } from '../pipeline.js';
import type { Report } from '../report.js';

const kills = 50;
const roles = ['mapper', 'mapper', 'writer', 'writer'] as const;
/** Between two kills. A process needs about two seconds to start, and two until its group has missed the one before it. */
const pauseMs = { from: 200, to: 5_000 };
const writeEveryMs = 25;
const syncEveryKills = 5;
/** Else nothing was in the midst of work. */
const leastChanges = 1_000;
const equalWithinMs = 180_000;

/** Mapper and writer are killed at random while an organization lives and is read: the graph is the organization afterwards, and its history has everything once. */
export async function killed(report: Report): Promise<void> {
  const seed = Number(process.env['ORGTRAIL_KILLED_SEED'] ?? Date.now() % 2_147_483_647);
  report.say(`ORGTRAIL_KILLED_SEED=${seed}`);
  const simulator = await startSimulator({ seed: 61, accounts: 300, organizationalUnits: 40 });
  simulator.setBehaviour({ duplicateRate: 0.1, shuffleWindowMs: 300 });
  const kafka = await startLocalKafka();
  const pipeline = await startPipeline(simulator, { kafkaBrokers: kafka.brokers, mapperAndWriter: 'elsewhere' });
  const start = (role: (typeof roles)[number]): Killable => startKillable(role, { pipeline, brokers: kafka.brokers });
  const processes = roles.map(start);
  try {
    await firstGraph(pipeline, simulator);
    const life = startLife(simulator, { everyMs: writeEveryMs, seed });
    try {
      await killAtRandom({ random: createRandom(seed), pipeline, processes, start });
    } finally {
      await life.stop();
    }
    const made = await changesOf(pipeline);
    await simulator.settled();
    const differences = await differencesAfter(pipeline, simulator, Date.now() + equalWithinMs);
    for (const difference of differences.slice(0, 5)) report.say(difference);
    await reportOutcome(report, { pipeline, seed, made, differences, ended: processes.flatMap(({ ended }) => ended) });
  } finally {
    for (const { child } of processes) await stop(child);
    await pipeline.stop();
    await kafka.stop();
    await simulator.close();
  }
}

interface Killable {
  role: (typeof roles)[number];
  child: ChildProcess;
  /** Its last words, if it ended without having been killed. */
  ended: string[];
}

function startKillable(
  role: Killable['role'],
  { pipeline, brokers }: { pipeline: Pipeline; brokers: readonly string[] },
): Killable {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killable-service.js')], {
    env: {
      PATH: process.env['PATH'],
      ROLE: role,
      CONSUMER_GROUP: pipeline.groups[role],
      KAFKA_BROKERS: brokers.join(','),
      DATABASE_URL: pipeline.database.connectionString,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (words = `${words}${text}`.slice(-2_000)));
  }
  const ended: string[] = [];
  child.on('exit', (code) => {
    if (code !== null && code !== 0) ended.push(`${role} ended with ${code}: ${words}`);
  });
  return { role, child, ended };
}

async function firstGraph(pipeline: Pipeline, simulator: Simulator): Promise<void> {
  const differences = await differencesAfter(pipeline, simulator, Date.now() + equalWithinMs);
  if (differences[0] !== undefined) throw new Error(`The graph is not the organization to begin with: ${differences[0]}`);
}

async function killAtRandom({
  random,
  pipeline,
  processes,
  start,
}: {
  random: Random;
  pipeline: Pipeline;
  processes: Killable[];
  start: (role: Killable['role']) => Killable;
}): Promise<void> {
  for (let kill = 1; kill <= kills; kill += 1) {
    // Everything that is known once more, beside what happens.
    if (kill % syncEveryKills === 0) void pipeline.discovery.sync('full', 'acceptance').catch(() => undefined);
    await delay(random.integer(pauseMs.from, pauseMs.to));
    const index = random.integer(0, processes.length - 1);
    const victim = processes[index];
    if (victim === undefined) continue;
    const gone = once(victim.child, 'exit');
    if (!victim.child.kill('SIGKILL')) throw new Error(`A ${victim.role} had ended by itself: ${victim.ended.join()}`);
    await gone;
    processes[index] = start(victim.role);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await gone;
  clearTimeout(late);
}

async function differencesAfter(pipeline: Pipeline, simulator: Simulator, giveUp: number): Promise<string[]> {
  for (;;) {
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id).catch(() => undefined);
    const differences = graph ? differencesOf(graph, simulator.organization) : ['there is no schema graph'];
    if (differences.length === 0) {
      // Not by chance: nothing is on its way any more.
      await pipeline.settled();
      const settled = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
      if (differencesOf(settled, simulator.organization).length === 0) return [];
    }
    if (Date.now() > giveUp) return differences;
    await delay(500);
  }
}

async function changesOf({ database }: Pipeline): Promise<number> {
  const { rows } = await database.pool.query<{ changes: number }>(
    `SELECT count(*)::int AS changes FROM graph.changes WHERE kind <> 'BASELINE'`,
  );
  return rows[0]?.changes ?? 0;
}

async function reportOutcome(
  report: Report,
  {
    pipeline,
    seed,
    made,
    differences,
    ended,
  }: { pipeline: Pipeline; seed: number; made: number; differences: readonly string[]; ended: readonly string[] },
): Promise<void> {
  for (const words of ended) report.say(words);
  const name = `${kills} x SIGKILL of mapper and writer, seed ${seed}`;
  report.atLeast(`${name}: changes written meanwhile`, made, leastChanges);
  report.point(`${name}: graph`, {
    figure: `${differences.length} differences`,
    bound: 'equal to the organization',
    pass: differences.length === 0,
  });
  const { pool } = pipeline.database;
  const repeated = await pool.query(`SELECT scope, key, version FROM graph.changes GROUP BY 1, 2, 3 HAVING count(*) > 1`);
  // What two writers had read both would be a change that changes nothing. Only a cause that came late stands alone, where there was none.
  const idle = await pool.query(
    `SELECT FROM (SELECT state, cause, lag(state) OVER steps AS state_before, lag(cause) OVER steps AS cause_before
                    FROM graph.changes WINDOW steps AS (PARTITION BY scope, key ORDER BY version)) AS change
      WHERE state = state_before AND NOT (cause IS NOT NULL AND cause_before IS NULL)`,
  );
  const letters = await pool.query(`SELECT FROM graph.dead_letters`);
  const rows = { 'rows of the history twice': repeated, 'changes that change nothing': idle, 'dead letters': letters };
  for (const [what, { rowCount }] of Object.entries(rows)) report.atMost(`${name}: ${what}`, rowCount ?? 0, 0);
  report.atMost(`${name}: processes that ended by themselves`, ended.length, 0);
}
