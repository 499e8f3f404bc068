/** A service for run-service.test.ts, as a process of its own. Each argument changes how one of its parts behaves. */
import { createAdminServer } from './admin-server.js';
import { checksOf, type Component } from './component.js';
import { UnavailableError } from './errors.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { runMain } from './run-main.js';
import { runService } from './run-service.js';

const behaviour = new Set(process.argv.slice(2));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const component = (name: string, overrides: Partial<Component> = {}): Component => ({
  name,
  start: async () => say(`start ${name}`),
  stop: async () => say(`stop ${name}`),
  ...overrides,
});

const never = new Promise<never>(() => undefined);
let failDone: (error: Error) => void = () => undefined;

const components: Component[] = [
  component('first'),
  component('second', {
    done: new Promise<void>((_, reject) => (failDone = reject)),
    checks: { link: () => undefined },
    ...(behaviour.has('start fails')
      ? { start: () => Promise.reject(new UnavailableError('Kafka at 127.0.0.1:1 (KAFKA_BROKERS) did not answer')) }
      : {}),
    ...(behaviour.has('start hangs') ? { start: () => (say('start second hangs'), never) } : {}),
  }),
  component('third', {
    ...(behaviour.has('stop hangs') ? { stop: () => (say('stop third hangs'), never) } : {}),
    ...(behaviour.has('stop fails') ? { stop: () => Promise.reject(new Error('no')) } : {}),
    ...(behaviour.has('slow stop') ? { stop: () => new Promise<void>((resolve) => setTimeout(resolve, 600)) } : {}),
  }),
];
const admin = createAdminServer({
  host: '127.0.0.1',
  port: 0,
  checks: checksOf(components),
  metricsHandler: createMetrics().handler,
});
const announcing = component('announcement', {
  start: async () => say(`url ${admin.url}`),
  enter: (phase) => {
    say(`phase ${phase}`);
    if (phase !== 'running') return;
    if (behaviour.has('done rejects')) failDone(new UnavailableError('Postgres went away'));
    if (behaviour.has('rejection')) void Promise.reject(new Error('nobody handled me, postgres://me:geheim@db/app'));
    if (behaviour.has('exception'))
      setImmediate(() => {
        throw new Error('nobody caught me');
      });
  },
});

await runMain(async () => {
  if (behaviour.has('prints much')) {
    say('x'.repeat(1_000_000));
    return 3;
  }
  if (behaviour.has('waits before it runs')) {
    setInterval(() => undefined, 60_000);
    say('waiting');
    await never;
  }
  const code = await runService({
    name: 'fixture',
    logger: createLogger({ service: 'fixture', destination: process.stderr }),
    components: [admin, ...components, announcing],
    drainTimeoutMs: behaviour.has('stop hangs') ? 300 : 10_000,
    ...(behaviour.has('until') ? { until: Promise.resolve() } : {}),
  });
  say(`code ${code}`);
  return code;
});
