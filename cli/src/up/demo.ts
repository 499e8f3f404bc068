import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { startLife, startSimulator, type AccessKeyPair, type Simulator, type SimulatorSnapshot } from '@orgtrail/aws-simulator';
import type { DataDirectory } from './data-directory.js';
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
export async function startDemo(options: UpOptions, directory: DataDirectory): Promise<Demo> {
  const { seed, accounts, organizationalUnits, everyMs } = options.demoSettings;
  const kept = readSnapshot(directory.simulator);
  const simulator = await startSimulator({ seed, accounts, organizationalUnits, ...(kept ? { snapshot: kept } : {}) });
  const role = options.integration ? putDemoRoles(simulator) : undefined;
  const keep = () => writeSnapshot(directory.simulator, simulator.snapshot());
  keep();
  let life: { stop(): Promise<void> } | undefined;
  return {
    simulator,
    // As a vendor's, who is in no account of the organization.
    credentials: simulator.credentialsFor(simulator.foreignAccountId),
    ...(role ? { role } : {}),
    live: () => {
      life ??= startLife(simulator, { everyMs, seed, onWrite: keep });
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
function putDemoRoles(simulator: Simulator): { roleArn: string; externalId: string } {
  const { accounts, managementAccount } = simulator.organization;
  simulator.actions.putRoleInEveryAccount({
    roleName: demoRole,
    trustedPrincipal: `arn:aws:iam::${simulator.foreignAccountId}:root`,
    externalId: demoExternalId,
  });
  const forgotten = [...accounts.keys()].sort().find((id) => id !== managementAccount.id);
  if (forgotten !== undefined) simulator.actions.removeRole(`arn:aws:iam::${forgotten}:role/${demoRole}`);
  return { roleArn: `arn:aws:iam::${managementAccount.id}:role/${demoRole}`, externalId: demoExternalId };
}

function readSnapshot(path: string): SimulatorSnapshot | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SimulatorSnapshot) : undefined;
}

function writeSnapshot(path: string, snapshot: SimulatorSnapshot): void {
  // Renamed into place: a process that is killed while it writes leaves the former state.
  writeFileSync(`${path}.new`, JSON.stringify(snapshot));
  renameSync(`${path}.new`, path);
}
