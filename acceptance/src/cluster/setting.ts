import type { Report } from '../report.js';
import type { Cluster } from './cluster.js';
import type { Surroundings } from './installation.js';

export const release = 'live';
export const services = ['discovery', 'account-mapper', 'graph-writer'] as const;
export const selector = (service?: string): string =>
  [`app.kubernetes.io/instance=${release}`, ...(service === undefined ? [] : [`app.kubernetes.io/component=${service}`])].join(
    ',',
  );

/** What every point has at hand. */
export interface Setting {
  report: Report;
  cluster: Cluster;
  surroundings: Surroundings;
  /** Seconds by image. */
  built: Record<string, number>;
}

/** Waits until the service's pods are those of its Deployment, and ready. */
export const ready = (cluster: Cluster, service: string): Promise<string> =>
  cluster.kubectl('rollout', 'status', `deployment/${release}-orgtrail-${service}`, '--timeout=120s');

/** How often the containers of these pods have started again. */
export async function restartsOf(cluster: Cluster, service?: string): Promise<number> {
  const pods = JSON.parse(await cluster.kubectl('get', 'pods', '-l', selector(service), '-o', 'json')) as {
    items: { status: { containerStatuses?: { restartCount: number }[] } }[];
  };
  return pods.items
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

export async function equalGraph(report: Report, surroundings: Surroundings, what: string): Promise<void> {
  const differences = await surroundings.differences();
  report.point(`${what}: differences`, {
    figure: differences.length === 0 ? 0 : `${differences.length}: ${differences.slice(0, 3).join('; ')}`,
    bound: 0,
    pass: differences.length === 0,
  });
}
