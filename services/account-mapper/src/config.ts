import { checkKafka, kafkaVariables } from '@orgtrail/messaging';
import { tracingVariables } from '@orgtrail/service-runtime';
import { z } from 'zod';

/** The mapper keeps nothing: a database is needed only while the bus runs in it. */
export const accountMapperEnvironment = z
  .object({
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .optional()
      .describe('PostgreSQL, for example postgres://user:password@host:5432/orgtrail. Needed where KAFKA_BROKERS is absent'),
    ...kafkaVariables,
    ADMIN_HOST: z.string().default('0.0.0.0').describe('Address of /livez, /readyz and /metrics'),
    ADMIN_PORT: z.coerce.number().int().min(0).max(65535).default(8082).describe('Port of the same'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    START_TIMEOUT_SECONDS: z.coerce
      .number()
      .int()
      .min(1)
      .default(60)
      .describe('How long to wait for Kafka or PostgreSQL at start before giving up (exit 69)'),
    ...tracingVariables,
  })
  .superRefine(checkKafka);

export type AccountMapperEnvironment = z.infer<typeof accountMapperEnvironment>;
