import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  accountChange,
  delegationChange,
  encodeChange,
  endedChange,
  nodeChange,
  said,
  type GivenChange,
} from './changes.fixture.js';
import type { IncomingChange, PendingChange, StoredSync } from './change.js';
import { parseChange } from './parse-change.js';
import { addChangeRow } from './copy-row.js';
import { CopyRows } from './copy-rows.js';
import { addPlainRow } from './plain-change.js';
import { readChange } from './read-change.js';
import { ContractViolation } from './record-failure.js';

/** The columns of a row, each as text where that is what it is; the state as what it says: the order of keys says nothing. */
function columnsOf(rows: CopyRows): unknown[] {
  const bytes = rows.written();
  const columns: (Buffer | null)[] = [];
  let at = 2;
  for (let count = bytes.readInt16BE(0); count > 0; count -= 1) {
    const length = bytes.readInt32BE(at);
    at += 4;
    columns.push(length < 0 ? null : bytes.subarray(at, at + Math.max(length, 0)));
    at += Math.max(length, 0);
  }
  expect(at).toBe(bytes.length);
  const state = columns.pop();
  return [
    ...columns.map((column) => column?.toString('latin1')),
    state && (JSON.parse(state.toString().replace('\u0001', '')) as unknown),
  ];
}

const staging = { isStateText: false };

/** What is staged of a record the short way. */
function shortRow(value: Buffer, how = staging): unknown[] | undefined {
  const rows = new CopyRows();
  const head = readChange(value);
  if (!('read' in head) || head.value === undefined) return undefined;
  const added = addPlainRow(rows, 7, { ...head, contentHash: 'hash' }, head.value, how);
  if (added === undefined) expect(rows.length).toBe(0);
  return added && [added.entityKey, ...columnsOf(rows)];
}

/** The long way. */
function longRow(value: Buffer, how = staging): unknown[] {
  const rows = new CopyRows();
  const change = whole(value);
  addChangeRow(rows, 7, 'hash', change, how);
  const entity = change.content.case === 'present' ? change.content.entity : null;
  return [entity?.key ?? null, ...columnsOf(rows)];
}

const whole = (value: Uint8Array): IncomingChange => {
  const change = parseChange(value);
  if (!('content' in change)) throw new Error('It concerns a whole scope.');
  return change;
};

const sync = { id: 12, kind: 'full', startedAt: '2026-11-25T10:00:00.250Z' };
const nested = (depth: number): JsonValue => (depth === 0 ? 'x' : [nested(depth - 1)]);

const propertyValue = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
const anyGiven = fc
  .record({
    kind: fc.constantFrom('account', 'node', 'delegation', 'ended'),
    version: fc.bigInt({ min: 1n, max: 4_000_000_000_000_000n }),
    name: fc.string({ unit: 'grapheme' }),
    properties: fc.dictionary(fc.string({ unit: 'grapheme' }), propertyValue as fc.Arbitrary<never>),
    services: fc.uniqueArray(fc.stringMatching(/^[a-z.]{1,20}$/), { maxLength: 4 }),
    baseline: fc.boolean(),
    foundBy: fc.option(
      fc.record({
        id: fc.nat(),
        kind: fc.constantFrom('full', 'light', 'ein "Name" 🏔'),
        startedAt: fc.constant('2026-11-25T10:00:00.250Z'),
      }),
      { nil: undefined },
    ),
    observedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  })
  .map(({ kind, version, name, properties, services, baseline, foundBy, observedAt }): GivenChange => {
    const given = { version, baseline, ...(foundBy && { foundBy }) };
    const change =
      kind === 'account'
        ? accountChange('444455556666', { ...given, name, properties })
        : kind === 'node'
          ? nodeChange('ou-1', { ...given, name, parent: 'r-ab12' })
          : kind === 'delegation'
            ? delegationChange('444455556666', { ...given, services })
            : endedChange('account:444455556666', given);
    return { ...change, observedAt };
  });

describe('a record that is read the short way', () => {
  it('says what it says the long way, whatever it is', () => {
    fc.assert(
      fc.property(anyGiven, (given) => {
        const value = Buffer.from(encodeChange(given));
        const short = shortRow(value);
        if (short !== undefined) expect(short).toEqual(longRow(value));
        const read = readChange(value);
        if (!('read' in read)) throw new Error('It is a change of a subject.');
        const { scope, subject, version } = whole(value);
        expect(read).toMatchObject({ scope, subject, version });
        expect(said(read.read())).toEqual(said(whole(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('is one of the usual', () => {
    for (const change of [
      accountChange('444455556666', {
        version: 7,
        properties: {
          active: true,
          joinedOn: 1_481_830_215_450,
          'tag.a': '',
          none: null,
          list: ['a', 'b'],
          of: [],
          part: 0.25,
          less: -12,
        },
      }),
      nodeChange('ou-1', { version: 1, name: 'Prod', parent: 'r-ab12' }),
      delegationChange('444455556666', { version: 7, services: ['guardduty.amazonaws.com', 'a'] }),
      delegationChange('444455556666', { version: 7, services: [] }),
      accountChange('444455556666', { version: 7, foundBy: sync }),
      accountChange('444455556666', { version: 7, name: 'حساب', properties: { 'tag.名': 'Zürich 🏔' } }),
    ]) {
      const value = Buffer.from(encodeChange(change));
      expect(shortRow(value)).toEqual(longRow(value));
      const asText = { isStateText: true };
      expect(shortRow(value, asText)).toEqual(longRow(value, asText));
    }
  });

  it('has the same hash whichever sync has found it', () => {
    const hashOf = (given: { foundBy?: StoredSync }): unknown =>
      readChange(Buffer.from(encodeChange(accountChange('444455556666', { version: 7, ...given }))));
    expect(hashOf({ foundBy: sync })).toMatchObject({ contentHash: (hashOf({}) as PendingChange).contentHash });
  });

  it.each([
    ['an ending', endedChange('account:444455556666', { version: 7 })],
    ['a cause', accountChange('444455556666', { version: 7, cause: { eventId: 'e', eventName: 'MoveAccount' } })],
    ['a quote', accountChange('444455556666', { version: 7, properties: { 'tag.q': '"' } })],
    ['values in values', accountChange('444455556666', { version: 7, properties: { 'tag.q': ['a', 1] } })],
    ['a number that may be none', accountChange('444455556666', { version: 7, properties: { 'tag.q': 1e300 } })],
    ['values in values in values', accountChange('444455556666', { version: 7, properties: { 'tag.q': nested(50) } })],
    ['a NUL', accountChange('444455556666', { version: 7, properties: { 'tag.q': '\0' } })],
  ])('is left to the long way with %s', (_what, change) => {
    expect(shortRow(Buffer.from(encodeChange(change)))).toBeUndefined();
  });

  it('never says more than the long way, whatever the bytes are', () => {
    const good = Buffer.from(encodeChange(accountChange('444455556666', { version: 7, foundBy: sync })));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const value = Buffer.from(good.subarray(0, length));
        if (at < value.length) value[at] = byte;
        let short: unknown[] | undefined;
        try {
          short = shortRow(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractViolation);
        }
        if (short !== undefined) expect(short).toEqual(longRow(value));
      }),
      { numRuns: 3000 },
    );
  });
});
