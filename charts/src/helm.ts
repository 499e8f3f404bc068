import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

/** The real programs; `npm test` gets them (scripts/kubernetes-tools.mjs). */
const helms = [
  { name: 'Helm 3', program: process.env['ORGTRAIL_TEST_HELM3'] },
  { name: 'Helm 4', program: process.env['ORGTRAIL_TEST_HELM4'] },
].filter((helm): helm is Helm => helm.program !== undefined);

export interface Helm {
  name: string;
  program: string;
}

/** `describe` for each Helm that is here; SKIPPED, visibly, where there is none. */
export const describeHelms = helms.length > 0 ? describe.each(helms) : describe.skip.each([{ name: 'Helm', program: '' }]);

export const chart = path.join(import.meta.dirname, '..', 'orgtrail');

/** The fewest values that the chart takes. */
export const required = { image: { repository: 'registry.example.com/orgtrail' }, database: { existingSecret: 'db' } };

export type Values = Record<string, unknown>;

/** As far as the tests read it. */
export interface KubernetesObject {
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    /** Of a Deployment or a Job. */
    template?: { metadata: { labels: Record<string, string> }; spec: Pod };
    selector?: unknown;
    ports?: unknown[];
  };
}

export interface Pod {
  containers: Container[];
  volumes: { name: string; secret?: { secretName: string } }[];
  serviceAccountName?: string;
  securityContext: unknown;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds?: number;
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env: { name: string; value?: string }[];
  ports?: { name: string; containerPort: number }[];
  volumeMounts: { name: string }[];
  securityContext: unknown;
  resources: { requests: unknown; limits: unknown };
  startupProbe: { httpGet: unknown };
  livenessProbe: { httpGet: unknown };
  readinessProbe: { httpGet: unknown };
  lifecycle?: unknown;
}

export interface Outcome {
  ok: boolean;
  stdout: string;
  stderr: string;
}

export function run(helm: Helm, args: readonly string[], values: Values): Outcome {
  const { status, stdout, stderr } = spawnSync(helm.program, [...args, '--values', '-'], {
    input: JSON.stringify(values),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  return { ok: status === 0, stdout, stderr };
}

/** What `helm install` would send; throws what Helm says when it refuses. */
export function render(helm: Helm, values: Values = {}, release = 'live'): KubernetesObject[] {
  const { ok, stdout, stderr } = run(helm, ['template', release, chart, '--namespace', 'security'], { ...required, ...values });
  if (!ok) throw new Error(stderr);
  return parseAllDocuments(stdout, { uniqueKeys: true }).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** What the refusal is about, as `image.repository`, whichever way this Helm writes it; empty when it does not refuse. */
export function refusedPaths(helm: Helm, values: Values): string[] {
  const { ok, stderr } = run(helm, ['template', 'live', chart], values);
  if (ok) return [];
  const dotted = [...stderr.matchAll(/^- ([\w().-]+): /gm)].map(([, place]) => (place === '(root)' ? '' : place));
  const pointers = [...stderr.matchAll(/- at '([^']*)'/g)].map(([, place]) => place?.slice(1).replaceAll('/', '.'));
  return [...new Set([...dotted, ...pointers])].filter((place) => place !== undefined);
}

export const find = (objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found)
    throw new Error(`no ${kind} ${name} among ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}`);
  return found;
};

export const podOf = (object: KubernetesObject): Pod => {
  if (!object.spec.template) throw new Error(`${object.kind} ${object.metadata.name} makes no pod`);
  return object.spec.template.spec;
};

/** Every pod that the objects would make. */
export const podsOf = (objects: readonly KubernetesObject[]): { name: string; pod: Pod }[] =>
  objects
    .filter(({ kind }) => !['Service', 'ServiceAccount'].includes(kind))
    .map((object) => ({ name: `${object.kind} ${object.metadata.name}`, pod: podOf(object) }));
