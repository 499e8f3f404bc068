import { isTransient } from '@orgtrail/database';
import { BusError } from '../port.js';

/** The one translation from `pg`'s errors to the port's. */
export function busErrorOf(error: unknown, doing: string): BusError {
  if (error instanceof BusError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return isTransient(error)
    ? new BusError(`Postgres bus: ${doing} failed, no answer or not now: ${reason}`, {
        code: 'BUS_UNREACHABLE',
        retriable: true,
        cause: error,
      })
    : new BusError(`Postgres bus: ${doing} was refused: ${reason}`, { code: 'BUS_REFUSED', retriable: false, cause: error });
}

export function partitionLost(cause?: unknown): BusError {
  return new BusError('The partition is held by another consumer', { code: 'PARTITION_LOST', retriable: true, cause });
}
