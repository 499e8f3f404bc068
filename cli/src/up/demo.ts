import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { startLife, startSimulator, type Simulator, type SimulatorSnapshot } from '@orgtrail/aws-simulator';
import type { DataDirectory } from './data-directory.js';
import type { UpOptions } from './options.js';

export interface Demo {
  simulator: Simulator;
  /** Lets something happen now and then. */
  live(): void;
  stop(): Promise<void>;
}

/** The simulated organization of the demo. Its state is kept beside the database, so that a second start goes on where the first ended. */
export async function startDemo(options: UpOptions, directory: DataDirectory): Promise<Demo> {
  const { seed, accounts, organizationalUnits, everyMs } = options.demoSettings;
  const kept = readSnapshot(directory.simulator);
  const simulator = await startSimulator({ seed, accounts, organizationalUnits, ...(kept ? { snapshot: kept } : {}) });
  const keep = () => writeSnapshot(directory.simulator, simulator.snapshot());
  keep();
  let life: { stop(): Promise<void> } | undefined;
  return {
    simulator,
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

function readSnapshot(path: string): SimulatorSnapshot | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SimulatorSnapshot) : undefined;
}

function writeSnapshot(path: string, snapshot: SimulatorSnapshot): void {
  // Renamed into place: a process that is killed while it writes leaves the former state.
  writeFileSync(`${path}.new`, JSON.stringify(snapshot));
  renameSync(`${path}.new`, path);
}
