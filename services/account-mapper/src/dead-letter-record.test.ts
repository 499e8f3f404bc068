import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from '@jest/globals';
import { bytesOf, maxRecordBytes, type IncomingRecord } from '@orgtrail/messaging';
import { graph, valueNotKeptHeader } from '@orgtrail/proto';
import { deadLetterRecord } from './dead-letter-record.js';
import { ContractViolation } from './normalize/subject-change.js';

const letterOf = (given: Partial<IncomingRecord>) => {
  const record = { offset: 17n, key: 'k', value: Buffer.from('bad'), headers: {}, timestamp: 0, ...given };
  const error = new ContractViolation('UNPARSABLE', 'It is odd.');
  const published = deadLetterRecord({ topic: 't', partition: 3, group: 'g', record, error, failedAt: 0 });
  return { bytes: bytesOf(published), letter: fromBinary(graph.DeadLetterSchema, published.value!) };
};
const large = Buffer.alloc(900 * 1024, 'x');

it('keeps the record that failed', () => {
  const { letter } = letterOf({ headers: { a: Buffer.from('b') } });
  expect(letter).toMatchObject({ topic: 't', partition: 3, offset: 17n, group: 'g', code: 'UNPARSABLE', message: 'It is odd.' });
  expect([letter.recordKey, letter.recordValue, letter.headers['a']].map(String)).toEqual(
    ['k', 'bad', 'b'].map((text) => String(new TextEncoder().encode(text))),
  );
});

it.each([
  ['its value', { value: large, headers: { a: Buffer.from('b') } }, ['a', valueNotKeptHeader], 'k'],
  ['its headers', { headers: { a: large } }, [valueNotKeptHeader], ''],
  ['its key', { key: large.toString() }, [valueNotKeptHeader], ''],
])('stays small where %s is large', (_what, given, headers, key) => {
  const { letter, bytes } = letterOf(given);
  expect(bytes).toBeLessThan(maxRecordBytes / 2);
  expect(Object.keys(letter.headers).sort()).toEqual(headers.toSorted());
  expect(Buffer.from(letter.recordKey).toString()).toBe(key);
  expect(letter.recordValue).toHaveLength(0);
  expect(letter.message).toMatch(/^It is odd\. .*it lies in t, partition 3, offset 17/);
});
