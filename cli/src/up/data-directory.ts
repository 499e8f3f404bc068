import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Where `up` keeps what it starts itself: the embedded database, its log, the simulator's state, and how to reach them. */
export interface DataDirectory {
  path: string;
  postgres: string;
  log: string;
  simulator: string;
  connection: string;
}

export function openDataDirectory(path: string): DataDirectory {
  const root = resolve(path);
  mkdirSync(root, { recursive: true });
  return {
    path: root,
    postgres: join(root, 'postgres'),
    log: join(root, 'orgtrail.log'),
    simulator: join(root, 'simulated-organization.json'),
    connection: join(root, 'connection.json'),
  };
}

/** How other commands (`verify`) reach what a running `up` serves. Holds passwords: readable by its owner only. */
const connectionFile = z.object({
  pid: z.number().int().positive(),
  /** Processes that were started, for whoever wants to see that none is left. */
  pids: z.array(z.number().int().positive()),
  databaseUrl: z.string(),
  apiUrl: z.string().optional(),
  awsEndpoint: z.string().optional(),
  awsCredentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }).optional(),
});
export type Connection = z.infer<typeof connectionFile>;

export function writeConnection(directory: DataDirectory, connection: Connection): void {
  const temporary = `${directory.connection}.new`;
  writeFileSync(temporary, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, directory.connection);
}

export function readConnection(directory: DataDirectory): Connection | undefined {
  if (!existsSync(directory.connection)) return undefined;
  return connectionFile.parse(JSON.parse(readFileSync(directory.connection, 'utf8')));
}
