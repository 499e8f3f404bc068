import { startLife } from './life/life.js';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

export interface ServeOptions extends SimulatorOptions {
  /** Let something happen so often, in milliseconds; absent: nothing happens by itself. */
  lifeEveryMs?: number;
  onWrite?: (description: string) => void;
}

export interface ServedSimulator {
  simulator: Simulator;
  /** What any AWS SDK, and the AWS CLI, needs in its environment to talk to it. Simulated credentials: no secret. */
  environment: Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>;
  stop(): Promise<void>;
}

/** A simulated organization to run on its own: `orgtrail simulate`. */
export async function serveSimulator({ lifeEveryMs, onWrite, ...options }: ServeOptions): Promise<ServedSimulator> {
  const simulator = await startSimulator(options);
  const life =
    lifeEveryMs === undefined
      ? undefined
      : startLife(simulator, { everyMs: lifeEveryMs, seed: options.seed, onWrite: ({ description }) => onWrite?.(description) });
  return {
    simulator,
    environment: {
      AWS_ENDPOINT_URL: simulator.endpoint,
      AWS_REGION: simulator.region,
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
    },
    stop: async () => {
      life?.stop();
      await simulator.close();
    },
  };
}
