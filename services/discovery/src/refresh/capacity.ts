import { lanes, urgencies, type Lane, type Urgency } from './lanes.js';
import type { RefreshRequest, Wanted } from './sql/claim-due-requests.js';

/** How many requests of each lane and urgency may be read at once. */
export interface Capacity {
  /** What there is room for. */
  wanted(): Wanted[];
  take(requests: readonly RefreshRequest[]): void;
  giveBack(request: RefreshRequest): void;
  /** Lanes that were filled to the brim by the last claim: more may be due than is wise to read one by one. Tells it once. */
  crowded(): Lane[];
}

/**
 * So many at once keep an operation's budget in use while answers travel; more would only wait in the limiter, where an event that
 * comes meanwhile makes the read of an account void. Each urgency has room of its own: confirmations that wait behind events must not
 * take the places of events. One list answers all that is due of its kind.
 */
const room: Record<Lane, Record<Urgency, number>> = {
  account: { event: 12, confirmation: 4, background: 2 },
  tags: { event: 8, confirmation: 3, background: 4 },
  ou: { event: 4, confirmation: 2, background: 1 },
  organization: { event: 1, confirmation: 1, background: 1 },
  root: { event: 10, confirmation: 10, background: 10 },
  delegation: { event: 500, confirmation: 500, background: 500 },
  invitation: { event: 500, confirmation: 500, background: 500 },
  expiry: { event: 500, confirmation: 500, background: 500 },
};

export function createCapacity(): Capacity {
  const taken = new Map<string, number>();
  const keyOf = (lane: Lane, urgency: Urgency): string => `${lane} ${urgency}`;
  const freeOf = (lane: Lane, urgency: Urgency): number => room[lane][urgency] - (taken.get(keyOf(lane, urgency)) ?? 0);
  const filled = new Set<Lane>();

  return {
    wanted: () =>
      lanes.flatMap((lane) => urgencies.map((urgency) => ({ lane, urgency, most: Math.max(0, freeOf(lane, urgency)) }))),
    take: (requests) => {
      for (const { lane, urgency } of requests) {
        taken.set(keyOf(lane, urgency), (taken.get(keyOf(lane, urgency)) ?? 0) + 1);
        if (freeOf(lane, urgency) <= 0) filled.add(lane);
      }
    },
    giveBack: ({ lane, urgency }) => void taken.set(keyOf(lane, urgency), (taken.get(keyOf(lane, urgency)) ?? 0) - 1),
    crowded: () => {
      const lanesFilled = [...filled];
      filled.clear();
      return lanesFilled;
    },
  };
}
