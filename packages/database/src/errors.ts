/// <reference lib="esnext.error" />
/**
 * What an error of Postgres or of the way to it means. SQLSTATE classes: PostgreSQL documentation, appendix A.
 */

const brokenConnectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // A name that does not resolve is what a restarting service in a cluster looks like.
  'ENOTFOUND',
  'EAI_AGAIN',
]);

// `pg` reports a lost connection by these texts only, without a code.
const brokenConnectionMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed and is not queryable)/;

const sqlState = /^[0-9A-Z]{5}$/;
// 25P03 and 25P04: the server ended a transaction that was silent, or ran, for too long; a process that was frozen finds that out when it goes on.
const transientSqlState = /^(08...|25P03|25P04|40001|40P01|57P0.|53...)$/;
// 54: too long for an index, too deep for the stack.
const poisonSqlState = /^(22|23|54)...$/;

/** `Error.isError` rather than `instanceof`: Jest gives tests an `Error` of their own, and errors of Node's core another. */
function* withCauses(error: unknown): Generator<Error & { code?: unknown }> {
  // Bounded, because nothing forbids a chain of causes that bites its tail.
  for (let depth = 0; depth < 8 && Error.isError(error); depth += 1) {
    yield error;
    error = error.cause;
  }
}

function matchesSqlState(error: unknown, pattern: RegExp): boolean {
  for (const { code } of withCauses(error)) {
    if (typeof code === 'string' && sqlState.test(code)) return pattern.test(code);
  }
  return false;
}

/** True when the same work may succeed if it is tried again: a lost connection, a serialization failure, a deadlock, a shutdown, a full server. */
export function isTransient(error: unknown): boolean {
  for (const link of withCauses(error)) {
    if (typeof link.code === 'string' && brokenConnectionCodes.has(link.code)) return true;
    if (brokenConnectionMessage.test(link.message)) return true;
  }
  return matchesSqlState(error, transientSqlState);
}

/** True when the record alone is at fault (data exception, integrity violation, or a limit of the program): trying again gives the same answer. */
export function isPoison(error: unknown): boolean {
  return matchesSqlState(error, poisonSqlState);
}
