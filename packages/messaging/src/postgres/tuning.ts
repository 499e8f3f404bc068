/** The numbers that the Postgres adapter was given on purpose; README.md has the reasons. Tests shorten some. */
export interface PostgresTuning {
  /** A member that did not renew its lease for this long loses its partitions. */
  leaseMs: number;
  /** How often readers look for new records when no notification comes. */
  pollMs: number;
  /** How long a publish waits for a database that is away. */
  publishRetryForMs: number;
  retentionEveryMs: number;
}

export const defaultTuning: PostgresTuning = {
  leaseMs: 6_000,
  pollMs: 250,
  publishRetryForMs: 75_000,
  retentionEveryMs: 60_000,
};

export const defaultRetentionMs = 7 * 24 * 60 * 60 * 1000;
export const maxFetchBytes = 5 * 1024 * 1024;
export const maxPublishBytes = 8 * 1024 * 1024;
export const maxPublishRecords = 1_000;
