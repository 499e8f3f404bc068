import { describe, expect, it } from '@jest/globals';
import { logLevel } from 'kafkajs';
import type { BusLogger } from '../port.js';
import { kafkajsLog } from './kafkajs-log.js';

describe("kafkajs's log lines", () => {
  it('reach our logger one level down, without stacks or content', () => {
    const lines: unknown[] = [];
    const take =
      (level: string) =>
      (fields: object, message: string): void =>
        void lines.push([level, fields, message]);
    const logger: BusLogger = { debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
    const log = kafkajsLog(logger)(logLevel.INFO);
    const line = (message: string) => ({
      message,
      timestamp: '',
      logger: 'kafkajs',
      stack: 'at …',
      payload: 'secret',
      retryCount: 3,
      broker: 'b:9092',
    });

    log({ namespace: 'Connection', level: logLevel.ERROR, label: 'ERROR', log: line('Connection error') });
    log({
      namespace: 'Producer',
      level: logLevel.WARN,
      label: 'WARN',
      log: line('Limiting retries for the idempotent producer may …'),
    });
    const fields = (part: string): object => ({ client: 'kafkajs', part, retryCount: 3, broker: 'b:9092' });
    expect(lines).toEqual([
      ['warn', fields('Connection'), 'Connection error'],
      ['debug', fields('Producer'), 'Limiting retries for the idempotent producer may …'],
    ]);
  });
});
