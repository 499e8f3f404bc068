/** What the work resolves to; rejects with the signal's reason once it is aborted, and leaves the work to itself. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    // Whichever comes second is heard, or it would end the process.
    work.catch(() => undefined);
    aborted.promise.catch(() => undefined);
  }
}
