import type { AccountRecord, HandshakeRecord } from '../model/records.js';
import type { World } from '../world.js';
import { depart, tellDeparted } from './membership.js';

/** What AWS does by itself, long after the call that began it. Facts of the user guide of Organizations. */
const dayMs = 86_400_000;
/** After its closing an account is listed for so long, and then gone for good. */
const closedStayMs = 90 * dayMs;
/** An invitation that ended is listed for so long. */
const endedInvitationStayMs = 30 * dayMs;
export const invitationLivesMs = 15 * dayMs;

/** Sees to everything that the organization's records will come to, at the start of a simulator. */
export function goOnLiving(world: World): void {
  const { accounts, handshakes } = world.store.tables;
  for (const account of accounts.values()) awaitCleaning(world, account);
  for (const handshake of handshakes.values()) awaitEnd(world, handshake);
}

/** Takes out an account that was closed long ago. */
export function awaitCleaning(world: World, { id, closedAt }: AccountRecord): void {
  if (closedAt === undefined) return;
  world.timers.at(closedAt + closedStayMs, () => {
    const account = world.store.tables.accounts.get(id);
    if (account?.closedAt === closedAt) clean(world, account);
  });
}

export function clean(world: World, account: AccountRecord): void {
  depart(world, account, 'CLEANED');
  tellDeparted(world, account.id, 'CLEANED');
}

/** An open invitation expires, which AWS tells nobody; one that ended vanishes from the list. */
export function awaitEnd(world: World, { id, state, expiresAt, endedAt }: HandshakeRecord): void {
  const { store, timers } = world;
  if (state === 'OPEN') {
    timers.at(expiresAt, () => {
      const open = store.tables.handshakes.get(id);
      if (open?.state === 'OPEN') endInvitation(world, open, 'EXPIRED');
    });
  } else if (endedAt !== undefined) {
    timers.at(endedAt + endedInvitationStayMs, () => store.remove('handshakes', id));
  }
}

export function endInvitation(world: World, handshake: HandshakeRecord, state: HandshakeRecord['state']): HandshakeRecord {
  const ended = { ...handshake, state, endedAt: world.now() };
  world.store.put('handshakes', handshake.id, ended);
  awaitEnd(world, ended);
  return ended;
}
