import type { IncomingChange } from './change.js';
import { InScopes } from './in-scopes.js';

/** Both included. */
export interface Wave {
  first: number;
  last: number;
}

/** Cuts changes, in their order, so that no subject is in a wave twice: a wave is applied by one statement. Pure. */
export function wavesOf(changes: readonly Pick<IncomingChange, 'scope' | 'subject'>[]): Wave[] {
  const waves: Wave[] = [];
  const seen = new InScopes();
  let first = 0;
  for (const [index, { scope, subject }] of changes.entries()) {
    if (seen.add(scope, subject)) continue;
    waves.push({ first, last: index - 1 });
    first = index;
    seen.clear();
    seen.add(scope, subject);
  }
  if (changes.length > 0) waves.push({ first, last: changes.length - 1 });
  return waves;
}
