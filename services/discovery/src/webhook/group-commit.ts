/** Messages of one scope that wait to be committed, and those whose transaction runs. */
interface Line<Scope, Message, Result> {
  scope: Scope;
  waiting: Entry<Message, Result>[];
  isCommitting: boolean;
  /** Of those that wait and those that are being committed. */
  count: number;
  bytes: number;
}

interface Entry<Message, Result> {
  message: Message;
  bytes: number;
  since: number;
  settle(verdict: Verdict<Result>): void;
  /** Nobody waits for it any more. */
  abandoned: boolean;
}

export type Verdict<Result> =
  | { kind: 'committed'; result: Result }
  /** No room, or it would not be done in time: nothing was kept. */
  | { kind: 'saturated' }
  /** Whether anything was kept is not known. */
  | { kind: 'failed'; error: unknown };

export interface Submission<Result> {
  verdict: Promise<Verdict<Result>>;
  /** Its sender is answered: what has not begun is left out. */
  abandon(): void;
}

export interface GroupCommitLimits {
  /** How long the first message waits for others. */
  gatherMs: number;
  /** Of one transaction. */
  mostMessages: number;
  mostBytes: number;
  /** Of all that wait or are being committed; one scope may have half of it. */
  mostWaiting: number;
  mostWaitingBytes: number;
  /** A line whose first message waits longer takes no more. */
  longestWaitMs: number;
  /** Transactions at once, each of another scope. */
  mostTransactions: number;
}

export interface GroupCommit<Scope, Message, Result> {
  submit(scope: Scope, message: Message, bytes: number): Submission<Result>;
  /** Resolves when nothing waits and no transaction runs. */
  idle(): Promise<void>;
}

/**
 * Commits messages of many senders together: what comes while a transaction runs goes into the next. Bounded in messages, bytes and time,
 * and told at once when there is no room. Scopes are committed apart: one that is stuck keeps none waiting but its own.
 */
export function createGroupCommit<Scope extends { id: string }, Message, Result>({
  commit,
  limits,
}: {
  /** All or nothing. Results in the order of the messages. */
  commit(scope: Scope, messages: readonly Message[]): Promise<readonly Result[]>;
  limits: GroupCommitLimits;
}): GroupCommit<Scope, Message, Result> {
  const lines = new Map<string, Line<Scope, Message, Result>>();
  let count = 0;
  let bytes = 0;
  let transactions = 0;
  const onIdle: (() => void)[] = [];

  const hasRoom = (line: Line<Scope, Message, Result>, more: number): boolean => {
    const [first] = line.waiting;
    if (first && performance.now() - first.since > limits.longestWaitMs) return false;
    // Whoever sends slowly keeps his place also while another floods: half is for the others.
    if (line.count >= limits.mostWaiting / 2 || line.bytes + more > limits.mostWaitingBytes / 2) return false;
    return count < limits.mostWaiting && bytes + more <= limits.mostWaitingBytes;
  };

  const book = (line: Line<Scope, Message, Result>, messages: number, size: number): void => {
    count += messages;
    bytes += size;
    line.count += messages;
    line.bytes += size;
  };

  const finish = (line: Line<Scope, Message, Result>, entry: Entry<Message, Result>, verdict: Verdict<Result>): void => {
    book(line, -1, -entry.bytes);
    entry.settle(verdict);
  };

  const takeBatch = (line: Line<Scope, Message, Result>): Entry<Message, Result>[] => {
    const batch: Entry<Message, Result>[] = [];
    let batchBytes = 0;
    while (batch.length < limits.mostMessages) {
      const [next] = line.waiting;
      if (!next || (batch.length > 0 && batchBytes + next.bytes > limits.mostBytes)) break;
      line.waiting.shift();
      if (next.abandoned) {
        finish(line, next, { kind: 'saturated' });
        continue;
      }
      batch.push(next);
      batchBytes += next.bytes;
    }
    return batch;
  };

  const commitNext = async (line: Line<Scope, Message, Result>): Promise<void> => {
    const batch = takeBatch(line);
    if (batch.length === 0) return;
    try {
      const results = await commit(
        line.scope,
        batch.map(({ message }) => message),
      );
      batch.forEach((entry, index) => finish(line, entry, { kind: 'committed', result: results[index] as Result }));
    } catch (error) {
      for (const entry of batch) finish(line, entry, { kind: 'failed', error });
    }
  };

  /** Begins as many transactions as may run; lines take turns, since each goes to the end when it is served. */
  const pump = (): void => {
    for (const [id, line] of lines) {
      if (transactions >= limits.mostTransactions) return;
      if (line.isCommitting || line.waiting.length === 0) continue;
      lines.delete(id);
      lines.set(id, line);
      line.isCommitting = true;
      transactions += 1;
      void commitNext(line).finally(() => {
        transactions -= 1;
        line.isCommitting = false;
        if (line.waiting.length === 0) lines.delete(id);
        pump();
        if (lines.size === 0) for (const tell of onIdle.splice(0)) tell();
      });
    }
  };

  return {
    submit: (scope, message, size) => {
      const line = lines.get(scope.id) ?? { scope, waiting: [], isCommitting: false, count: 0, bytes: 0 };
      if (!hasRoom(line, size)) return { verdict: Promise.resolve({ kind: 'saturated' }), abandon: () => undefined };
      // Settings may have changed since the line began.
      line.scope = scope;
      lines.set(scope.id, line);
      const { promise, resolve } = Promise.withResolvers<Verdict<Result>>();
      const entry = { message, bytes: size, since: performance.now(), settle: resolve, abandoned: false };
      line.waiting.push(entry);
      book(line, 1, size);
      if (!line.isCommitting && line.waiting.length === 1) setTimeout(pump, limits.gatherMs);
      return {
        verdict: promise,
        abandon: () => {
          entry.abandoned = true;
        },
      };
    },
    idle: async () => {
      if (lines.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      onIdle.push(() => resolve(undefined));
      await promise;
    },
  };
}
