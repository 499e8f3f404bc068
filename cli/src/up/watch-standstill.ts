import { checksOf, DegradedError, startLoop, type Component, type Logger, type Loop } from '@orgtrail/service-runtime';

const restMs = 2_000;

/** Tells what of these components stands still until somebody acts, once as long as it stays the same. */
export function watchStandstill(options: {
  components: readonly Component[];
  logger: Logger;
  onStandstill(message: string): void;
}): Component {
  let loop: Loop | undefined;
  let told: string | undefined;
  return {
    name: 'standstill',
    start: () => {
      loop = startLoop({
        name: 'standstill',
        restMs,
        logger: options.logger,
        round: async () => {
          const standstill = await standstillOf(options.components);
          if (standstill !== undefined && standstill !== told) options.onStandstill(standstill);
          told = standstill;
          return 0;
        },
      });
      return Promise.resolve();
    },
    stop: async () => loop?.stop(),
  };
}

async function standstillOf(components: readonly Component[]): Promise<string | undefined> {
  for (const check of Object.values(checksOf(components))) {
    try {
      await check();
    } catch (error) {
      if (error instanceof DegradedError) return error.message;
    }
  }
  return undefined;
}
