/** An error that a person can act on; the command prints its message alone and exits with its code. */
export class CommandError extends Error {
  readonly exitCode: number;
  /** Of the API's answer, where it refused. */
  readonly status: number | undefined;
  constructor(message: string, exitCode: number, cause?: unknown, status?: number) {
    super(message, { cause });
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.status = status;
  }
}
