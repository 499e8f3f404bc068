/** What was acquired, to be given back in reverse order, also when a start fails half-way. */
export interface Releasers {
  push(release: () => unknown): void;
  /** Gives everything back; a release that fails does not keep the others from theirs. Rejects with the first failure. */
  releaseAll(): Promise<void>;
}

export function createReleasers(): Releasers {
  const stack: (() => unknown)[] = [];
  return {
    push: (release) => {
      stack.push(release);
    },
    releaseAll: async () => {
      const failures: unknown[] = [];
      for (const release of stack.splice(0).reverse()) {
        try {
          await release();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
