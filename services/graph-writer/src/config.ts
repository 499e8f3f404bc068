import { checkKafka, kafkaVariables } from '@orgtrail/messaging';
import { apiTokens, tracingVariables } from '@orgtrail/service-runtime';
import { z } from 'zod';

export const graphWriterEnvironment = z
  .object({
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .describe('PostgreSQL, for example postgres://user:password@host:5432/orgtrail'),
    ...kafkaVariables,
    GRAPH_FEED: z
      .enum(['on', 'off'])
      .default('on')
      .describe(
        'Whether every change of the graph is published to the topic `orgtrail.graph-feed.v1`. Off: the feed goes on from there when it is on again',
      ),
    DEAD_LETTER_DAYS: z.coerce
      .number()
      .int()
      .min(1)
      .default(7)
      .describe('Days after which dead letters that were replayed or discarded are deleted, with their content'),
    HISTORY_MONTHS: z.coerce
      .number()
      .int()
      .min(1)
      .max(1200)
      .optional()
      .describe(
        'Months of history that are kept whole before this one. Of older ones the last state of each key stays, and the rest is deleted for good. Not set: all is kept',
      ),
    API_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('Address of the administration API (dead letters). Another one than a loopback address needs API_TOKENS'),
    API_PORT: z.coerce.number().int().min(0).max(65535).default(8087).describe('Port of the same'),
    API_TOKENS: apiTokens.describe(
      'Who may use the API: `name:role:token`, one per line or comma-separated; role `reader` or `admin`, token of at least 32 characters. A secret: better as API_TOKENS_FILE',
    ),
    ADMIN_HOST: z.string().default('0.0.0.0').describe('Address of /livez, /readyz and /metrics'),
    ADMIN_PORT: z.coerce.number().int().min(0).max(65535).default(8083).describe('Port of the same'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    START_TIMEOUT_SECONDS: z.coerce
      .number()
      .int()
      .min(1)
      .default(60)
      .describe('How long to wait for Kafka and PostgreSQL at start before giving up (exit 69)'),
    ...tracingVariables,
  })
  .superRefine(checkKafka);

export type GraphWriterEnvironment = z.infer<typeof graphWriterEnvironment>;
