import type { WebhookAddress } from '@orgtrail/discovery';
import type { ApiToken } from '@orgtrail/service-runtime';
import type { KafkaEnvironment } from '@orgtrail/messaging';
import type { TracingEnvironment } from '@orgtrail/service-runtime';

/** What `orgtrail up` was asked to do. */
export interface UpOptions {
  /** Against the simulated organization. */
  demo: boolean;
  /** One full sync, then end. */
  once: boolean;
  json: boolean;
  dataDirectory: string;
  host: string;
  port: number;
  /** False: only integrations that are made with `orgtrail integration create`. */
  integration: boolean;
  name?: string;
  roleArn?: string;
  externalId?: string;
  queueUrl?: string;
  /** Absent: as it was, 3600 at first. */
  fullSyncIntervalSeconds?: number;
  /** Between two full ones. */
  lightSyncsBetween: number;
  /** Of the history, kept whole before this one. Absent: all is kept. */
  historyMonths?: number | undefined;
  /** Of the published AWS rates. */
  rateShare: number;
  confirmAfterSeconds: number[];
  confirmNotFoundAfterSeconds: number;
  startTimeoutSeconds: number;
  /** Who may use the API. */
  apiTokens: readonly ApiToken[];
  /** Where events may be posted. */
  webhook: WebhookAddress | undefined;
  /** Of the template in a bucket, for onboarding's link. */
  onboardingTemplateUrl?: string | undefined;
  /** Whom it runs as, for trust policies. */
  principalArn?: string | undefined;
  /** Absent: an embedded PostgreSQL in the data directory. */
  databaseUrl?: string;
  /** Without brokers the bus runs in the database. */
  kafka: KafkaEnvironment;
  tracing: TracingEnvironment;
  demoSettings: { seed: number; accounts: number; organizationalUnits: number; everyMs: number };
}
