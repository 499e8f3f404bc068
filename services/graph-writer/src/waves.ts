import type { IncomingChange } from './change.js';

/** Both included. */
export interface Wave {
  first: number;
  last: number;
}

/** Cuts changes, in their order, so that no subject is in a wave twice: a wave is applied by one statement. Pure. */
export function wavesOf(changes: readonly Pick<IncomingChange, 'scope' | 'subject'>[]): Wave[] {
  const waves: Wave[] = [];
  let seen = new Set<string>();
  let first = 0;
  for (const [index, { scope, subject }] of changes.entries()) {
    // Neither part can hold a NUL: they were made storable.
    const id = `${scope}\0${subject}`;
    if (seen.has(id)) {
      waves.push({ first, last: index - 1 });
      first = index;
      seen = new Set();
    }
    seen.add(id);
  }
  if (changes.length > 0) waves.push({ first, last: changes.length - 1 });
  return waves;
}
