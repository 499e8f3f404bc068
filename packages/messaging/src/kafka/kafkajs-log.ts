import { logLevel, type logCreator } from 'kafkajs';
import type { BusLogger } from '../port.js';

/** Expected by the way we use kafkajs, and no news to an operator. */
const expected = [
  /Limiting retries for the idempotent producer/,
  /The coordinator is loading/,
  /group coordinator is not available/i,
];

/** Only these of kafkajs's fields are passed on: the others are stacks, or could hold what a record holds. */
const fields = [
  'groupId',
  'memberId',
  'broker',
  'clientId',
  'error',
  'retryCount',
  'retryTime',
  'topic',
  'partition',
  'duration',
];

/**
 * kafkajs's log lines through our logger, one level down: it calls each retry an error, though the client heals it. What it cannot heal
 * reaches us as an event or a rejection, and is logged there.
 */
export function kafkajsLog(logger: BusLogger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const kept = Object.fromEntries(fields.filter((field) => field in log).map((field) => [field, log[field] as unknown]));
      const about = { client: 'kafkajs', part: namespace, ...kept };
      if (level === logLevel.ERROR && !expected.some((text) => text.test(log.message))) logger.warn(about, log.message);
      else logger.debug(about, log.message);
    };
}
