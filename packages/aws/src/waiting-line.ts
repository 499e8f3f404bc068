/** Who is served first. */
export const priorities = ['event', 'confirmation', 'sync', 'background'] as const;
export type Priority = (typeof priorities)[number];

/** Calls that wait for their turn. */
export interface WaitingLine {
  /** Joins at the end of its priority. The function that is returned leaves again. */
  join(priority: Priority, serve: () => void): () => void;
  /** Takes out whoever is next. */
  next(): (() => void) | undefined;
  length(): number;
}

interface Waiting {
  serve(): void;
  /** Its place among all that ever joined. */
  place: number;
}

/** One of so many is kept for syncs and background reads, so that events without end do not stop them; events are still first. */
const keptShare = 10;
/** A confirmation repeats what an event already had read: it may wait for as long as there are events. */
const keptFor: readonly Priority[] = ['sync', 'background'];

export function createWaitingLine(): WaitingLine {
  const queues = new Map<Priority, Waiting[]>(priorities.map((priority) => [priority, []]));
  let joined = 0;
  let length = 0;
  /** Calls that overtook one of those for whom a share is kept. */
  let overtaken = 0;

  const mostUrgent = (): Waiting[] | undefined => [...queues.values()].find((queue) => queue.length > 0);
  /** Of those for whom a share is kept: the queue of whoever waits longest. */
  const longestKept = (): Waiting[] | undefined =>
    keptFor
      .map((priority) => queues.get(priority) ?? [])
      .filter((queue) => queue.length > 0)
      .sort(([left], [right]) => (left?.place ?? 0) - (right?.place ?? 0))[0];

  return {
    join: (priority, serve) => {
      const queue = queues.get(priority) ?? [];
      const waiting: Waiting = { serve, place: (joined += 1) };
      queue.push(waiting);
      length += 1;
      return () => {
        const at = queue.indexOf(waiting);
        if (at < 0) return;
        queue.splice(at, 1);
        length -= 1;
      };
    },
    next: () => {
      const urgent = mostUrgent();
      const kept = longestKept();
      const isKeptsTurn = kept !== undefined && overtaken >= keptShare - 1;
      const queue = isKeptsTurn ? kept : urgent;
      overtaken = kept === undefined || queue === kept ? 0 : overtaken + 1;
      const first = queue?.shift();
      if (first) length -= 1;
      return first?.serve;
    },
    length: () => length,
  };
}
