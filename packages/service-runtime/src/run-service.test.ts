import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

/** A real process, because signals, exit codes and unhandled errors belong to one. */
class Fixture {
  static readonly started: Fixture[] = [];
  readonly #process;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  out = '';
  log = '';

  constructor(...behaviour: string[]) {
    const folder = import.meta.dirname;
    const loader = path.resolve(folder, '../../../scripts/jest/typescript-sources.js');
    this.#process = spawn(process.execPath, ['--import', loader, path.join(folder, 'run-service.fixture.ts'), ...behaviour], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout.on('data', (data: Buffer) => (this.out += data.toString()));
    this.#process.stderr.on('data', (data: Buffer) => (this.log += data.toString()));
    this.exit = once(this.#process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
    Fixture.started.push(this);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits until the process has said the text. */
  async says(text: string): Promise<void> {
    while (!this.out.includes(text) && !this.log.includes(text)) {
      if (this.#process.exitCode !== null) throw new Error(`ended without "${text}":\n${this.out}${this.log}`);
      await Promise.race([once(this.#process.stdout, 'data'), once(this.#process.stderr, 'data'), this.exit]);
    }
  }

  get url(): string {
    return /^url (.*)$/m.exec(this.out)![1]!;
  }

  get lines(): string[] {
    return this.out.split('\n').filter((line) => /^(start|stop|phase)/.test(line));
  }
}

afterEach(() => {
  for (const fixture of Fixture.started.splice(0)) fixture.kill('SIGKILL');
});

describe('runService', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends at once on %s while it waits for its backends, even as the first process of a container',
    async (signal, code) => {
      const fixture = new Fixture('waits before it runs');
      await fixture.says('waiting');
      fixture.kill(signal);
      // Not ended by the signal itself, which PID 1 would not be.
      expect(await fixture.exit).toEqual({ code, signal: null });
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'starts in order, and after %s stops in reverse order and exits with 0',
    async (signal) => {
      const service = new Fixture();
      await service.says('service started');
      service.kill(signal);
      expect(await service.exit).toEqual({ code: 0, signal: null });
      expect(service.lines).toEqual([
        'phase starting',
        ...['start first', 'start second', 'start third'],
        'phase running',
        'phase stopping',
        ...['stop announcement', 'stop third', 'stop second', 'stop first'],
      ]);
    },
  );

  it('is not ready from the first moment of the drain, while probes and metrics still answer', async () => {
    const service = new Fixture('slow stop');
    await service.says('service started');
    const before = await fetch(`${service.url}/readyz`);
    expect([before.status, await before.text()]).toEqual([200, 'ok\n']);
    service.kill('SIGTERM');
    await service.says('phase stopping');
    const during = await fetch(`${service.url}/readyz?verbose`);
    expect([during.status, await during.text()]).toEqual([
      503,
      '[-] lifecycle failed: stopping\n[+] second/link ok\nnot ready: lifecycle\n',
    ]);
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(200);
    expect((await service.exit).code).toBe(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('exits at once on a second %s', async (signal, code) => {
    const service = new Fixture('slow stop');
    await service.says('service started');
    service.kill('SIGTERM');
    await service.says('phase stopping');
    service.kill(signal);
    expect(await service.exit).toEqual({ code, signal: null });
    expect(service.out).not.toContain('stop first');
  });

  it('gives up a drain that takes too long, and exits with 1', async () => {
    const service = new Fixture('stop hangs');
    await service.says('service started');
    service.kill('SIGTERM');
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.log).toContain('drain took too long');
  });

  it('stops the others when one does not stop cleanly, and exits with 1', async () => {
    const service = new Fixture('stop fails');
    await service.says('service started');
    service.kill('SIGTERM');
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.out).toContain('stop first');
  });

  it('drains and exits with the code of the error when a component cannot go on', async () => {
    const service = new Fixture('done rejects');
    expect(await service.exit).toEqual({ code: 69, signal: null });
    expect(service.lines.slice(-4)).toEqual(['stop announcement', 'stop third', 'stop second', 'stop first']);
    expect(service.log).toContain('"component":"second"');
  });

  it('stops only what had started when a component does not start', async () => {
    const service = new Fixture('start fails');
    expect(await service.exit).toEqual({ code: 69, signal: null });
    expect(service.lines).toEqual(['phase starting', 'start first', 'phase stopping', 'stop first']);
    expect(service.log).toContain('Kafka at 127.0.0.1:1 (KAFKA_BROKERS) did not answer');
  });

  it('can be stopped while a component is still starting', async () => {
    const service = new Fixture('start hangs');
    await service.says('start second hangs');
    service.kill('SIGTERM');
    expect(await service.exit).toEqual({ code: 0, signal: null });
    expect(service.lines.slice(-2)).toEqual(['stop second', 'stop first']);
  });

  it.each([
    ['rejection', 'unhandled rejection'],
    ['exception', 'uncaught exception'],
  ])('logs an unhandled %s, drains and exits with 1', async (behaviour, message) => {
    const service = new Fixture(behaviour);
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.log).toContain(`"msg":"${message}"`);
    expect(service.log).not.toContain('geheim');
    expect(service.out).toContain('stop first');
  });

  it('ends by itself when the run is finished', async () => {
    const service = new Fixture('until');
    expect(await service.exit).toEqual({ code: 0, signal: null });
    expect(service.out).toContain('code 0');
  });
});
