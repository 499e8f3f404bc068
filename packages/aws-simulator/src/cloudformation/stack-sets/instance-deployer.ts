import { randomUUID } from 'node:crypto';
import type { OrganizationStore } from '../../model/store.js';
import { AwsError } from '../../wire/errors.js';
import type { Stack } from '../stack.js';
import type { Stacks } from '../stacks.js';
import { instanceKey, type StackInstance, type StackSet } from './stack-set.js';

type Place = Pick<StackInstance, 'accountId' | 'region' | 'organizationalUnitId' | 'operationId'>;

/** Makes, changes and deletes the stacks of stack sets in the accounts. */
export class InstanceDeployer {
  readonly #stacks: Stacks;
  readonly #store: OrganizationStore;

  constructor(stacks: Stacks, store: OrganizationStore) {
    this.#stacks = stacks;
    this.#store = store;
  }

  /** Answers with the reason why it failed, if it did. Accounts that are suspended are skipped, which is no failure. */
  deploy(stackSet: StackSet, place: Place): string | undefined {
    const key = instanceKey(place.accountId, place.region);
    const before = stackSet.instances.get(key);
    const state = this.#store.tables.accounts.get(place.accountId)?.state;
    const note = (rest: Pick<StackInstance, 'stackId' | 'status' | 'detailedStatus' | 'reason'>): void => {
      const { accountId, region, organizationalUnitId, operationId } = place;
      stackSet.instances.set(key, { accountId, region, organizationalUnitId, operationId, ...rest });
    };
    if (state !== 'ACTIVE' && state !== 'PENDING_ACTIVATION') {
      note({ stackId: before?.stackId, status: 'OUTDATED', detailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT', reason: undefined });
      return undefined;
    }
    const stack = this.#apply(stackSet, place, before);
    const failed = stack.status !== 'CREATE_COMPLETE' && stack.status !== 'UPDATE_COMPLETE';
    const reason = failed ? (stack.statusReason ?? `The stack is in ${stack.status}.`) : undefined;
    note({ stackId: stack.id, status: failed ? 'OUTDATED' : 'CURRENT', detailedStatus: failed ? 'FAILED' : 'SUCCEEDED', reason });
    return reason;
  }

  /** Answers with the reason why it failed, if it did. */
  withdraw(stackSet: StackSet, { accountId, region, stackId }: StackInstance, retainStack: boolean): string | undefined {
    const stack = stackId === undefined || retainStack ? undefined : this.#stacks.find({ accountId, region }, stackId);
    if (stack !== undefined) this.#stacks.delete(stack);
    if (stack?.status === 'DELETE_FAILED') return stack.statusReason;
    stackSet.instances.delete(instanceKey(accountId, region));
    return undefined;
  }

  #apply({ name, content }: StackSet, { accountId, region }: Place, before: StackInstance | undefined): Stack {
    const at = { accountId, region };
    const there = before?.stackId === undefined ? undefined : this.#stacks.find(at, before.stackId);
    if (there === undefined || there.status === 'DELETE_COMPLETE') return this.#create(at, name, content);
    if (there.status === 'ROLLBACK_COMPLETE' || there.status === 'CREATE_FAILED') {
      this.#stacks.delete(there);
      return this.#create(at, name, content);
    }
    try {
      this.#stacks.update(there, content);
    } catch (error) {
      // A stack that is as it should be is what was wanted.
      if (!(error instanceof AwsError) || !error.message.startsWith('No updates')) throw error;
    }
    return there;
  }

  #create(at: { accountId: string; region: string }, name: string, content: StackSet['content']): Stack {
    const stack = this.#stacks.open(at, `StackSet-${name}-${randomUUID()}`);
    this.#stacks.create(stack, content);
    return stack;
  }
}
