import { randomUUID } from 'node:crypto';
import { AwsError } from '../wire/errors.js';
import { carryOut, removeResource } from './carry-out.js';
import { invalid, stackNotFound } from './cloudformation-errors.js';
import { changesAnything } from './plan-changes.js';
import type { ResourceServices } from './resources/resource-type.js';
import type { Stack, StackContent, StackStatus } from './stack.js';
import { noteStack } from './stack-events.js';
import { inOrder } from './template/references.js';

/** Whose stacks, and where. */
export interface StackRegion {
  readonly accountId: string;
  readonly region: string;
}

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

const updatable: readonly StackStatus[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

/** The stacks of all accounts and Regions. Every operation is over when it answers. */
export class Stacks {
  readonly #services: ResourceServices;
  /** By id: a deleted stack stays, under its id only. */
  readonly #stacks = new Map<string, Stack>();
  readonly #current = new Map<string, Stack>();

  constructor(services: ResourceServices) {
    this.#services = services;
  }

  /** By name or id; a deleted one by its id only. Throws ValidationError. */
  get(at: StackRegion, nameOrId: string): Stack {
    const stack = this.find(at, nameOrId);
    if (stack === undefined) throw stackNotFound(nameOrId);
    return stack;
  }

  find({ accountId, region }: StackRegion, nameOrId: string): Stack | undefined {
    const stack = nameOrId.startsWith('arn:')
      ? this.#stacks.get(nameOrId)
      : this.#current.get(keyOf({ accountId, region }, nameOrId));
    return stack?.accountId === accountId && stack.region === region ? stack : undefined;
  }

  /** The newest first, deleted ones included. */
  list({ accountId, region }: StackRegion): Stack[] {
    return [...this.#stacks.values()].filter((stack) => stack.accountId === accountId && stack.region === region).reverse();
  }

  /** A stack that waits for what it is to be. Throws AlreadyExistsException. */
  open({ accountId, region }: StackRegion, name: string): Stack {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
      throw invalid(
        `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      );
    }
    const key = keyOf({ accountId, region }, name);
    if (this.#current.has(key)) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
    const now = this.#services.now();
    const stack: Stack = {
      id: `arn:${this.#services.partition}:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`,
      name,
      accountId,
      region,
      createdAt: now,
      updatedAt: undefined,
      deletedAt: undefined,
      status: 'REVIEW_IN_PROGRESS',
      statusReason: undefined,
      content: undefined,
      resources: new Map(),
      events: [],
      changeSets: new Map(),
      terminationProtection: false,
    };
    this.#stacks.set(stack.id, stack);
    this.#current.set(key, stack);
    noteStack(stack, 'REVIEW_IN_PROGRESS', now, 'User Initiated');
    return stack;
  }

  /** Makes the resources of a stack that was opened. */
  create(stack: Stack, content: StackContent, onFailure: OnFailure = 'ROLLBACK'): void {
    this.#change(stack, 'CREATE_IN_PROGRESS');
    const failure = carryOut(stack, content, this.#services, { keepOnFailure: onFailure === 'DO_NOTHING' });
    stack.content = content;
    if (failure === undefined) {
      this.#settle(stack, 'CREATE_COMPLETE');
      return;
    }
    if (onFailure === 'DO_NOTHING') {
      this.#settle(stack, 'CREATE_FAILED', failure);
      return;
    }
    this.#change(stack, 'ROLLBACK_IN_PROGRESS', failure);
    this.#settle(stack, 'ROLLBACK_COMPLETE', failure);
    if (onFailure === 'DELETE') this.delete(stack);
  }

  /** Throws ValidationError where the stack's status forbids an update. */
  refuseUnlessUpdatable({ id, status }: Stack): void {
    if (!updatable.includes(status)) throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
  }

  /** Throws ValidationError when there is nothing to change. */
  update(stack: Stack, content: StackContent): void {
    this.refuseUnlessUpdatable(stack);
    if (!changesAnything(stack, content)) throw invalid('No updates are to be performed.');
    this.#change(stack, 'UPDATE_IN_PROGRESS');
    stack.updatedAt = this.#services.now();
    const failure = carryOut(stack, content, this.#services);
    if (failure === undefined) {
      stack.content = content;
      this.#change(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      this.#settle(stack, 'UPDATE_COMPLETE');
      return;
    }
    this.#change(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', failure);
    this.#settle(stack, 'UPDATE_ROLLBACK_COMPLETE', failure);
  }

  delete(stack: Stack): void {
    if (stack.status === 'DELETE_COMPLETE') return;
    if (stack.terminationProtection) {
      throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    this.#change(stack, 'DELETE_IN_PROGRESS');
    const tags = stack.content?.tags ?? new Map<string, string>();
    const order = stack.content === undefined ? [] : inOrder(stack.content.template).reverse();
    const failed = order
      .flatMap((id) => stack.resources.get(id) ?? [])
      .filter((resource) => !removeResource(stack, resource, this.#services, tags))
      .map(({ logicalId }) => logicalId);
    if (failed.length > 0) {
      this.#settle(stack, 'DELETE_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
      return;
    }
    stack.deletedAt = this.#services.now();
    this.#settle(stack, 'DELETE_COMPLETE');
    this.#current.delete(keyOf(stack, stack.name));
  }

  #change(stack: Stack, status: string, reason?: string): void {
    noteStack(stack, status, this.#services.now(), reason);
  }

  #settle(stack: Stack, status: StackStatus, reason?: string): void {
    stack.status = status;
    stack.statusReason = reason;
    this.#change(stack, status, reason);
  }
}

const keyOf = ({ accountId, region }: StackRegion, name: string): string => `${accountId} ${region} ${name}`;
