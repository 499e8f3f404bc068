import { createServer } from 'node:http';
import { listen, type Component, type Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { IncomingMessage } from '../intake/read-message.js';
import { arrivalOf } from '../intake/arrival-of.js';
import { noteEventArrival } from '../intake/sql/note-event-arrival.js';
import { takeIn, type TakenIn } from '../intake/take-in.js';
import { refusalToldEveryMs, tellTaken } from '../intake/tell-taken.js';
import { atMostEvery } from '../at-most-every.js';
import { startLoop, type Loop } from '@orgtrail/service-runtime';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { createGroupCommit, type GroupCommitLimits } from './group-commit.js';
import { createKnownSecrets } from './known-secrets.js';
import { createByteBudget } from './read-body.js';
import { receivePost } from './receive-post.js';

export interface WebhookOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  pool: pg.Pool;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** Hints of this integration were committed: whoever watches it here should look. */
  onHints(integrationId: string): void;
  /** Default 4 s; EventBridge waits for 5. */
  answerWithinMs?: number;
  /** A connection on which nothing comes for so long is closed, unless a post of its was answered well. Default 5 s. */
  silenceMs?: number;
  limits?: Partial<GroupCommitLimits>;
}

export type WebhookServer = Component & {
  /** Once started. */
  readonly port: number;
};

const mebibyte = 1024 * 1024;

const defaultLimits: GroupCommitLimits = {
  gatherMs: 3,
  mostMessages: 500,
  mostBytes: 8 * mebibyte,
  mostWaiting: 8000,
  mostWaitingBytes: 64 * mebibyte,
  longestWaitMs: 2000,
  mostTransactions: 4,
};
/** Bodies that are being read, and those that wait. */
const mostBodyBytes = 96 * mebibyte;
const mostConnections = 4096;
/** A secret that was made or removed elsewhere is known here after so long. */
const reloadMs = 1000;

/**
 * `POST /v1/events/{integrationId}` for EventBridge API destinations, on an address of its own, since it may be reached from the internet.
 * Every replica takes posts, whoever watches the integration: what was committed is found in the database.
 */
export function createWebhookServer(options: WebhookOptions): WebhookServer {
  const { pool, metrics, logger } = options;
  const secrets = createKnownSecrets({ pool, logger });
  const seldom = atMostEvery(refusalToldEveryMs);
  const commit = async (integration: Integration, messages: readonly IncomingMessage[]): Promise<TakenIn[][]> => {
    const taken = await takeIn(pool, integration, messages);
    messages.forEach(({ id }, index) =>
      tellTaken(taken[index] ?? [], { integrationId: integration.id, metrics, logger, messageId: id, seldom }),
    );
    const outcomes = taken.flat().map(({ outcome }) => outcome);
    if (outcomes.some((outcome) => outcome === 'hints' || outcome === 'full-sync')) options.onHints(integration.id);
    const arrival = arrivalOf(taken.flat());
    if (arrival) {
      // The hints stand already: nobody's answer waits for this.
      noteEventArrival(pool, integration.id, arrival).catch((error: unknown) =>
        logger.warn({ err: error }, 'When the last event arrived could not be noted'),
      );
    }
    return taken;
  };
  const group = createGroupCommit({
    commit: (integration: Integration, messages: readonly IncomingMessage[]) =>
      commit(integration, messages).catch((error: unknown) => {
        logger.warn(
          { err: error, integrationId: integration.id, count: messages.length },
          'Posts could not be kept; they come again',
        );
        throw error;
      }),
    limits: { ...defaultLimits, ...options.limits },
  });
  let isStopping = false;
  let port = options.port;
  let loading: Loop | undefined;
  const context = {
    secrets,
    group,
    budget: createByteBudget(mostBodyBytes),
    answerWithinMs: options.answerWithinMs ?? 4000,
    isStopping: () => isStopping,
    onAnswer: (status: number, milliseconds: number) => metrics.postAnswered(status, milliseconds),
  };
  const tellFull = atMostEvery(60_000);
  const server = createServer(
    {
      // Behind a load balancer whose connections live longer than ours, it would write into one that we just closed.
      keepAliveTimeout: 65_000,
      headersTimeout: 5_000,
      requestTimeout: 6_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      receivePost(request, response, context).catch((error: unknown) => {
        logger.error({ err: error }, 'A post could not be answered');
        response.destroy();
      });
    },
  );
  // The other times begin with the first byte: whoever sends none would keep a connection for ever.
  server.timeout = options.silenceMs ?? 5_000;
  // What comes beyond is closed at once: silent ones go soon, and EventBridge comes again.
  server.maxConnections = mostConnections;
  server.on('drop', () =>
    tellFull(() =>
      logger.warn({ connections: mostConnections }, 'So many are connected to the webhook that others are turned away'),
    ),
  );

  return {
    name: 'webhook',
    get port() {
      return port;
    },
    start: async () => {
      loading = startLoop({ name: 'webhook secrets', round: () => secrets.load().then(() => 0), restMs: reloadMs, logger });
      port = await listen(server, { host: options.host, port: options.port, variable: 'WEBHOOK_PORT' });
    },
    stop: async () => {
      isStopping = true;
      if (server.listening) {
        // Whoever is connected gets an answer in time; what is left then never read it.
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        const force = setTimeout(() => server.closeAllConnections(), context.answerWithinMs + 500);
        await closed;
        clearTimeout(force);
      }
      await group.idle();
      await loading?.stop();
    },
  };
}
