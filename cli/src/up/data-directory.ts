import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitCodes } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { CommandError } from '../exit-error.js';

/** Where `up` keeps what it starts itself: the embedded database, its log, the simulator's state, and how to reach them. */
export interface DataDirectory {
  path: string;
  postgres: string;
  log: string;
  simulator: string;
  connection: string;
}

/** Of `up` itself: makes the directory. */
export function openDataDirectory(path: string): DataDirectory {
  const directory = dataDirectoryAt(path);
  mkdirSync(directory.path, { recursive: true });
  return directory;
}

/** Of commands that only look: what is not there stays so. */
export function dataDirectoryAt(path: string): DataDirectory {
  const root = resolve(path);
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

/** What a running `up` wrote down; undefined when none ever ran here. Throws a `CommandError` when it is not to be understood. */
export function readConnection(directory: DataDirectory): Connection | undefined {
  if (!existsSync(directory.connection)) return undefined;
  try {
    return connectionFile.parse(JSON.parse(readFileSync(directory.connection, 'utf8')));
  } catch (cause) {
    // The cause may repeat the file, and the file holds passwords.
    const why = cause instanceof Error && 'code' in cause ? 'cannot be read' : 'is not what `orgtrail up` of this version writes';
    throw new CommandError(`${directory.connection} ${why}. Start \`orgtrail up\` again: it writes it anew.`, exitCodes.config);
  }
}
