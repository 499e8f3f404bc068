/** A process that owns an embedded PostgreSQL, for start.integration.test.ts: prints its address as JSON, or the error, and stays. */
import { startEmbeddedPostgres } from './start.js';

const dataDirectory = process.argv[2];
if (dataDirectory === undefined) throw new Error('usage: start.fixture.ts <data directory>');
try {
  const { connectionString, pid } = await startEmbeddedPostgres({ dataDirectory, fast: true });
  process.stdout.write(`${JSON.stringify({ connectionString, pid })}\n`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
