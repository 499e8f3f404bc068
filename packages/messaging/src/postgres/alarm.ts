/** A sleep that can be cut short. A ring while nobody waits ends the next wait at once. */
export interface Alarm {
  ring: () => void;
  /** Resolves at a ring, after `ms` when given, or when the signal is aborted. */
  wait: (signal: AbortSignal, ms?: number) => Promise<void>;
}

export function createAlarm(): Alarm {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    wait: async (signal, ms) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const finish = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', finish);
            wake = undefined;
            resolve();
          };
          const timer = ms === undefined ? undefined : setTimeout(finish, ms);
          signal.addEventListener('abort', finish);
          wake = finish;
        });
      }
      rung = false;
    },
  };
}
