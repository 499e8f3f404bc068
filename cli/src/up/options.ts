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
  name: string;
  roleArn?: string;
  externalId?: string;
  queueUrl?: string;
  fullSyncIntervalSeconds: number;
  /** Of the published AWS rates. */
  rateShare: number;
  confirmAfterSeconds: number[];
  confirmNotFoundAfterSeconds: number;
  startTimeoutSeconds: number;
  /** Absent: an embedded PostgreSQL in the data directory. */
  databaseUrl?: string;
  /** Absent: the bus runs in the database. */
  kafkaBrokers?: string[];
  demoSettings: { seed: number; accounts: number; organizationalUnits: number; everyMs: number };
}
