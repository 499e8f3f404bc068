import type { Logger } from '@orgtrail/service-runtime';

export interface SyncLease {
  /** Aborted when the sync is somebody else's, or may be. */
  lost: AbortSignal;
  /** Renews it no more. */
  end(): void;
}

export interface SyncLeaseOptions {
  /** Resolves to whether the lease is still ours. */
  renew(): Promise<boolean>;
  /** So long it lasts from a renewal. */
  seconds: number;
  renewalMs: number;
  logger: Logger;
  /** Milliseconds, monotonic. */
  now(): number;
}

/**
 * Renews a lease while a sync runs. It ends by our own clock when no renewal succeeded for as long as it lasts, since the database may be what
 * is away: somebody else may have it by then.
 */
export function holdLease({ renew, seconds, renewalMs, logger, now }: SyncLeaseOptions): SyncLease {
  const losing = new AbortController();
  let renewedAt = now();
  const renewOnce = async (): Promise<void> => {
    const asked = now();
    try {
      if (await renew()) renewedAt = Math.max(renewedAt, asked);
      else losing.abort(new Error('Another process has taken this sync over.'));
    } catch (error) {
      logger.warn({ err: error }, 'The lease of a sync could not be renewed');
    }
  };
  const renewal = setInterval(() => {
    // A renewal that hangs says nothing.
    if (now() - renewedAt >= seconds * 1000) losing.abort(new Error('The lease of this sync ran out without being renewed.'));
    else void renewOnce();
  }, renewalMs);
  return { lost: losing.signal, end: () => clearInterval(renewal) };
}
