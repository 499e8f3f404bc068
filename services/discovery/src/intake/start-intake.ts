import { atMostEvery } from '../at-most-every.js';
import { startLoop, type Loop } from '@orgtrail/service-runtime';
import { refusalToldEveryMs } from './tell-taken.js';
import { receiveOnce, type QueueIntakeOptions } from './queue-intake.js';

type Given = 'pool' | 'integration' | 'queue' | 'metrics' | 'logger' | 'onHints' | 'onTaken';

export interface IntakeOptions extends Pick<QueueIntakeOptions, Given> {
  /** Told of each read of the first receiver: why it failed, or undefined. */
  onRead?(failure: unknown): void;
  /** Told when the queue cannot be read any more, with why, and when it can again, with undefined. */
  onQueue?(failure: unknown): void;
  /** Receivers at once while the queue is full. Default 8. */
  mostReceivers?: number;
  /** How long a received message is ours. Default 30. */
  visibilitySeconds?: number;
}

/** One failure is no news: networks have them. */
const failuresUntilTold = 3;
/** AWS's longest long poll. */
const longestWaitSeconds = 20;

/** Short, since it begins anew while messages are worked on: what a process took and could not keep comes to the next one after it. */
const usualVisibilitySeconds = 30;

/**
 * Takes in what the integration's queue holds, for as long as it runs. One long poll waits always; while batches come back full, further
 * receivers help, and each ends with its first batch that is not.
 */
export function startIntake({
  onRead,
  onQueue,
  mostReceivers = 8,
  visibilitySeconds = usualVisibilitySeconds,
  ...options
}: IntakeOptions): Loop {
  const { logger } = options;
  const stopping = new AbortController();
  const helpers = new Set<Promise<void>>();
  let failedReceives = 0;
  let extensionRefused = false;
  const seldom = atMostEvery(refusalToldEveryMs);

  const receive = (waitSeconds: number): Promise<boolean> =>
    receiveOnce({
      ...options,
      seldom,
      signal: stopping.signal,
      waitSeconds,
      visibilitySeconds,
      onFullBatch: () => {
        if (helpers.size + 1 < mostReceivers && !stopping.signal.aborted) help();
      },
      onExtensionRefused: (error) => {
        if (!extensionRefused) {
          logger.warn(
            { err: error },
            'The role may not keep messages that take long (sqs:ChangeMessageVisibility): they may be received twice. Update the role',
          );
        }
        extensionRefused = true;
      },
    });
  const help = (): void => {
    const helper = helpWhileFull().finally(() => helpers.delete(helper));
    helpers.add(helper);
  };
  const helpWhileFull = async (): Promise<void> => {
    let isFull = true;
    while (isFull && !stopping.signal.aborted) {
      // Whatever fails here fails for the first receiver too, which says so and comes again.
      isFull = await receive(1).catch(() => false);
    }
  };

  const first = startLoop({
    name: 'intake',
    round: async () => {
      await receive(longestWaitSeconds);
      // A long poll is the rest.
      return 1;
    },
    restMs: 0,
    logger,
    onOutcome: (error) => {
      onRead?.(error);
      if (error === undefined && failedReceives >= failuresUntilTold) onQueue?.(undefined);
      failedReceives = error === undefined ? 0 : failedReceives + 1;
      if (failedReceives === failuresUntilTold) onQueue?.(error);
    },
  });
  return {
    wake: () => first.wake(),
    stop: async () => {
      stopping.abort();
      await first.stop();
      await Promise.all(helpers);
    },
  };
}
