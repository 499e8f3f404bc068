import { readFileSync } from 'node:fs';
import { isLoopback } from '@orgtrail/aws';
import { exitCodes } from '@orgtrail/service-runtime';
import { CommandError } from '../exit-error.js';
import { dataDirectoryAt, readConnection } from '../up/data-directory.js';

/** Where the API is, as every command of `integration` and `members` takes it. */
export interface ApiAddress {
  url?: string;
  demo?: boolean;
  dataDirectory?: string;
  /** Send the token even where others on the way could read it. */
  insecure?: boolean;
}

/**
 * The API's address (without a slash at its end) and the token for it: from `--url`, else ORGTRAIL_URL, else what a running `orgtrail up` wrote
 * down. Throws a `CommandError` when nobody says where the API is, or when the token would travel readable.
 */
export function findApi(given: ApiAddress): { base: string; token?: string } {
  const base = findUrl(given);
  const token = findToken();
  if (token === undefined) return { base };
  if (new URL(base).protocol !== 'https:' && !isLoopback(base) && given.insecure !== true) {
    throw new CommandError(
      `The token would be readable on its way to ${base}. Use https, or a port-forward to this machine; --insecure sends it all the same.`,
      exitCodes.config,
    );
  }
  return { base, token };
}

function findUrl({ url, demo, dataDirectory }: ApiAddress): string {
  const given = url ?? process.env['ORGTRAIL_URL'];
  if (given !== undefined && given !== '') return usableUrl(given);
  const directory = dataDirectoryAt(dataDirectory ?? (demo === true ? '.orgtrail/demo' : '.orgtrail/up'));
  const connection = readConnection(directory);
  if (connection?.apiUrl !== undefined) return connection.apiUrl;
  if (connection) {
    throw new CommandError(
      `The \`orgtrail up\` of ${directory.path} is not ready yet: it is still starting. Try again in a moment.`,
      exitCodes.unavailable,
    );
  }
  throw new CommandError(
    `Nobody says where the API is: run \`orgtrail up${demo === true ? ' --demo' : ''}\` beside this${demo === true ? '' : ' (add --demo here for the demo)'}, or set ORGTRAIL_URL or --url.`,
    exitCodes.config,
  );
}

function usableUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new CommandError(`Not a URL of the API: ${given}. A right one is http://127.0.0.1:8080.`, exitCodes.usage);
  }
  if (url.username !== '' || url.password !== '') {
    throw new CommandError(
      'The URL of the API holds a user or a password. Leave them out; ORGTRAIL_TOKEN is who you are.',
      exitCodes.usage,
    );
  }
  return given.replace(/\/+$/, '');
}

function findToken(): string | undefined {
  const file = process.env['ORGTRAIL_TOKEN_FILE'];
  if (file !== undefined && file !== '') return usableToken(readToken(file), 'ORGTRAIL_TOKEN_FILE');
  const token = process.env['ORGTRAIL_TOKEN'];
  return token === undefined || token === '' ? undefined : usableToken(token, 'ORGTRAIL_TOKEN');
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CommandError(`ORGTRAIL_TOKEN_FILE: ${file} cannot be read.`, exitCodes.config, cause);
  }
}

/** What is no token would be refused by `fetch`, in a message that repeats it. */
function usableToken(token: string, variable: string): string {
  if (!/^[\x21-\x7e]{1,1024}$/.test(token)) {
    throw new CommandError(
      `${variable} holds no token: one is up to 1,024 visible characters, without blanks and line ends.`,
      exitCodes.config,
    );
  }
  return token;
}
