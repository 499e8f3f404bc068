import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accountChange,
  delegationChange,
  encodeChange,
  endedChange,
  incomingChange,
  nodeChange,
  type GivenChange,
} from './changes.fixture.js';
import type { IncomingChange, PresentContent } from './change.js';
import { parseChange } from './parse-change.js';
import { plainChange } from './plain-change.js';
import { readChange } from './read-change.js';

/** JSON as what it says: the order of keys says nothing. */
function said({ content, ...change }: IncomingChange): unknown {
  if (content.case === 'ended') return { ...change, content };
  const { entity, relationships }: PresentContent = content;
  return {
    ...change,
    entity: entity && { ...entity, properties: JSON.parse(entity.properties) as unknown },
    relationships: JSON.parse(relationships) as unknown,
  };
}
const whole = (value: Uint8Array): IncomingChange => {
  const change = parseChange(value);
  if (!('content' in change)) throw new Error('It concerns a whole scope.');
  return change;
};

const propertyValue = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
const anyGiven = fc
  .record({
    kind: fc.constantFrom('account', 'node', 'delegation', 'ended'),
    version: fc.bigInt({ min: 1n, max: 4_000_000_000_000_000n }),
    name: fc.string({ unit: 'grapheme' }),
    properties: fc.dictionary(fc.string({ unit: 'grapheme' }), propertyValue as fc.Arbitrary<never>),
    services: fc.uniqueArray(fc.stringMatching(/^[a-z.]{1,20}$/), { maxLength: 4 }),
    baseline: fc.boolean(),
    observedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  })
  .map(({ kind, version, name, properties, services, baseline, observedAt }): GivenChange => {
    const given = { version, baseline };
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
        const short = plainChange(value);
        if (short !== undefined) expect(said(short)).toEqual(said(whole(value)));
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
        properties: { active: true, joinedOn: 1_481_830_215_450, 'tag.a': '', none: null, list: ['a', 1] },
      }),
      nodeChange('ou-1', { version: 1, name: 'Prod', parent: 'r-ab12' }),
      delegationChange('444455556666', { version: 7, services: ['guardduty.amazonaws.com', 'a'] }),
      delegationChange('444455556666', { version: 7, services: [] }),
    ]) {
      expect(said(plainChange(Buffer.from(encodeChange(change)))!)).toEqual(said(incomingChange(change)));
    }
  });

  it.each([
    ['an ending', endedChange('account:444455556666', { version: 7 })],
    ['a cause', accountChange('444455556666', { version: 7, cause: { eventId: 'e', eventName: 'MoveAccount' } })],
    ['a name in another script', accountChange('444455556666', { version: 7, name: 'حساب' })],
    ['a quote', accountChange('444455556666', { version: 7, properties: { 'tag.q': '"' } })],
    ['a NUL', accountChange('444455556666', { version: 7, properties: { 'tag.q': '\0' } })],
  ])('is left to the long way with %s', (_what, change) => {
    expect(plainChange(Buffer.from(encodeChange(change)))).toBeUndefined();
  });

  it('never throws and never says more, whatever the bytes are', () => {
    const good = Buffer.from(encodeChange(accountChange('444455556666', { version: 7 })));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const value = Buffer.from(good.subarray(0, length));
        if (at < value.length) value[at] = byte;
        const short = plainChange(value);
        if (short !== undefined) expect(said(short)).toEqual(said(whole(value)));
      }),
      { numRuns: 2000 },
    );
  });
});
