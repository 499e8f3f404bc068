import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseQueueMessage } from '../intake/envelope.js';
import { idPatterns, parseSubjectKey } from '../subjects.js';
import { interpret, eventKinds } from './registry.js';
import { parseRecord } from './record.js';

/** Whoever can write to the queue is a stranger: nothing he writes may throw, or become an id that AWS would not have given. */
const context = { managementAccountId: '111122223333' };

function expectValidHints(body: string): void {
  const parsed = parseQueueMessage(body);
  if (parsed.kind === 'refused') return;
  for (const { record } of parsed.records) {
    const interpretation = interpret(record, context);
    if (interpretation.kind === 'no-op') continue;
    expect(interpretation.cause.eventId).toMatch(/^[\x21-\x7e]{1,128}$/);
    for (const { subject, parts } of interpretation.hints) {
      const { kind, id } = parseSubjectKey(subject);
      const pattern = {
        integration: 'organization',
        account: 'account',
        delegation: 'account',
        root: 'root',
        ou: 'ou',
        invitation: 'handshake',
      } as const;
      if (kind !== 'organization') expect(id).toMatch(idPatterns[pattern[kind]]);
      expect(parts.length).toBeGreaterThan(0);
    }
  }
}

const folder = new URL('./fixtures/cloudtrail/', import.meta.url);
const samples = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** Values that break naive parsers, beside any JSON. */
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '****',
    'HIDDEN_DUE_TO_SECURITY_REASONS',
    'XXXXXXXXXXXX',
    '1111111111111111',
    '',
    null,
    -1,
    1e308,
    12,
    '٤٤٤٤٥٥٥٥٦٦٦٦',
    '444455556666\n',
    'ou-',
    'r-\u0000',
  ),
);

/** Replaces, removes or duplicates members of a value at random places. */
function mutate(value: unknown, choices: () => number, replacement: () => unknown): unknown {
  const choice = choices();
  if (choice < 8) return replacement();
  if (Array.isArray(value)) return value.map((item: unknown) => mutate(item, choices, replacement));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(() => choices() > 5);
  return Object.fromEntries(members.map(([key, member]) => [key, mutate(member, choices, replacement)]));
}

describe('a message of a stranger', () => {
  it('never throws, whatever text it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom(...samples)), expectValidHints));
  });

  it('never throws, whatever a record holds', () => {
    const names = fc.constantFrom(...eventKinds.map(({ name }) => name));
    const sources = fc.constantFrom(...new Set(eventKinds.map(({ source }) => source)));
    const record = fc.record(
      {
        eventName: names,
        eventSource: sources,
        eventID: hostile,
        eventTime: hostile,
        readOnly: hostile,
        recipientAccountId: hostile,
        userIdentity: hostile,
        requestParameters: fc.oneof(
          hostile,
          fc.dictionary(fc.constantFrom('accountId', 'resourceId', 'organizationalUnitId', 'handshakeId', 'rootId'), hostile),
        ),
        responseElements: fc.oneof(
          hostile,
          fc.record({ handshake: fc.record({ id: hostile, parties: hostile }), organizationalUnit: fc.record({ id: hostile }) }),
        ),
        serviceEventDetails: fc.oneof(
          hostile,
          fc.record({ createAccountStatus: fc.record({ accountId: hostile, state: hostile }) }),
        ),
      },
      { requiredKeys: ['eventName'] },
    );
    fc.assert(
      fc.property(record, (value) => expectValidHints(JSON.stringify(value))),
      { numRuns: 1000 },
    );
  });

  it('never becomes a hint with an invalid id, however a real sample was mutated', () => {
    const property = fc.property(
      fc.constantFrom(...samples),
      fc.infiniteStream(fc.nat(99)),
      fc.infiniteStream(hostile),
      (sample, dice, values) => {
        const mutated = mutate(
          JSON.parse(sample),
          () => dice.next().value as number,
          () => values.next().value as unknown,
        );
        expectValidHints(JSON.stringify(mutated));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('cannot reach a prototype', () => {
    const body = `{"eventName":"MoveAccount","__proto__":{"polluted":true},"requestParameters":{"__proto__":{"accountId":"444455556666"}},"constructor":{"prototype":{"polluted":true}}}`;
    const parsed = parseQueueMessage(body);
    if (parsed.kind === 'refused') throw new Error(parsed.reason);
    expect(interpret(parsed.records[0]!.record, context)).toMatchObject({ kind: 'full-sync', hints: [] });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is interpreted without a deep recursion even where it was not parsed here', () => {
    let deep: object = { accountId: '444455556666' };
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    const record = parseRecord({ eventName: 'AccountJoinedOrganization', serviceEventDetails: deep });
    expect(interpret(record!, context)).toMatchObject({ kind: 'hints', hints: [{ subject: 'account:444455556666' }, {}] });
  });
});
