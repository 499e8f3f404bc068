import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogger, type Logger } from './index.js';

const logged = (write: (logger: Logger) => void): { text: string; record: Record<string, unknown> } => {
  let text = '';
  write(createLogger({ service: 'discovery', level: 'debug', destination: { write: (line) => void (text += line) } }));
  return { text, record: JSON.parse(text) as Record<string, unknown> };
};

describe('createLogger', () => {
  it('writes one JSON object per line with level, time, service, fields and message', () => {
    const { record, text } = logged((logger) => logger.info({ accounts: 3 }, 'full sync done'));
    expect(record).toMatchObject({ level: 'info', service: 'discovery', accounts: 3, msg: 'full sync done' });
    expect(new Date(record['time'] as string).getTime()).toBeGreaterThan(0);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it.each([
    'email',
    'password',
    'dbPassword',
    'secret',
    'secretAccessKey',
    'token',
    'sessionToken',
    'Authorization',
    'externalId',
    'connectionString',
  ])('takes out the value of %s at any depth', (key) => {
    const { text, record } = logged((logger) =>
      logger.info({ [key]: 'geheim', deep: [{ er: { [key]: { inner: 'geheim' } } }] }, 'x'),
    );
    expect(text).not.toContain('geheim');
    expect(record[key]).toBe('[redacted]');
  });

  it('takes passwords of addresses out of texts, messages, errors, their causes and their stacks', () => {
    const cause = new Error('connect to postgres://me:ge@heim@db.example:5432/app failed');
    const error = Object.assign(new Error('kafka://me:geheim@b:9092', { cause }), {
      code: '08006',
      response: { body: 'geheim' },
    });
    const { text, record } = logged((logger) =>
      logger.error({ err: error, url: 'amqp://u:geheim@q' }, 'lost postgres://me:geheim@db'),
    );
    expect(text).not.toMatch(/geheim|ge@heim/);
    expect(record).toMatchObject({
      msg: 'lost postgres://me:[redacted]@db',
      err: { type: 'Error', code: '08006', cause: { message: 'connect to postgres://me:[redacted]@db.example:5432/app failed' } },
    });
  });

  it('lets no e-mail address through, whatever surrounds it', () => {
    const local = fc.stringMatching(/^[a-z0-9]([a-z0-9._+-]{0,12}[a-z0-9])?$/);
    const around = fc.stringMatching(/^[ ,;:="'<>()[\]/]{0,2}$/);
    fc.assert(
      fc.property(local, around, around, (name, before, after) => {
        fc.pre(!before.endsWith('//'));
        const address = `${name}@mail.example.com`;
        const { text } = logged((logger) =>
          logger.info({ who: `${before}${address}${after}` }, `of ${before}${address}${after}`),
        );
        expect(text).not.toContain('@mail.example.com');
      }),
    );
  });

  it('takes secrets out of the fields of a child logger, too', () => {
    const { text } = logged((logger) => logger.child({ integration: 'i-1' }).child({ externalId: 'geheim' }).info('x'));
    expect(text).toContain('i-1');
    expect(text).toContain('externalId');
    expect(text).not.toContain('geheim');
  });

  it('leaves what is no secret as it is', () => {
    const fields = { arn: 'arn:aws:iam::111122223333:root', at: new Date(0), big: [1, null, true], version: 17 };
    expect(logged((logger) => logger.info(fields, 'x')).record).toMatchObject({ ...fields, at: '1970-01-01T00:00:00.000Z' });
  });
});
