/**
 * What may not leave the process: secrets, and e-mail addresses (they are personal data, and AWS role sessions are often named
 * by one). Applied to everything that is logged, and to what the admin server says.
 */

const redacted = '[redacted]';
const secretKey =
  /^(e_?mail(_?address)?|.*password|secret.*|.*_?secret|.*secret_?access_?key|.*private_?key|token.*|.*token|authorization|(set-)?cookie|.*external_?id|connection_?string|database_?url)$/i;

// The password of `scheme://user:password@host`. Greedy up to the last @ before the host, because a password may hold one.
const urlPassword = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi;
const emailAddress = /(?<!\/\/)\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b/gi;
const deepest = 8;

export function isSecretKey(key: string): boolean {
  return secretKey.test(key);
}

/** The text without passwords in URLs and without e-mail addresses. */
export function scrubText(text: string): string {
  return text.includes('@') ? text.replace(urlPassword, `$1:${redacted}@`).replace(emailAddress, redacted) : text;
}

/** A copy fit for a log line: secrets replaced by key, texts scrubbed, errors as plain objects. */
export function scrubFields(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[too deep]';
  if (isErrorLike(value)) return scrubError(value, depth);
  if (Array.isArray(value)) return value.map((item) => scrubFields(item, depth + 1));
  // Dates and the like know their own text.
  if ('toJSON' in value && typeof value.toJSON === 'function') return scrubFields((value.toJSON as () => unknown)(), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      isSecretKey(key) && field !== undefined && field !== null ? redacted : scrubFields(field, depth + 1),
    ]),
  );
}

// By shape: Jest and other realms have an Error of their own.
function isErrorLike(value: object): value is Error & { code?: unknown } {
  return 'message' in value && 'stack' in value && typeof value.message === 'string' && typeof value.stack === 'string';
}

// Not every own field of an error: an AWS SDK error carries its response, a `pg` error the row that failed.
function scrubError(error: Error & { code?: unknown }, depth: number): Record<string, unknown> {
  const { name, message, code, stack, cause } = error;
  return {
    type: name,
    message: scrubText(message),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: scrubFields(cause, depth + 1) }),
    ...(stack === undefined ? {} : { stack: scrubText(stack) }),
  };
}
