import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export type Role = 'reader' | 'admin';

/** Somebody who may use the API. */
export interface ApiUser {
  /** For the log of what administrators did. */
  name: string;
  role: Role;
}

export interface ApiToken extends ApiUser {
  token: string;
}

const entry = /^([\w.@-]{1,64}):(reader|admin):([\x21-\x7e]{32,512})$/;

/** `name:role:token`, one per line or comma-separated. Messages never repeat a token. */
export const apiTokens = z
  .string()
  .default('')
  .transform((text, context): ApiToken[] =>
    text
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line, index) => {
        const [, name = '', role = 'reader', token = ''] = entry.exec(line) ?? [];
        if (name === '') {
          context.addIssue({
            code: 'custom',
            message: `entry ${index + 1} is not name:role:token with role reader or admin and a token of 32 to 512 visible characters without commas, for example ci:reader:<output of openssl rand -hex 32>`,
          });
        }
        return { name, role: role as Role, token };
      }),
  );

/** Finds whose token it is, in a time that does not depend on how much of it is right. */
export function findUser(tokens: readonly ApiToken[], given: string): ApiUser | undefined {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(given);
  let found: ApiUser | undefined;
  for (const { name, role, token } of tokens) {
    if (timingSafeEqual(digest(token), wanted)) found = { name, role };
  }
  return found;
}
