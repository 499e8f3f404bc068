import type { Caller } from './caller.js';
import { AwsError } from './errors.js';
import { collectPages, walkPages, type Page } from './pages.js';
import type { Priority } from './waiting-line.js';

export interface ReaderOptions {
  priority: Priority;
  /** Ends everything that is being read: what is called afterwards, or still waits, rejects with its reason. */
  signal?: AbortSignal | undefined;
  onAttempt?: ((operation: string) => void) | undefined;
}

/** How one reader calls AWS. */
export interface ReaderCalls {
  call<T>(operation: string, send: () => Promise<T>): Promise<T>;
  /** The whole list at once. */
  list<T>(operation: string, fetch: (token: string | undefined) => Promise<Page<T>>): Promise<T[]>;
  /** A list page by page. After a restart items come again: whoever reads keeps them by id. */
  walk<T>(operation: string, fetch: (token: string | undefined) => Promise<Page<T>>): AsyncIterable<readonly T[]>;
}

export function createReaderCalls(caller: Caller, { priority, signal, onAttempt }: ReaderOptions): ReaderCalls {
  const call: ReaderCalls['call'] = (operation, send) => {
    const attempt = (): ReturnType<typeof send> => {
      onAttempt?.(operation);
      return send();
    };
    return caller.call(operation, priority, attempt, signal);
  };
  return {
    call,
    list: (operation, fetch) => collectPages(operation, (token) => call(operation, () => fetch(token))),
    walk: (operation, fetch) =>
      walkPages(
        operation,
        (token) => call(operation, () => fetch(token)),
        () => undefined,
      ),
  };
}

/** Reads each item. Where `onMalformed` takes what one lacks, that one is left out; else it fails all of them. */
export function readEach<Item, Read>(
  items: readonly Item[],
  read: (item: Item) => Read,
  onMalformed: ((error: AwsError) => void) | undefined,
): Read[] {
  return items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!onMalformed || !(error instanceof AwsError)) throw error;
      onMalformed(error);
      return [];
    }
  });
}
