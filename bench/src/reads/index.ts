import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, inTransaction, migrate, type Queryable } from '@orgtrail/database';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { graphMigrations } from '@orgtrail/graph-writer';
import { fillGraph } from './sql/fill-graph.js';
import { readQuestions, type ReadQuestion } from './sql/read-questions.js';

export interface ReadFigures {
  question: string;
  calls: number;
  /** Rows of one call, the fewest of all calls. */
  fewestRows: number;
  /** Milliseconds, as the client waits. */
  p50: number;
  p99: number;
  highest: number;
}

export interface ReadsBench {
  say(line: string): void;
  print(line: string): void;
}

const size = {
  scope: '00000000-0000-4000-8000-000000000001',
  divisions: 50,
  teams: 20,
  accounts: 50_000,
  changes: 20,
  months: 6,
} as const;
const calls = 200;

/** How long people wait for what they ask of 50,000 accounts and a million changes, asked at random, as owner and as a reader without e-mail. */
export async function benchReads({ say, print }: ReadsBench): Promise<ReadFigures[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
  const pool = createPool({ connectionString: postgres.connectionString, applicationName: 'orgtrail-bench' });
  try {
    await migrate(pool, { schema: 'graph', migrations: graphMigrations });
    const until = Date.now();
    say(`Filling ${size.accounts} accounts with ${size.accounts * size.changes} changes in ${size.months} months`);
    const filling = await pool.connect();
    try {
      await fillGraph(filling, size, until);
    } finally {
      filling.release();
    }
    const figures: ReadFigures[] = [];
    for (const role of [undefined, 'orgtrail_reader']) {
      await inTransaction(pool, async (client) => {
        if (role !== undefined) await client.query(`SET LOCAL ROLE ${role}`);
        for (const question of readQuestions(size, until)) {
          const measured = await measure(client, question, role ?? 'owner');
          figures.push(measured);
          print(describe(measured));
        }
      });
    }
    return figures;
  } finally {
    await pool.end();
    await postgres.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(client: Queryable, { ask, sql, values, whole }: ReadQuestion, role: string): Promise<ReadFigures> {
  const waits: number[] = [];
  let fewestRows = Infinity;
  const count = whole ? 5 : calls;
  for (let call = 0; call < count; call += 1) {
    const begun = performance.now();
    const { rows } = await client.query(sql, values());
    waits.push(performance.now() - begun);
    fewestRows = Math.min(fewestRows, rows.length);
  }
  waits.sort((left, right) => left - right);
  const at = (share: number) => waits[Math.min(count - 1, Math.ceil(share * count) - 1)] ?? NaN;
  return { question: `${ask}, as ${role}`, calls: count, fewestRows, p50: at(0.5), p99: at(0.99), highest: at(1) };
}

function describe({ question, calls: count, fewestRows, p50, p99, highest }: ReadFigures): string {
  const [median, most, longest] = [p50, p99, highest].map((wait) => wait.toFixed(1));
  return `${question}: ${count} calls of at least ${fewestRows} rows, p50 ${median} ms, p99 ${most} ms, longest ${longest} ms`;
}
