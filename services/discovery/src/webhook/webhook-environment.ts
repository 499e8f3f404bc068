import { z } from 'zod';

/** Where events may be posted to; nowhere by default, since it is meant to be reached from outside. */
export const webhookVariables = {
  WEBHOOK_HOST: z.string().default('0.0.0.0').describe('Address of the webhook for events'),
  WEBHOOK_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port of the same, for example 8086. Absent: there is no webhook'),
};

export interface WebhookAddress {
  host: string;
  port: number;
}

export function webhookAddress(environment: {
  WEBHOOK_HOST: string;
  WEBHOOK_PORT?: number | undefined;
}): WebhookAddress | undefined {
  const { WEBHOOK_HOST: host, WEBHOOK_PORT: port } = environment;
  return port === undefined ? undefined : { host, port };
}
