import type { Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createInstruments, startLoop, type Component, type Logger, type Loop, type Metrics } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { graphFeedMetrics } from './metric-declarations.js';
import { publishFeed } from './publish-feed.js';
import { feedDelay } from './sql/feed-position.js';
import { holdFeed, releaseFeed } from './sql/hold-feed.js';

export interface GraphFeedOptions {
  bus: Bus;
  pool: pg.Pool;
  logger: Logger;
  meter: Metrics['meter'];
}

export interface GraphFeed extends Component {
  /** Something was applied: look at once. */
  wake(): void;
}

const partitions = 6;
const restMs = 250;

/**
 * Publishes the history of the graph to the topic of the feed. Of all that run at once one does; when it ends, or loses its connection to the database, the
 * next one goes on from what the bus had acknowledged.
 */
export function createGraphFeed({ bus, pool, logger, meter }: GraphFeedOptions): GraphFeed {
  const { published, delay } = createInstruments(meter, graphFeedMetrics);
  let loop: Loop | undefined;
  let holder: pg.PoolClient | undefined;
  let endDelay: (() => void) | undefined;

  const letGo = (broken?: Error): void => {
    holder?.release(broken);
    holder = undefined;
  };
  /** The lock lives as long as the connection that took it, and so it is asked at each round whether that is still there. */
  const isOurs = async (): Promise<boolean> => {
    try {
      if (holder) {
        await holder.query('SELECT 1');
        return true;
      }
      holder = await pool.connect();
      if (await holdFeed(holder)) {
        logger.info('The feed is published from here');
        return true;
      }
      letGo();
      return false;
    } catch (error) {
      letGo(error instanceof Error ? error : undefined);
      throw error;
    }
  };

  return {
    name: 'graph-feed',
    start: async () => {
      await bus.ensureTopics([{ topic: topics.graphFeed, partitions }]);
      loop = startLoop({
        name: 'feed',
        restMs,
        logger,
        round: async (signal) =>
          (await isOurs()) ? publishFeed({ pool, bus, signal, onPublished: (rows) => published.add(rows) }) : 0,
      });
      endDelay = delay.observe(async (say) => say(await feedDelay(pool)));
    },
    wake: () => loop?.wake(),
    stop: async () => {
      endDelay?.();
      await loop?.stop();
      if (holder) await releaseFeed(holder).catch(() => undefined);
      letGo();
    },
  };
}
