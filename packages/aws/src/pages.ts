import { AwsError } from './errors.js';

/** One page of a list, and the token of the next. */
export interface Page<T> {
  items: readonly T[];
  nextToken?: string | undefined;
}

const restarts = 3;
/** 50,000 accounts are 2,500 pages; whoever sends more is sending us round in circles. */
const mostPages = 20_000;

/**
 * Walks the pages of a list. Ends only when there is no token: an empty page with a token is legal. A token that comes again is an
 * error. When AWS forgot the token, the whole list is read again, a bounded number of times; `onRestart` then drops what was seen.
 */
export async function* walkPages<T>(
  operation: string,
  fetchPage: (token: string | undefined) => Promise<Page<T>>,
  onRestart: () => void,
): AsyncGenerator<readonly T[]> {
  for (let restarted = 0; ; restarted += 1) {
    try {
      yield* walkOnce(operation, fetchPage);
      return;
    } catch (error) {
      if (!(error instanceof AwsError) || error.kind !== 'page-token-expired' || restarted >= restarts) throw error;
      onRestart();
    }
  }
}

async function* walkOnce<T>(
  operation: string,
  fetchPage: (token: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    yield page.items;
    token = page.nextToken === '' ? undefined : page.nextToken;
    if (token !== undefined && (seen.has(token) || seen.size > mostPages)) {
      throw new AwsError(`${operation}: the server sends the same page token again.`, { kind: 'malformed', operation });
    }
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

/** The whole list at once. */
export async function collectPages<T>(
  operation: string,
  fetchPage: (token: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  let items: T[] = [];
  for await (const page of walkPages(operation, fetchPage, () => (items = []))) items = [...items, ...page];
  return items;
}
