import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, loadConfig, redactConfig, secret } from './index.js';

const schema = z.object({
  KAFKA_BROKERS: z.string().describe('host:port, comma separated'),
  ADMIN_PORT: z.coerce.number().int().min(0).max(65_535).default(9_090),
  LOG_LEVEL: z.enum(['info', 'debug']).default('info'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  WEBHOOK_KEY: secret(z.string().min(16)).optional(),
});
const good = { KAFKA_BROKERS: 'a:9092', DATABASE_URL: 'postgres://me:geheim@db:5432/app' };

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(schema, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).exitCode).toBe(78);
    return (error as ConfigError).problems;
  }
};

describe('loadConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'orgtrail-config-'));
    writeFileSync(path.join(folder, 'url'), 'postgres://file:geheim@db/app\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('parses the variables of the schema, with defaults, and ignores the others', () => {
    expect(loadConfig(schema, { ...good, ADMIN_PORT: '8081', PATH: '/bin' })).toEqual({
      ...good,
      ADMIN_PORT: 8081,
      LOG_LEVEL: 'info',
    });
  });

  it('counts an empty variable as unset', () => {
    expect(loadConfig(schema, { ...good, ADMIN_PORT: '' }).ADMIN_PORT).toBe(9_090);
    expect(problemsOf({ ...good, KAFKA_BROKERS: '' })).toEqual(['KAFKA_BROKERS: is required (host:port, comma separated)']);
  });

  it('reports all problems at once, each with its variable', () => {
    const problems = problemsOf({ ADMIN_PORT: '70000', LOG_LEVEL: 'loud', DATABASE_URL_FILE: path.join(folder, 'nothing') });
    expect(problems).toHaveLength(4);
    expect(problems.map((problem) => problem.split(':', 1)[0]).sort()).toEqual([
      'ADMIN_PORT',
      'DATABASE_URL_FILE',
      'KAFKA_BROKERS',
      'LOG_LEVEL',
    ]);
    expect(problems.join()).toContain(`cannot read ${path.join(folder, 'nothing')} (ENOENT)`);
  });

  it('takes any variable from a file, without the line break at its end', () => {
    const { KAFKA_BROKERS } = good;
    expect(loadConfig(schema, { KAFKA_BROKERS, DATABASE_URL_FILE: path.join(folder, 'url') }).DATABASE_URL).toBe(
      'postgres://file:geheim@db/app',
    );
    expect(problemsOf({ ...good, DATABASE_URL_FILE: path.join(folder, 'url') })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set: keep one',
    ]);
  });

  it('never repeats a secret in an error', () => {
    const wordy = schema.extend({
      WEBHOOK_KEY: secret(z.string().refine(() => false, { error: (issue) => `${String(issue.input)} is too weak` })),
      DATABASE_URL: z.string().refine(() => false, { error: (issue) => `${String(issue.input)} is wrong` }),
    });
    let message = '';
    try {
      loadConfig(wordy, { ...good, WEBHOOK_KEY: 'hunter2hunter2' });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('WEBHOOK_KEY: [redacted] is too weak');
    expect(message).not.toMatch(/hunter2|geheim/);
  });
});

describe('redactConfig', () => {
  it('shows everything but the secrets, and of an address all but the password', () => {
    const config = loadConfig(schema, { ...good, WEBHOOK_KEY: 'hunter2hunter2hunter2' });
    expect(redactConfig(schema, config)).toEqual({
      KAFKA_BROKERS: 'a:9092',
      ADMIN_PORT: 9_090,
      LOG_LEVEL: 'info',
      DATABASE_URL: 'postgres://me:[redacted]@db:5432/app',
      WEBHOOK_KEY: '[redacted]',
    });
  });
});
