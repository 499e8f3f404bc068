import type pg from 'pg';
import { lanes, urgencies } from './lanes.js';
import { claimDueRequests, type RefreshRequest } from './sql/claim-due-requests.js';

/** Claims up to so many of each lane and urgency. */
export function claimAll(pool: pg.Pool, integrationId: string, most = 50): Promise<RefreshRequest[]> {
  const wanted = lanes.flatMap((lane) => urgencies.map((urgency) => ({ lane, urgency, most })));
  return claimDueRequests(pool, integrationId, { wanted, leaseSeconds: 60 });
}
