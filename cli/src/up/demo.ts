import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { startLife, startSimulator, type AccessKeyPair, type Simulator, type SimulatorSnapshot } from '@orgtrail/aws-simulator';
import type { Queryable } from '@orgtrail/database';
import type { DataDirectory } from './data-directory.js';
import { knownExternalId } from './sql/known-external-id.js';
import type { UpOptions } from './options.js';

export interface Demo {
  simulator: Simulator;
  /** Orgtrail's own. */
  credentials: AccessKeyPair;
  /** Of the management account; there is one of the same name in every member account. */
  role?: { roleArn: string; externalId: string };
  /** Lets something happen now and then. */
  live(): void;
  stop(): Promise<void>;
}

/** The simulated organization of the demo. Its state is kept beside the database, so that a second start goes on where the first ended. */
export async function startDemo(
  options: Pick<UpOptions, 'demoSettings' | 'integration'>,
  directory: DataDirectory,
  database: Queryable,
): Promise<Demo> {
  const { seed, accounts, organizationalUnits, everyMs } = options.demoSettings;
  const kept = readSnapshot(directory.simulator);
  const simulator = await startSimulator({ seed, accounts, organizationalUnits, ...(kept ? { snapshot: kept } : {}) });
  const { id } = simulator.organization.managementAccount;
  // The simulator forgets its roles; they demand the external id that was rotated last.
  const role = options.integration ? putDemoRoles(simulator, (await knownExternalId(database, id)) ?? demoExternalId) : undefined;
  const keep = () => writeSnapshot(directory.simulator, simulator.snapshot());
  keep();
  // Of each start another: the same things again would ask for names that are taken.
  const lifeSeed = seed + simulator.snapshot().restarts;
  let life: { stop(): Promise<void> } | undefined;
  return {
    simulator,
    // As a vendor's, who is in no account of the organization.
    credentials: simulator.credentialsFor(simulator.foreignAccountId),
    ...(role ? { role } : {}),
    live: () => {
      if (everyMs > 0) life ??= startLife(simulator, { everyMs, seed: lifeSeed, onWrite: keep });
    },
    stop: async () => {
      await life?.stop();
      keep();
      await simulator.close();
    },
  };
}

const demoRole = 'security/orgtrail';
const demoExternalId = 'orgtrail-demo-1f6a0c';

/** The role in every account, as a customer would make it by a StackSet; one account was forgotten. */
function putDemoRoles(simulator: Simulator, externalId: string): { roleArn: string; externalId: string } {
  const { accounts, managementAccount } = simulator.organization;
  simulator.actions.putRoleInEveryAccount({
    roleName: demoRole,
    trustedPrincipal: `arn:aws:iam::${simulator.foreignAccountId}:root`,
    externalId,
  });
  const forgotten = [...accounts.values()]
    .sort((left, right) => left.id.localeCompare(right.id))
    .find(({ id, state, tags }) => id !== managementAccount.id && state === 'ACTIVE' && !tags.has('j1-integration'));
  if (forgotten) simulator.actions.removeRole(`arn:aws:iam::${forgotten.id}:role/${demoRole}`);
  return { roleArn: `arn:aws:iam::${managementAccount.id}:role/${demoRole}`, externalId };
}

function readSnapshot(path: string): SimulatorSnapshot | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SimulatorSnapshot) : undefined;
}

function writeSnapshot(path: string, snapshot: SimulatorSnapshot): void {
  // Renamed into place: a process that is killed while it writes leaves the former state.
  writeFileSync(`${path}.new`, JSON.stringify(snapshot));
  renameSync(`${path}.new`, path);
}
