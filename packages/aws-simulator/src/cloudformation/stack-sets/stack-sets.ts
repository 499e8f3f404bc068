import { randomUUID } from 'node:crypto';
import type { OrganizationStore } from '../../model/store.js';
import { AwsError } from '../../wire/errors.js';
import { invalid } from '../cloudformation-errors.js';
import type { StackContent } from '../stack.js';
import type { StackRegion, Stacks } from '../stacks.js';
import { accountsIn, targetOver, type DeploymentTargets } from './deployment-targets.js';
import { InstanceDeployer } from './instance-deployer.js';
import { operate } from './operate.js';
import type { Preferences } from './operation-preferences.js';
import { instanceKey, type StackSet, type StackSetOperation } from './stack-set.js';

export const stackSetsPrincipal = 'member.org.stacksets.cloudformation.amazonaws.com';

interface Collaborators {
  stacks: Stacks;
  store: OrganizationStore;
  now: () => number;
}

type NewStackSet = Pick<StackSet, 'name' | 'description' | 'content' | 'autoDeployment' | 'managedExecution'>;

/** Which instances an operation is about, and how it goes about it. */
interface Course {
  regions: readonly string[];
  targets: DeploymentTargets;
  preferences: Preferences;
}

/** The service-managed stack sets of the organization, which its management account keeps. */
export class StackSets {
  readonly #store: OrganizationStore;
  readonly #deployer: InstanceDeployer;
  readonly #now: () => number;
  readonly #stackSets = new Map<string, StackSet>();
  #activated = false;

  constructor({ stacks, store, now }: Collaborators) {
    this.#store = store;
    this.#now = now;
    this.#deployer = new InstanceDeployer(stacks, store);
  }

  /** By the management account, through CloudFormation: trusted access that was enabled in Organizations alone is not enough. */
  setActivated(activated: boolean): void {
    this.#activated = activated;
  }

  get hasOrganizationsAccess(): boolean {
    return this.#activated && this.#store.tables.trustedServices.has(stackSetsPrincipal);
  }

  /** Throws ValidationError for callers that may not, and while the organization has not let StackSets in. */
  refuseUnlessManaging({ accountId }: StackRegion): void {
    if (accountId !== this.#store.identity.managementAccountId) {
      throw invalid(
        'You must be the management account or delegated admin account of an organization before operating a SERVICE_MANAGED stack set',
      );
    }
    if (!this.hasOrganizationsAccess)
      throw invalid('You must enable organizations access to operate a service managed stack set');
  }

