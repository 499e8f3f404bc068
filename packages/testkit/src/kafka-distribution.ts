import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverProperties } from './kafka-properties.js';

const run = promisify(execFile);
const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = dirname(dirname(packageDirectory));
const pomFile = join(packageDirectory, 'maven', 'pom.xml');

/** A Kafka that can be started by `java` alone. */
export interface KafkaDistribution {
  /** Explicit and sorted: an AppCDS archive is only used with the very class path it was made with. */
  classPath: string;
  /** A formatted, empty log directory, to be copied: saves the JVM of `format` for each broker. */
  template: string;
  /** Where the AppCDS archive is, or will be once a broker has written it. */
  archive: string;
}

/** Resolves the jars with Maven and formats a log directory, once per version of the pom; afterwards it reads them from `.cache/kafka`. */
export async function prepareKafkaDistribution(): Promise<KafkaDistribution> {
  const home = await homeOfThisVersion();
  if (!(await exists(home))) await build(home);
  const libs = join(home, 'libs');
  return {
    classPath: await classPathOf(libs),
    template: join(home, 'template'),
    archive: join(home, 'broker.jsa'),
  };
}

/** Whether `prepareKafkaDistribution` can do without Maven. */
export async function kafkaIsCached(): Promise<boolean> {
  return exists(await homeOfThisVersion());
}

async function homeOfThisVersion(): Promise<string> {
  const pom = await readFile(pomFile);
  return join(repository, '.cache', 'kafka', createHash('sha256').update(pom).digest('hex').slice(0, 12));
}

/** Builds beside the final place and moves it there, so that two processes at once and an interrupted one do no harm. */
async function build(home: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  const workshop = await mkdtemp(join(dirname(home), 'building-'));
  try {
    const libs = join(workshop, 'libs');
    await run(
      'mvn',
      [
        '--batch-mode',
        '--quiet',
        '--file',
        pomFile,
        'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${libs}`,
      ],
      { maxBuffer: 16 * 1024 * 1024 },
    );
    await format(workshop, await classPathOf(libs));
    await rename(workshop, home);
  } catch (error) {
    if (!(await exists(home))) throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function format(workshop: string, classPath: string): Promise<void> {
  const scratch = join(workshop, 'format');
  await mkdir(scratch);
  await writeFile(join(scratch, 'server.properties'), serverProperties({ port: 9092, controllerPort: 9093, directory: scratch }));
  await formatStorage(scratch, classPath);
  await cp(join(scratch, 'log'), join(workshop, 'template'), { recursive: true });
  await rm(scratch, { recursive: true });
}

/** Makes the log directory that `server.properties` of this directory names. `scram` adds a user of SCRAM-SHA-512. */
export async function formatStorage(
  directory: string,
  classPath: string,
  scram?: { username: string; password: string },
): Promise<void> {
  await run(
    'java',
    ['-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.tools.StorageTool', 'format'].concat(
      ['-t', 'T3JndHJhaWxUZXN0S2Fma2', '-c', join(directory, 'server.properties')],
      scram ? ['--add-scram', `SCRAM-SHA-512=[name=${scram.username},password=${scram.password}]`] : [],
    ),
    { maxBuffer: 16 * 1024 * 1024 },
  );
}

async function classPathOf(libs: string): Promise<string> {
  const jars = (await readdir(libs)).sort();
  return jars.map((jar) => join(libs, jar)).join(':');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
