import { create, toBinary, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { graph } from '@orgtrail/proto';
import { greatestVersion, longestRecord } from './bounds.js';
import { accountChange, delegationChange, encodeChange, endedChange, incomingChange, said } from './changes.fixture.js';
import type { IncomingChange, PresentContent } from './change.js';
import { parseChange as parseAny } from './parse-change.js';
import { ContractViolation } from './record-failure.js';

const present = { case: 'present' as const, value: {} };
const encoded = (given: MessageInitShape<typeof graph.GraphChangeSchema>) =>
  toBinary(
    graph.GraphChangeSchema,
    create(graph.GraphChangeSchema, {
      integrationId: 'scope',
      subject: 'account:1',
      subjectVersion: 1n,
      change: present,
      ...given,
    }),
  );
const entity = (given: MessageInitShape<typeof graph.EntitySchema>) => ({
  change: { case: 'present' as const, value: { entity: { key: 'arn:aws:iam::1:root', type: 'aws_account', ...given } } },
});

const nested = (depth: number): JsonValue => (depth === 0 ? 'x' : [nested(depth - 1)]);

function parseChange(value: Uint8Array | null): IncomingChange {
  const parsed = parseAny(value);
  if (!('content' in parsed)) throw new Error('It concerns a whole scope.');
  return parsed;
}

describe('a graph change', () => {
  it.each([
    [
      'an account',
      accountChange('444455556666', { version: 7, baseline: true, properties: { active: null, joinedOn: 1_481_830_215_450 } }),
    ],
    ['a delegation', delegationChange('444455556666', { version: 7, services: ['a', 'b'] })],
    ['an ending', endedChange('account:444455556666', { version: 7 })],
    [
      'a cause',
      accountChange('444455556666', {
        version: 7,
        cause: {
          eventId: 'e',
          eventName: 'MoveAccount',
          principalArn: 'arn:aws:iam::1:user/ana',
          receivedAt: '2026-11-24T00:00:00.123Z',
        },
      }),
    ],
  ])('with %s arrives as it was sent', (_what, change) => {
    const parsed = parseChange(encodeChange(change));
    expect(said(parsed)).toEqual(said(incomingChange(change)));
  });

  it('has characters that Postgres cannot store replaced, in names and in values', () => {
    const { content } = parseChange(
      encoded(entity({ displayName: 'a\0b', properties: { 'tag.odd\0key': 'x\0', list: ['\0', { deep: '\0' }], zero: -0 } })),
    );
    expect(content).toMatchObject({ entity: { displayName: 'a\uFFFDb' } });
    const { properties } = (content as PresentContent).entity!;
    expect(JSON.parse(properties)).toEqual({ 'tag.odd\uFFFDkey': 'x\uFFFD', list: ['\uFFFD', { deep: '\uFFFD' }], zero: 0 });
    expect(properties).not.toContain('-0');
  });

  it('keeps an ending whose reason is newer than this version', () => {
    // Field 11, a message of two bytes: its field 1 is 99, which the enum does not know.
    const ending = new Uint8Array([0x5a, 0x02, 0x08, 99]);
    const { content } = parseChange(Buffer.concat([encoded({ change: { case: undefined } }), ending]));
    expect(content).toEqual({ case: 'ended', reason: 'UNKNOWN_99' });
  });

  it.each<[string, Uint8Array | null, string]>([
    ['no value', null, 'UNPARSABLE'],
    ['other bytes', new Uint8Array([255, 255, 255]), 'UNPARSABLE'],
    ['no scope', encoded({ integrationId: '' }), 'CONTRACT_VIOLATION'],
    ['no subject', encoded({ subject: '' }), 'CONTRACT_VIOLATION'],
    ['no version', encoded({ subjectVersion: 0n }), 'CONTRACT_VIOLATION'],
    ['a negative version', encoded({ subjectVersion: -1n }), 'CONTRACT_VIOLATION'],
    ['no change', encoded({ change: { case: undefined } }), 'CONTRACT_VIOLATION'],
    ['a short key', encoded(entity({ key: 'arn:aws' })), 'CONTRACT_VIOLATION'],
    ['a key that no index takes', encoded(entity({ key: 'x'.repeat(3000) })), 'CONTRACT_VIOLATION'],
    ['an entity without type', encoded(entity({ type: '' })), 'CONTRACT_VIOLATION'],
    ['a time that no calendar has', encoded({ observedAt: { seconds: 2n ** 62n, nanos: 0 } }), 'CONTRACT_VIOLATION'],
    ['a version behind the year 9999', encoded({ subjectVersion: greatestVersion + 1n }), 'CONTRACT_VIOLATION'],
    ['a time before the year 1', encoded({ observedAt: { seconds: -62_135_596_801n, nanos: 0 } }), 'CONTRACT_VIOLATION'],
    ['a time behind the year 9999', encoded({ observedAt: { seconds: 253_402_300_800n, nanos: 0 } }), 'CONTRACT_VIOLATION'],
    ['more bytes than an account can have', encoded(entity({ displayName: 'x'.repeat(longestRecord) })), 'CONTRACT_VIOLATION'],
    [
      'a property in more levels than anybody reads',
      encoded(entity({ properties: { 'tag.deep': nested(40) } })),
      'CONTRACT_VIOLATION',
    ],
    [
      'so many that nobody can',
      encoded({
        change: {
          case: 'subjectState',
          value: {
            key: 'arn:aws:iam::1:root',
            type: 'aws_account',
            properties: `{"tag.deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
          },
        },
      }),
      'CONTRACT_VIOLATION',
    ],
    ['a version that is no time and no other time', encoded({ subjectVersion: 2n ** 63n - 1n }), 'CONTRACT_VIOLATION'],
  ])('with %s is refused, without a word of its content', (_what, value, code) => {
    let thrown: unknown;
    try {
      parseChange(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ContractViolation);
    expect((thrown as ContractViolation).failure.code).toBe(code);
    expect((thrown as ContractViolation).message).not.toMatch(/arn:|account:1|xxx/);
  });
});
