/** Gathers what comes in small pieces and works on it in large ones, one after the other. */
export interface Chunks<T> {
  /** Resolves when there is room for more: whoever adds fast is held back. Rejects once a chunk failed. */
  add(items: readonly T[]): Promise<void>;
  /** Works on the rest. */
  flush(): Promise<void>;
}

export function createChunks<T>(size: number, work: (chunk: readonly T[]) => Promise<void>): Chunks<T> {
  let gathered: T[] = [];
  let working: Promise<void> = Promise.resolve();
  const begin = (): Promise<void> => {
    const items = gathered;
    gathered = [];
    for (let start = 0; start < items.length; start += size) {
      const chunk = items.slice(start, start + size);
      working = working.then(() => work(chunk));
    }
    return working;
  };
  return {
    add: async (items) => {
      gathered.push(...items);
      if (gathered.length >= size) await begin();
    },
    flush: () => begin(),
  };
}
