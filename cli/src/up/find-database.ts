import { exitCodes } from '@orgtrail/service-runtime';
import { CommandError } from '../exit-error.js';
import { dataDirectoryAt, readConnection, type Connection } from './data-directory.js';

/** The database of a running `orgtrail up`, or DATABASE_URL. Throws a `CommandError` that says what to do when there is neither. */
export function findDatabase(given: { demo?: boolean; dataDirectory?: string }): {
  databaseUrl: string;
  connection?: Connection;
} {
  const directory = dataDirectoryAt(given.dataDirectory ?? (given.demo === true ? '.orgtrail/demo' : '.orgtrail/up'));
  const connection = readConnection(directory);
  const databaseUrl = process.env['DATABASE_URL'] ?? connection?.databaseUrl;
  if (!databaseUrl) {
    throw new CommandError(
      `There is no database to look at: set DATABASE_URL, or run \`orgtrail up${given.demo === true ? ' --demo' : ''}\` beside this.`,
      exitCodes.config,
    );
  }
  return { databaseUrl, ...(connection ? { connection } : {}) };
}
