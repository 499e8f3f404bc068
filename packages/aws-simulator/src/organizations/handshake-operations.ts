import { accountArn, handshakeArn, idPatterns, newAccountId, newHandshakeId } from '../model/ids.js';
import type { AccountRecord, HandshakeRecord } from '../model/records.js';
import { byId } from '../model/view.js';
import { accessDenied, AwsError, handshakeNotFound, invalidInput } from '../wire/errors.js';
import { object, optionalText, tags, text, type Input } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import type { World } from '../world.js';
import { awaitEnd, endInvitation, invitationLivesMs } from './life-cycle.js';
import { join, tellJoined } from './membership.js';
import { read, write } from './operation.js';
import { handshakeShape } from './shapes.js';
import { withMaskedTags } from './tag-operations.js';

export const listHandshakesForOrganization = read(({ world, view }, input) => {
  const items = [...view.handshakes.values()].sort(byId);
  const handshakes = page(world, { items, keyOf: ({ id }) => id, listing: 'ListHandshakesForOrganization', input });
  return { Handshakes: handshakes.items.map((handshake) => handshakeShape(handshake, view)), NextToken: handshakes.nextToken };
});

export const describeHandshake = read(
  ({ view }, input) => {
    const handshake = view.handshakes.get(text(input, 'handshakeId', { pattern: idPatterns.handshake }));
    if (handshake === undefined) throw handshakeNotFound();
    return { Handshake: handshakeShape(handshake, view) };
  },
  { callers: 'members' },
);

/** CloudTrail's `action` is lower case, the API's is not. */
const responseElements = (output: Input) => ({ handshake: { ...(output['handshake'] as object), action: 'invite' } });

export const inviteAccountToOrganization = write(
  ({ world }, input) => {
    const { store, random, now } = world;
    const target = targetOf(object(input['target'], 'target'));
    const notes = optionalText(input, 'notes', { maximum: 1024 });
    const itsTags = tags(input);
    const isMember = [...store.tables.accounts.values()].some(({ id, email }) => id === target.id || email === target.id);
    if (isMember) throw alreadyInAnOrganization();
    const isInvited = [...store.tables.handshakes.values()].some(
      ({ state, target: { id } }) => state === 'OPEN' && id === target.id,
    );
    if (isInvited) throw new AwsError('DuplicateHandshakeException', 'A handshake with the same target is open already.');
    const id = newHandshakeId(random, (taken) => store.tables.handshakes.has(taken));
    const handshake: HandshakeRecord = {
      id,
      arn: handshakeArn(store.identity, id),
      state: 'OPEN',
      target,
      notes,
      tags: itsTags,
      requestedAt: now(),
      expiresAt: now() + invitationLivesMs,
    };
    store.put('handshakes', id, handshake);
    awaitEnd(world, handshake);
    return { output: { Handshake: handshakeShape(handshake, store.current) } };
  },
  { requestParameters: withMaskedTags, responseElements },
);

/** Called by the invited account: its call is logged there. */
export const acceptHandshake = write(
  ({ world, caller }, input) => {
    const handshake = refuseStrangers(openHandshake(world, input), caller.accountId);
    const account = invitedAccount(world, handshake, caller.accountId);
    if (world.store.tables.accounts.has(account.id)) throw alreadyInAnOrganization();
    const accepted = endInvitation(world, handshake, 'ACCEPTED');
    join(world, account, 'INVITED');
    return {
      output: { Handshake: handshakeShape(accepted, world.store.current) },
      afterwards: () => tellJoined(world, account.id, 'INVITED'),
    };
  },
  { callers: 'anyone', responseElements },
);

export const declineHandshake = write(
  ({ world, caller }, input) => {
    const declined = endInvitation(world, refuseStrangers(openHandshake(world, input), caller.accountId), 'DECLINED');
    return { output: { Handshake: handshakeShape(declined, world.store.current) } };
  },
  { callers: 'anyone', responseElements },
);

export const cancelHandshake = write(
  ({ world }, input) => ({
    output: { Handshake: handshakeShape(endInvitation(world, openHandshake(world, input), 'CANCELED'), world.store.current) },
  }),
  { responseElements },
);

export function openHandshake({ store }: World, input: Input): HandshakeRecord {
  const handshake = store.tables.handshakes.get(text(input, 'handshakeId', { pattern: idPatterns.handshake }));
  if (handshake === undefined) throw handshakeNotFound();
  if (handshake.state !== 'OPEN') {
    throw new AwsError(
      'InvalidHandshakeTransitionException',
      "You can't perform the operation on the handshake in its current state.",
    );
  }
  return handshake;
}

const alreadyInAnOrganization = (): AwsError =>
  new AwsError('HandshakeConstraintViolationException', 'The account is already in an organization.', {
    members: { Reason: 'ALREADY_IN_AN_ORGANIZATION' },
  });

function refuseStrangers(handshake: HandshakeRecord, callerId: string): HandshakeRecord {
  if (handshake.target.type === 'ACCOUNT' && handshake.target.id !== callerId) throw accessDenied();
  return handshake;
}

/** The account that will join through this handshake: of a former member, what it was. */
function invitedAccount(
  { store }: World,
  { target, tags: itsTags }: HandshakeRecord,
  callerId: string,
): Omit<AccountRecord, 'parentId' | 'joinedAt' | 'joinedMethod'> {
  const id = target.type === 'ACCOUNT' ? target.id : callerId;
  const former = store.tables.departures.get(id)?.account;
  return {
    id,
    arn: accountArn(store.identity, id),
    name: former?.name ?? `invited-${id.slice(-6)}`,
    email: target.type === 'EMAIL' ? target.id : (former?.email ?? `aws+invited-${id}@example.com`),
    state: 'ACTIVE',
    tags: itsTags,
  };
}

/** Who accepts: the invited account, or for an invitation by e-mail an account that we did not know. */
export function acceptingAccountId(world: World, handshakeId: string): string {
  const { store, random } = world;
  const { target } = openHandshake(world, { handshakeId });
  if (target.type === 'ACCOUNT') return target.id;
  return newAccountId(random, (id) => store.tables.accounts.has(id) || store.tables.departures.has(id));
}

function targetOf(target: Input): HandshakeRecord['target'] {
  const type = text(target, 'type');
  if (type === 'ACCOUNT') return { type, id: text(target, 'id', { pattern: idPatterns.account }) };
  if (type === 'EMAIL')
    return { type, id: text(target, 'id', { pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, minimum: 6, maximum: 64 }) };
  throw invalidInput('INVALID_PARTY_TYPE_TARGET', 'You specified a wrong type of entity as the target of the handshake.');
}
