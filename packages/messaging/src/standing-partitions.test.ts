import { beforeEach, describe, expect, it } from '@jest/globals';
import { createStandingPartitions, type StandingPartitions } from './standing-partitions.js';

const place = { topic: 't', partition: 3 };
let said: string[];
let now: number;
let standing: StandingPartitions;

beforeEach(() => {
  said = [];
  now = 1000;
  const say = (level: string) => (fields: object, message: string) =>
    void said.push(`${level} ${message} ${JSON.stringify(fields)}`);
  standing = createStandingPartitions(
    { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    () => now,
  );
});

describe('a partition that stands still', () => {
  it('is told of once, however often it is tried, and once when it goes on', () => {
    for (const triedAt of [1000, 5000, 9000]) {
      now = triedAt;
      standing.standAt({ ...place, offset: 21n, reason: 'too many' });
    }
    expect(said).toEqual([expect.stringMatching(/^error .*"topic":"t","partition":3,"offset":"21","reason":"too many"/)]);
    expect(standing.all()).toMatchObject([{ ...place, offset: 21n, since: 1000 }]);
    standing.goOn(place);
    standing.goOn(place);
    expect(said.slice(1)).toEqual([expect.stringMatching(/^info /)]);
    expect(standing.of(place)).toBeUndefined();
  });

  it('stands anew where it came on, and stops again', () => {
    standing.standAt({ ...place, offset: 21n, reason: 'too many' });
    now = 2000;
    standing.standAt({ ...place, offset: 41n, reason: 'too many' });
    expect(said).toHaveLength(2);
    expect(standing.of(place)).toMatchObject({ offset: 41n, since: 2000 });
  });

  it('is forgotten where it is not tried any more: another consumer has it', () => {
    standing.standAt({ ...place, offset: 21n, reason: 'too many' });
    now += 6 * 60_000;
    expect(standing.all()).toEqual([]);
    standing.goOn(place);
    expect(said).toHaveLength(1);
  });
});
