import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { graph, observation } from '@orgtrail/proto';
import fc from 'fast-check';
import { decodeGraphChange, encodeGraphChange } from './graph-change.js';

const head = { integrationId: 'a3bb189e-8bf9-4888-9912-ace4e6543002', subject: 'account:444455556666', subjectVersion: 7n };
const ends = { type: 'aws_account_has_account', class: 'HAS', fromKey: 'from', toKey: 'to' };
const anyText = fc.string({ unit: 'grapheme' });
const anyObject = fc.dictionary(anyText, fc.jsonValue() as fc.Arbitrary<never>);

const anyPresent = fc.record(
  {
    entity: fc.record({
      key: fc.string({ minLength: 1 }),
      type: anyText,
      classes: fc.array(anyText),
      displayName: anyText,
      accountId: anyText,
      properties: anyObject,
    }),
    relationships: fc.array(
      fc.record({ key: anyText, type: anyText, class: anyText, fromKey: anyText, toKey: anyText, properties: anyObject }),
    ),
  },
  { requiredKeys: ['relationships'] },
);

const present = (value: Parameters<typeof create<typeof graph.PresentSchema>>[1]) =>
  create(graph.GraphChangeSchema, { ...head, change: { case: 'present', value: create(graph.PresentSchema, value) } });
/** JSON knows no negative zero. */
const said = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)));

describe('a graph change on the bus', () => {
  it('says what it said', () => {
    fc.assert(
      fc.property(anyPresent, (value) => {
        const change = present(value);
        expect(said(decodeGraphChange(encodeGraphChange(change)))).toEqual(said(change));
      }),
    );
    const ended = create(graph.GraphChangeSchema, {
      ...head,
      change: { case: 'ended', value: { reason: observation.EndReason.LEFT } },
    });
    expect(decodeGraphChange(encodeGraphChange(ended))).toEqual(ended);
  });

  it('is understood as it was said before there was text in it', () => {
    const change = present({
      entity: { key: 'arn:aws:iam::1:root', type: 'aws_account', properties: { a: 1 } },
      relationships: [],
    });
    expect(said(decodeGraphChange(toBinary(graph.GraphChangeSchema, change)))).toEqual(said(change));
  });

  it.each([
    ['properties that are no JSON', { key: 'arn:aws:iam::1:root', properties: '{' }],
    ['properties that are no object', { key: 'arn:aws:iam::1:root', properties: '[]' }],
    ['properties with something behind them', { key: 'arn:aws:iam::1:root', properties: '{},"type":"other"' }],
    ['relationships that are no array', { relationships: '{}' }],
    ['relationships without an end', { relationships: JSON.stringify([{ ...ends, toKey: undefined }]) }],
    ['relationships with a number for a key', { relationships: JSON.stringify([{ ...ends, key: 1 }]) }],
    ['relationships that are none', { relationships: '[null]' }],
  ])('is refused with %s', (_, value) => {
    const bytes = toBinary(
      graph.GraphChangeSchema,
      create(graph.GraphChangeSchema, { ...head, change: { case: 'subjectState', value } }),
    );
    expect(() => decodeGraphChange(bytes)).toThrow();
  });
});
