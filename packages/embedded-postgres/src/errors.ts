export type EmbeddedPostgresErrorCode =
  /** Another living process holds the data directory. */
  | 'IN_USE'
  | 'PORT_TAKEN'
  /** The directory holds a database of another PostgreSQL major version. */
  | 'WRONG_VERSION'
  /** The directory cannot become, or is not, a data directory of ours. */
  | 'UNUSABLE_DIRECTORY'
  /** There are no PostgreSQL programs for this machine, or they cannot be run. */
  | 'NO_BINARIES'
  | 'START_FAILED';

/** Why the embedded PostgreSQL did not start: the message is one sentence for the user. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;
  readonly exitCode = 1;
  constructor(code: EmbeddedPostgresErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
