import type { Logger } from '@orgtrail/service-runtime';

/** Logs of each integration whose settings this version does not understand, once for as long as that lasts, with what follows. */
export function unreadableTeller(
  logger: Logger,
  message: string,
): (unreadable: readonly { id: string; error: unknown }[]) => void {
  let told: ReadonlySet<string> = new Set();
  return (unreadable) => {
    for (const { id, error } of unreadable) if (!told.has(id)) logger.error({ integrationId: id, err: error }, message);
    told = new Set(unreadable.map(({ id }) => id));
  };
}
