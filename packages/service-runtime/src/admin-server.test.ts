import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createAdminServer, createMetrics, DegradedError, type AdminServer, type Check } from './index.js';

const metrics = createMetrics();
metrics.meter.createCounter('orgtrail_missed_changes', { description: 'Changes that no event named.' }).add(2, { kind: 'moved' });

describe('the admin server', () => {
  let checks: Record<string, Check>;
  let admin: AdminServer;
  beforeEach(async () => {
    checks = {};
    admin = createAdminServer({
      host: '127.0.0.1',
      port: 0,
      checks: () => checks,
      metricsHandler: metrics.handler,
      checkTimeoutMs: 100,
    });
    await admin.start();
  });
  afterEach(() => admin.stop());

  const get = async (path: string, init?: RequestInit): Promise<{ status: number; body: string; headers: Headers }> => {
    const response = await fetch(`${admin.url}${path}`, init);
    return { status: response.status, body: await response.text(), headers: response.headers };
  };

  it('is ready when every check passes', async () => {
    checks = { postgres: () => Promise.resolve(), kafka: () => undefined };
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect((await get('/readyz?verbose')).body).toBe('[+] lifecycle ok\n[+] postgres ok\n[+] kafka ok\nok\n');
  });

  it('is not ready when a check throws, rejects or does not answer, and names which', async () => {
    checks = {
      postgres: () => Promise.reject(new Error('connect postgres://me:geheim@db refused')),
      kafka: () => {
        throw new Error('no partitions');
      },
      slow: () => new Promise(() => undefined),
      fine: () => undefined,
    };
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'not ready: postgres, kafka, slow\n' });
    const { body } = await get('/readyz?verbose');
    expect(body).toContain('[-] postgres failed: connect postgres://me:[redacted]@db refused\n');
    expect(body).toContain('[-] slow failed: no answer within 100 ms\n');
    expect(body).toContain('[+] fine ok\n');
  });

  it('is ready while a part stands still, names it, and tells what to do', async () => {
    checks = {
      fine: () => undefined,
      partitions: () => {
        throw new DegradedError('t/3 stands still: look at its dead letters');
      },
    };
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ok, but degraded: partitions\n' });
    expect((await get('/readyz?verbose')).body).toContain(
      '[!] partitions degraded: t/3 stands still: look at its dead letters\n',
    );
    checks['postgres'] = () => Promise.reject(new Error('gone'));
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'not ready: postgres\n' });
  });

  it('is alive whatever its dependencies do', async () => {
    checks = { postgres: () => Promise.reject(new Error('gone')) };
    expect(await get('/livez')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('is not ready while the service starts and stops', async () => {
    admin.enter?.('starting');
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'not ready: lifecycle\n' });
    admin.enter?.('running');
    expect((await get('/readyz')).status).toBe(200);
    admin.enter?.('stopping');
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });

  it('gives the metrics in the text format of Prometheus', async () => {
    const { status, body, headers } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(body).toContain('# HELP orgtrail_missed_changes_total Changes that no event named.\n');
    expect(body).toContain('orgtrail_missed_changes_total{kind="moved"} 2\n');
  });

  it('answers what it does not know with problem JSON, and tells nothing about itself', async () => {
    const { status, body, headers } = await get('/nowhere');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse((await get('/%E0%A4%A')).body)).toMatchObject({ status: 404 });
    const post = await get('/livez', { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('says in one sentence that its port is taken, and how to change it', async () => {
    const port = Number(new URL(admin.url).port);
    const second = createAdminServer({ host: '127.0.0.1', port, checks: {}, metricsHandler: metrics.handler });
    await expect(second.start()).rejects.toMatchObject({
      exitCode: 1,
      message: `127.0.0.1:${port} is already in use: stop the program that holds it, or set ADMIN_PORT to another port`,
    });
    await second.stop();
  });

  it('frees its port when it stops, also while a client holds a connection open', async () => {
    const port = Number(new URL(admin.url).port);
    await get('/livez');
    await admin.stop();
    await admin.stop();
    const next = createServer();
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    expect((next.address() as AddressInfo).port).toBe(port);
    next.close();
  });
});
