import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatStorage, type KafkaDistribution } from './kafka-distribution.js';
import { countBrokers } from './kafka-probe.js';
import { serverProperties } from './kafka-properties.js';
import { securityProperties, type KafkaSecurity } from './kafka-security.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

export interface RunningBroker {
  pid: number;
  /** Resolves when the process has ended. `SIGKILL` leaves the data as a crash would. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts a broker on `directory` (kept when it already holds a log) and resolves when it answers. */
export async function startBroker(
  distribution: KafkaDistribution,
  place: { directory: string; port: number; controllerPort: number },
  security?: KafkaSecurity,
): Promise<RunningBroker> {
  const { directory, port } = place;
  await mkdir(directory, { recursive: true });
  const properties = [serverProperties(place), ...(security ? [securityProperties(security, place)] : [])];
  await writeFile(join(directory, 'server.properties'), properties.join(''));
  if (!(await exists(join(directory, 'log')))) {
    // Users of SCRAM are kept in the log.
    if (security) await formatStorage(directory, distribution.classPath, security);
    else await cp(distribution.template, join(directory, 'log'), { recursive: true });
  }

  const archive = await archiveFlags(distribution, directory);
  const outputFile = join(directory, 'broker.out');
  const output = await open(outputFile, 'a');
  const broker = spawn(
    'java',
    [
      '-Xms64m',
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:-UsePerfData',
      ...archive.flags,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      distribution.classPath,
      'kafka.Kafka',
      join(directory, 'server.properties'),
    ],
    { stdio: ['ignore', output.fd, output.fd] },
  );
  const failure = once(broker, 'error').then(([error]) => error as Error);
  await Promise.race([once(broker, 'spawn'), failure.then((error) => Promise.reject(error))]);
  await output.close();
  const ended = once(broker, 'exit');
  const guard = guardAgainstOrphanhood(broker.pid!);
  void ended.then(() => guard.kill());
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    const running = broker.exitCode === null && broker.signalCode === null;
    if (!running) return;
    broker.kill(signal);
    const late = setTimeout(() => broker.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
    await archive.keep();
  };

  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await countBrokers(port)) === 0) {
    await sleep(20);
    if (broker.exitCode === null && broker.signalCode === null && Date.now() < deadline) continue;
    await stop('SIGKILL');
    throw new Error(`The Kafka broker did not start. Its last words:\n${(await readFile(outputFile, 'utf8')).slice(-3000)}`);
  }
  return { pid: broker.pid!, stop };
}

/**
 * Nobody stops the servers of a test run that was itself killed. The guard's input ends with this process, however it ends, and then
 * the guard kills the broker.
 */
function guardAgainstOrphanhood(pid: number): ChildProcess {
  const guard = spawn('sh', ['-c', 'read -r nothing; kill -9 "$1"', 'guard', `${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

/**
 * AppCDS more than halves a broker's start. The first broker writes the archive while it stops (about 4 s), all later ones use it.
 */
async function archiveFlags(
  distribution: KafkaDistribution,
  directory: string,
): Promise<{ flags: string[]; keep(): Promise<void> }> {
  if (await exists(distribution.archive)) {
    return { flags: [`-XX:SharedArchiveFile=${distribution.archive}`], keep: () => Promise.resolve() };
  }
  const fresh = join(directory, 'broker.jsa');
  return {
    flags: [`-XX:ArchiveClassesAtExit=${fresh}`],
    keep: async () => {
      if (!(await exists(fresh))) return;
      const beside = `${distribution.archive}.${process.pid}`;
      await cp(fresh, beside);
      await rename(beside, distribution.archive);
      await rm(fresh);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
