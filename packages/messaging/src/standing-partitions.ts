import type { BusLogger } from './port.js';

/** A partition whose same records are tried again and again until somebody acts. Others go on. */
export interface Stand {
  topic: string;
  partition: number;
  /** Of the record before which it stands. */
  offset: bigint;
  /** Why, and what to do, without any content of a record. */
  reason: string;
  /** Epoch milliseconds. */
  since: number;
}

type Place = Pick<Stand, 'topic' | 'partition'>;

/** The partitions that stand still, as the consumer that tries them knows them. Says in the log when one begins to stand, and when it goes on. */
export interface StandingPartitions {
  /** To be told at each vain attempt. */
  standAt(stand: Omit<Stand, 'since'>): void;
  goOn(place: Place): void;
  of(place: Place): Stand | undefined;
  all(): readonly Stand[];
}

/** The bus brings the records again every few seconds. A partition that is not tried for so long was given to another consumer, who tells of it. */
const forgottenAfterMs = 5 * 60_000;

export function createStandingPartitions(logger: BusLogger, now: () => number = Date.now): StandingPartitions {
  const stands = new Map<string, Stand & { triedAt: number }>();
  const current = (): ReadonlyMap<string, Stand> => {
    for (const [place, { triedAt }] of stands) if (now() - triedAt > forgottenAfterMs) stands.delete(place);
    return stands;
  };
  return {
    standAt: (stand) => {
      const before = current().get(placeOf(stand));
      const isSame = before?.offset === stand.offset;
      stands.set(placeOf(stand), { ...stand, since: isSame ? before.since : now(), triedAt: now() });
      if (isSame) return;
      const { topic, partition, offset, reason } = stand;
      logger.error(
        { topic, partition, offset: offset.toString(), reason },
        'A partition stands still until somebody acts; the others go on',
      );
    },
    goOn: ({ topic, partition }) => {
      if (stands.delete(placeOf({ topic, partition }))) logger.info({ topic, partition }, 'A partition that stood still goes on');
    },
    of: (place) => current().get(placeOf(place)),
    all: () => [...current().values()],
  };
}

/** One sentence, and the reason. */
export const describeStand = ({ topic, partition, offset, reason }: Stand): string =>
  `Partition ${partition} of ${topic} stands still before offset ${offset.toString()}. ${reason}`;

const placeOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;
