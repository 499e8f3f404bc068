import { createRandom } from '../random.js';
import type { Simulator } from '../simulator.js';
import { writeOneOf, type RandomWrite, type WriteName } from './random-write.js';
import { boundsOf } from './what-may-be-written.js';

export interface LifeOptions {
  everyMs: number;
  seed: number;
  onWrite?: (write: RandomWrite) => void;
}

export interface Life {
  /** Nothing happens any more. Idempotent. */
  stop(): Promise<void>;
}

/** What happens in an organization on a busy day, by how often. */
const mix: readonly WriteName[] = [
  ...Array<WriteName>(6).fill('MoveAccount'),
  ...Array<WriteName>(6).fill('TagResource'),
  ...Array<WriteName>(3).fill('CreateAccount'),
  ...Array<WriteName>(3).fill('PutAccountName'),
  ...Array<WriteName>(2).fill('UntagResource'),
  ...Array<WriteName>(2).fill('CreateOrganizationalUnit'),
  ...Array<WriteName>(2).fill('CloseAccount'),
  ...Array<WriteName>(2).fill('Clean'),
  'RemoveAccountFromOrganization',
  'UpdateOrganizationalUnit',
  'DeleteOrganizationalUnit',
  'InviteAccountToOrganization',
  'AcceptHandshake',
  'RegisterDelegatedAdministrator',
  'DeregisterDelegatedAdministrator',
];

/**
 * Lets something happen in the organization every so often, the same things for the same seed. It stays between 80 % and 150 % of its
 * accounts; one skipped account and those suspended or closed at the start are left as they are.
 */
export function startLife(simulator: Simulator, { everyMs, seed, onWrite }: LifeOptions): Life {
  const random = createRandom(seed);
  const bounds = boundsOf(simulator);
  const timer = setInterval(() => {
    const write = writeOneOf(simulator, random, { names: mix, bounds });
    onWrite?.(write);
  }, everyMs);
  return { stop: async () => clearInterval(timer) };
}