  list({ accountId, region }: StackRegion): StackSet[] {
    const managing = accountId === this.#store.identity.managementAccountId;
    return [...this.#stackSets.values()].filter((stackSet) => managing && stackSet.region === region);
  }

  /** By its name or its id. Throws StackSetNotFoundException. */
  get(at: StackRegion, nameOrId: string): StackSet {
    const stackSet = this.list(at).find(({ name, id }) => name === nameOrId || id === nameOrId);
    if (stackSet === undefined) {
      throw new AwsError('StackSetNotFoundException', `StackSet ${nameOrId} not found`, { status: 404 });
    }
    return stackSet;
  }

  create(at: StackRegion, from: NewStackSet): StackSet {
    if (this.list(at).some(({ name }) => name === from.name)) {
      throw new AwsError('NameAlreadyExistsException', `StackSet ${from.name} already exists`, { status: 409 });
    }
    const { partition } = this.#store.identity;
    const id = `${from.name}:${randomUUID()}`;
    const arn = `arn:${partition}:cloudformation:${at.region}:${at.accountId}:stackset/${id}`;
    const stackSet = { ...from, id, arn, region: at.region, targets: new Map(), instances: new Map(), operations: [] };
    this.#stackSets.set(id, stackSet);
    return stackSet;
  }

  /** Throws StackSetNotEmptyException. */
  delete(stackSet: StackSet): void {
    if (stackSet.instances.size > 0) {
      throw new AwsError('StackSetNotEmptyException', 'StackSet is not empty', { status: 409 });
    }
    this.#stackSets.delete(stackSet.id);
  }

  createInstances(stackSet: StackSet, { regions, targets, preferences }: Course): StackSetOperation {
    const accounts = this.#accountsIn(targets);
    for (const organizationalUnitId of targets.organizationalUnitIds) {
      for (const region of regions) stackSet.targets.set(`${organizationalUnitId} ${region}`, { organizationalUnitId, region });
    }
    return operate(stackSet, this.#now(), { action: 'CREATE', preferences, deploymentTargets: targets.given }, (operationId) =>
      regions.map((region) =>
        [...accounts].map(([accountId, organizationalUnitId]) => ({
          place: { accountId, region, organizationalUnitId },
          run: () => this.#deployer.deploy(stackSet, { accountId, region, organizationalUnitId, operationId }),
        })),
      ),
    );
  }

  /** A new content for every instance that there is. */
  update(stackSet: StackSet, content: StackContent, preferences: Preferences): StackSetOperation {
    stackSet.content = content;
    const regions = [...new Set([...stackSet.instances.values()].map(({ region }) => region))];
    return operate(stackSet, this.#now(), { action: 'UPDATE', preferences }, (operationId) =>
      regions.map((region) =>
        [...stackSet.instances.values()]
          .filter((instance) => instance.region === region)
          .map((place) => ({ place, run: () => this.#deployer.deploy(stackSet, { ...place, operationId }) })),
      ),
    );
  }

  deleteInstances(stackSet: StackSet, { regions, targets, preferences }: Course, retainStacks: boolean): StackSetOperation {
    const accounts = this.#accountsIn(targets);
    if (targets.filter === 'NONE') {
      for (const id of targets.organizationalUnitIds) for (const region of regions) stackSet.targets.delete(`${id} ${region}`);
    }
    const about = { action: 'DELETE' as const, preferences, deploymentTargets: targets.given, retainStacks };
    return operate(stackSet, this.#now(), about, () =>
      regions.map((region) =>
        [...stackSet.instances.values()]
          .filter((instance) => instance.region === region && accounts.has(instance.accountId))
          .map((place) => ({ place, run: () => this.#deployer.withdraw(stackSet, place, retainStacks) })),
      ),
    );
  }

  /** An account may have come, gone, moved or changed its state: its instances are as the targets say, where that is automatic. */
  settle(accountId: string): void {
    const account = this.#store.tables.accounts.get(accountId);
    for (const stackSet of this.#stackSets.values()) {
      if (!stackSet.autoDeployment.enabled || accountId === this.#store.identity.managementAccountId) continue;
      const regions = new Set([...stackSet.targets.values()].map(({ region }) => region));
      for (const region of regions) {
        const ids = [...stackSet.targets.values()].filter((target) => target.region === region);
        const target =
          account &&
          targetOver(
            account.parentId,
            ids.map(({ organizationalUnitId }) => organizationalUnitId),
            this.#store.tables,
          );
        this.#settleInstance(stackSet, { accountId, region, organizationalUnitId: target });
      }
    }
  }

  #settleInstance(
    stackSet: StackSet,
    { accountId, region, organizationalUnitId }: { accountId: string; region: string; organizationalUnitId: string | undefined },
  ): void {
    const key = instanceKey(accountId, region);
    const instance = stackSet.instances.get(key);
    if (organizationalUnitId === undefined) {
      if (instance !== undefined)
        this.#deployer.withdraw(stackSet, instance, stackSet.autoDeployment.retainStacksOnAccountRemoval);
    } else if (instance !== undefined) stackSet.instances.set(key, { ...instance, organizationalUnitId });
    else this.#deployer.deploy(stackSet, { accountId, region, organizationalUnitId, operationId: randomUUID() });
  }

  #accountsIn(targets: DeploymentTargets): Map<string, string> {
    return accountsIn(targets, this.#store.tables, this.#store.identity.managementAccountId);
  }
}
