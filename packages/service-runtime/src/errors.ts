/** What a process of ours says by its exit code. 64 to 78 are those of sysexits.h. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, drift: 3, unavailable: 69, config: 78 } as const;

/** Something we cannot work without does not answer. The message names its host and the variable it came from. */
export class UnavailableError extends Error {
  override readonly name: string = 'UnavailableError';
  readonly exitCode = exitCodes.unavailable;
}

/** The configuration is wrong: the message lists every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = exitCodes.config;
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? `Configuration: ${problems[0] ?? ''}`
        : `Configuration: ${problems.length} problems\n  ${problems.join('\n  ')}`,
    );
    this.problems = problems;
  }
}

/** An address we were told to listen on is not to be had. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly exitCode = exitCodes.failure;
}

/**
 * Thrown by a check: a part of the service stands still until somebody acts, and the rest goes on. It is shown, and the service stays ready: whoever mends it may
 * need its API, which a balancer gives to those that are ready only. The message says what stands, why, and what to do.
 */
export class DegradedError extends Error {
  override readonly name = 'DegradedError';
}

/** The exit code that an error asks for by its `exitCode`, else 1. */
export function exitCodeOf(error: unknown): number {
  const { exitCode } = (error ?? {}) as { exitCode?: unknown };
  return typeof exitCode === 'number' && exitCode > 0 && exitCode < 256 ? exitCode : exitCodes.failure;
}
