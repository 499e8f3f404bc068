import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.js';

/** A cluster to test in, and how an image gets there. */
export interface Place {
  /** Before each command that speaks with the cluster. */
  prefix: string[];
  environment: Record<string, string>;
  /** Where images are, as in the chart's `image.repository`. */
  repository: string;
  /** Node 24 on a Debian, and the same with npm. */
  baseImage: string;
  buildImage: string;
  build(image: ImageBuild): Promise<void>;
}

export interface ImageBuild {
  /** After the repository: `discovery:test`. */
  name: string;
  context: string;
  dockerfile: string;
  arguments: Record<string, string>;
}

const howTo =
  'Say which cluster: KUBECONFIG with ORGTRAIL_CLUSTER_REGISTRY (docker builds and pushes there, for example registry.example.com/orgtrail-test), ' +
  'or ORGTRAIL_CLUSTER_LAB, a folder of scripts that run a Kubernetes on this machine (docs/cluster-test.md)';

/** The cluster that the environment names. */
export async function findPlace(root: string, talk: (line: string) => void): Promise<Place> {
  const { ORGTRAIL_CLUSTER_LAB: lab, ORGTRAIL_CLUSTER_REGISTRY: registry, KUBECONFIG } = process.env;
  if (lab) return startLab(path.resolve(lab), root, talk);
  if (!KUBECONFIG || !registry) throw new Error(howTo);
  const baseImage = process.env['ORGTRAIL_CLUSTER_BASE_IMAGE'] ?? 'node:24-bookworm-slim';
  return {
    prefix: [],
    environment: { KUBECONFIG },
    repository: registry,
    baseImage,
    buildImage: baseImage,
    build: async ({ name, context, dockerfile, arguments: given }) => {
      await runCommand(['docker', 'build', '-t', `${registry}/${name}`, '-f', dockerfile, ...buildArguments(given), context]);
      await runCommand(['docker', 'push', `${registry}/${name}`]);
    },
  };
}

/**
 * The folder's scripts: `env.sh` (sourced: LAB, NS, KUBECONFIG), `up.sh node`, `images.sh node` (leaves a Debian with Node 24 in
 * $LAB/images/node.root), `docker-build.sh CONTEXT NAME:TAG [docker options]` (builds, and brings the image to the node).
 */
async function startLab(lab: string, root: string, talk: (line: string) => void): Promise<Place> {
  const script = (name: string) => path.join(lab, name);
  const settings = await runCommand(['bash', '-c', `. ${script('env.sh')} && printf '%s\\n' "$LAB" "$NS" "$KUBECONFIG"`]);
  const [home, namespace, kubeconfig] = settings.trim().split('\n') as [string, string, string];
  talk('starting the lab');
  await runCommand([script('up.sh'), 'node']);
  await runCommand([script('images.sh'), 'node']);

  const repository = 'orgtrail-test';
  const build: Place['build'] = async ({ name, context, dockerfile, arguments: given }) => {
    const options = ['-f', dockerfile, '--network', 'host', ...buildArguments(given)];
    await runCommand([script('docker-build.sh'), context, `${repository}/${name}`, ...options]);
  };
  const place = {
    prefix: ['nsenter', `--net=/run/netns/${namespace}`, '--'],
    environment: { KUBECONFIG: kubeconfig },
    repository,
    baseImage: `${repository}/base:test`,
    buildImage: `${repository}/build:test`,
    build,
  };
  await buildBases(place, {
    debian: path.join(home, 'images', 'node.root'),
    workshop: path.join(root, '.cache', 'cluster'),
    talk,
  });
  return place;
}

/** No registry has them here: the base is the lab's Debian with Node, the build image has npm and this machine's certificates beside it. */
async function buildBases(
  place: Pick<Place, 'build' | 'baseImage'>,
  { debian, workshop, talk }: { debian: string; workshop: string; talk: (line: string) => void },
): Promise<void> {
  talk('building the base images');
  const base = path.join(workshop, 'base');
  await mkdir(base, { recursive: true });
  await runCommand(['tar', '--numeric-owner', '-C', debian, '-cf', path.join(base, 'rootfs.tar'), '.']);
  await writeFile(path.join(base, 'Dockerfile'), 'FROM scratch\nADD rootfs.tar /\n');
  await place.build({ name: 'base:test', context: base, dockerfile: path.join(base, 'Dockerfile'), arguments: {} });

  const tools = path.join(workshop, 'build');
  await mkdir(tools, { recursive: true });
  const npmVersion = (await runCommand(['npm', '--version'])).trim();
  const archive = (await runCommand(['npm', 'pack', `npm@${npmVersion}`, '--silent', '--pack-destination', tools])).trim();
  await runCommand(['tar', 'xzf', path.join(tools, archive), '-C', tools]);
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  const has = certificates !== undefined && existsSync(certificates);
  await writeFile(path.join(tools, 'certificates.crt'), has ? await readFile(certificates) : '');
  await writeFile(
    path.join(tools, 'Dockerfile'),
    [
      `FROM ${place.baseImage}`,
      'COPY package /usr/local/lib/node_modules/npm',
      'RUN chmod +x /usr/local/lib/node_modules/npm/bin/npm-cli.js && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
      ...(has ? ['COPY certificates.crt /usr/local/share/', 'ENV NODE_EXTRA_CA_CERTS=/usr/local/share/certificates.crt'] : []),
      '',
    ].join('\n'),
  );
  await place.build({ name: 'build:test', context: tools, dockerfile: path.join(tools, 'Dockerfile'), arguments: {} });
}

const buildArguments = (given: Record<string, string>): string[] =>
  Object.entries(given).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
