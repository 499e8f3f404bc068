import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IncomingChange } from './change.js';
import { accountChange, accountKey, delegationChange, endedChange, nodeChange, nodeKey, scope } from './changes.fixture.js';
import { InMemoryGraph } from './in-memory-graph.fixture.js';
import { planBatch, type BatchPlan } from './plan-batch.js';

const member = '444455556666';
const subject = `account:${member}`;

/** Applies each list as one batch, in order, and returns the last plan. */
function applied(...batches: IncomingChange[][]): { graph: InMemoryGraph; plan: BatchPlan } {
  const graph = new InMemoryGraph();
  let plan = planBatch(graph.stored, []);
  for (const batch of batches) {
    plan = planBatch(graph.stored, batch);
    graph.carryOut(plan);
  }
  return { graph, plan };
}
const kinds = (plan: BatchPlan) => plan.history.map(({ key, kind, version }) => `${kind} ${key} ${version.toString()}`);

/** Any history of some subjects: every version of a subject has one content, as discovery promises. */
const anyChange = fc
  .record({
    id: fc.constantFrom('444455556666', '777788889999', '000012345678'),
    kind: fc.constantFrom('account', 'delegation', 'node'),
    version: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ id, kind, version, seed }): IncomingChange => {
    const given = { version };
    if (seed % 4 === 0) return endedChange(kind === 'node' ? `ou:ou-${id}` : `${kind}:${id}`, given);
    if (kind === 'account') return accountChange(id, { ...given, parent: `ou-${seed % 3}`, name: `n${seed % 2}` });
    if (kind === 'node') return nodeChange(`ou-${id}`, { ...given, name: `n${seed % 2}`, parent: 'r-ab12' });
    return delegationChange(id, { ...given, services: ['a', 'b', 'c'].slice(0, seed % 3) });
  });
const anyChanges = fc
  .uniqueArray(anyChange, { selector: ({ subject: of, version }) => `${of} ${version}`, maxLength: 24 })
  .filter((changes) => changes.length > 0);

/** The same changes in another order, some of them repeated, cut into batches anywhere. */
const rearranged = (changes: readonly IncomingChange[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...changes], { minLength: changes.length }),
      fc.array(fc.constantFrom(...changes), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
    )
    .map(([all, again, sizes]) => {
      const stream = [...all, ...again];
      const batches: IncomingChange[][] = [];
      for (let taken = 0; stream.length > 0; taken += 1) batches.push(stream.splice(0, sizes[taken % sizes.length]));
      return batches;
    });

describe('any order and repetition of the same changes', () => {
  it('gives the same current graph, however they are cut into batches', () => {
    fc.assert(
      fc.property(
        anyChanges.chain((changes) => fc.tuple(fc.constant(changes), rearranged(changes))),
        ([changes, batches]) => {
          expect(applied(...batches).graph.current).toEqual(applied(changes).graph.current);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never leaves an edge that lives without its owner, or dies before it', () => {
    fc.assert(
      fc.property(
        anyChanges.chain((changes) => rearranged(changes)),
        (batches) => {
          const { graph } = applied(...batches);
          for (const edge of graph.relationships.values()) {
            expect(edge.live).toBe(graph.subjects.get(`${edge.scope} ${edge.owner}`)?.live);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes each key and version of the history at most once', () => {
    fc.assert(
      fc.property(
        anyChanges.chain((changes) => rearranged(changes)),
        (batches) => {
          const graph = new InMemoryGraph();
          const seen: string[] = [];
          for (const batch of batches) {
            const plan = planBatch(graph.stored, batch);
            graph.carryOut(plan);
            seen.push(...plan.history.map(({ key, version }) => `${key} ${version.toString()}`));
          }
          expect(new Set(seen).size).toBe(seen.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the version guard', () => {
  it('ignores a change that is not newer, and counts it', () => {
    const newer = accountChange(member, { version: 5, name: 'new' });
    const { graph, plan } = applied([newer], [accountChange(member, { version: 4, name: 'old' }), newer]);
    expect(plan).toMatchObject({ stale: 2, subjects: [], entities: [], history: [] });
    expect(graph.entities.get(`${scope} ${accountKey(member)}`)?.displayName).toBe('new');
  });

  it('keeps a tombstone for a subject nobody has seen, so that an older "present" cannot revive it', () => {
    const { graph, plan } = applied([endedChange(subject, { version: 9 })], [accountChange(member, { version: 8 })]);
    expect(graph.subjects.get(`${scope} ${subject}`)).toMatchObject({ version: 9n, live: false });
    expect(plan).toMatchObject({ stale: 1, entities: [], history: [] });
  });

  it('advances the version of unchanged content without history', () => {
    const { plan } = applied([accountChange(member, { version: 1 })], [accountChange(member, { version: 2 })]);
    expect(plan).toMatchObject({ unchanged: 1, history: [], entities: [], owners: [] });
    expect(plan.subjects).toMatchObject([{ subject, version: 2n, live: true }]);
    expect(plan.confirmed).toEqual([{ scope, key: accountKey(member), version: 2n }]);
  });

  it('writes every version of one batch to the history, and the last one to the rows', () => {
    const { plan } = applied([
      accountChange(member, { version: 1, name: 'a' }),
      accountChange(member, { version: 2, name: 'b' }),
      accountChange(member, { version: 3, name: 'b' }),
    ]);
    expect(kinds(plan)).toEqual([`CREATED ${accountKey(member)} 1`, `UPDATED ${accountKey(member)} 2`]);
    expect(plan.entities).toMatchObject([{ displayName: 'b', version: 3n }]);
  });
});

describe('ownership', () => {
  it('replaces exactly what the subject owns when an account moves', () => {
    const { graph, plan } = applied(
      [accountChange(member, { version: 1, parent: 'ou-a' }), accountChange('777788889999', { version: 1, parent: 'ou-a' })],
      [accountChange(member, { version: 2, parent: 'ou-b' })],
    );
    const parents = [...graph.relationships.values()].filter(
      ({ toKey, type }) => toKey === accountKey(member) && type.includes('_unit_'),
    );
    expect(parents.map(({ fromKey }) => fromKey)).toEqual([nodeKey('ou-b')]);
    expect(plan.owners).toEqual([{ scope, owner: subject }]);
    expect(graph.relationships.size).toBe(4);
  });

  it('refuses a change that takes what another living subject owns, and applies the others', () => {
    const thief = { ...accountChange(member, { version: 1 }), subject: 'account:000000000000' };
    const { graph, plan } = applied(
      [accountChange(member, { version: 1 })],
      [thief, accountChange('777788889999', { version: 1 })],
    );
    expect(plan.refused).toMatchObject([{ index: 0, failure: { code: 'OWNED_BY_ANOTHER_SUBJECT' } }]);
    expect(graph.entities.get(`${scope} ${accountKey(member)}`)?.subject).toBe(subject);
    expect(graph.entities.size).toBe(2);
  });

  it('lets a subject take over the key of an ended one', () => {
    const heir = { ...accountChange(member, { version: 1 }), subject: 'account:000000000000' };
    const { graph, plan } = applied([accountChange(member, { version: 1 })], [endedChange(subject, { version: 2 }), heir]);
    expect(plan.refused).toEqual([]);
    expect(graph.entities.get(`${scope} ${accountKey(member)}`)).toMatchObject({ subject: heir.subject, live: true });
  });

  it('ends the entity under the old key when a subject comes under a new one', () => {
    const before = nodeChange('r-ab12', { version: 1, name: 'Root' });
    const after = { ...nodeChange('r-zz99', { version: 2, name: 'Root' }), subject: before.subject };
    const { graph, plan } = applied([before], [after]);
    expect(kinds(plan)).toEqual([`ENDED ${nodeKey('r-ab12')} 2`, `CREATED ${nodeKey('r-zz99')} 2`]);
    expect([...graph.entities.values()].map(({ key, live }) => [key, live])).toEqual([
      [nodeKey('r-ab12'), false],
      [nodeKey('r-zz99'), true],
    ]);
  });
});

describe('the history', () => {
  it('tells created, updated, ended and returned apart, with the state before and after', () => {
    const graph = new InMemoryGraph();
    const rows = [
      accountChange(member, { version: 1, name: 'a' }),
      accountChange(member, { version: 2, name: 'b' }),
      endedChange(subject, { version: 3 }),
      endedChange(subject, { version: 4 }),
      accountChange(member, { version: 5, name: 'b' }),
    ].flatMap((one) => {
      const plan = planBatch(graph.stored, [one]);
      graph.carryOut(plan);
      return plan.history;
    });
    expect(rows.map(({ kind, version, before, after }) => [kind, version, before?.displayName, after?.displayName])).toEqual([
      ['CREATED', 1n, undefined, 'a'],
      ['UPDATED', 2n, 'a', 'b'],
      ['ENDED', 3n, 'b', undefined],
      ['RETURNED', 5n, undefined, 'b'],
    ]);
    expect(rows[1]?.after?.relationships).toHaveLength(2);
  });

  it('says BASELINE for what existed before anybody watched', () => {
    expect(kinds(applied([accountChange(member, { version: 1, baseline: true })]).plan)).toEqual([
      `BASELINE ${accountKey(member)} 1`,
    ]);
  });

  it('keeps a delegation under its subject, a changed edge included', () => {
    const of = `delegation:${member}`;
    const { graph, plan } = applied(
      [delegationChange(member, { version: 1, services: ['a', 'b'] })],
      [delegationChange(member, { version: 2, services: ['b'] }), endedChange(of, { version: 3 })],
      [delegationChange(member, { version: 4, services: [] })],
    );
    expect(plan.history).toMatchObject([{ key: of, type: 'delegation', kind: 'RETURNED', after: { relationships: [] } }]);
    expect(graph.relationships.size).toBe(0);
    expect(graph.subjects.get(`${scope} ${of}`)).toMatchObject({ live: true, version: 4n });
  });

  it('begins with a subject that owns nothing yet', () => {
    const { graph, plan } = applied([delegationChange(member, { version: 1, services: [] })]);
    expect(plan.history).toMatchObject([{ kind: 'CREATED', after: { relationships: [] } }]);
    expect(graph.subjects.get(`${scope} delegation:${member}`)?.live).toBe(true);
  });

  it.each<[string, (graph: InMemoryGraph) => void, string]>([
    ['a property', (graph) => altered(graph, { properties: { name: 'by hand' } }), 'UPDATED'],
    ['the end of an entity', (graph) => altered(graph, { live: false }), 'UPDATED'],
    ['a deleted entity', (graph) => graph.entities.clear(), 'UPDATED'],
    ['a deleted edge', (graph) => void graph.relationships.delete([...graph.relationships.keys()][0]!), 'UPDATED'],
  ])('shows that %s that was altered by hand is healed by the same content under a newer version', (_what, alter, kind) => {
    const { graph } = applied([accountChange(member, { version: 1 })]);
    const before = graph.current;
    alter(graph);
    const plan = planBatch(graph.stored, [accountChange(member, { version: 2 })]);
    graph.carryOut(plan);
    expect(kinds(plan)).toEqual([`${kind} ${accountKey(member)} 2`]);
    expect(JSON.stringify(graph.current)).toBe(JSON.stringify(before).replace('\\"version\\":\\"1\\"', '\\"version\\":\\"2\\"'));
  });

  it('shows that a tombstone that was revived by hand is ended again', () => {
    const { graph } = applied([accountChange(member, { version: 1 }), endedChange(subject, { version: 2 })]);
    graph.subjects.set(`${scope} ${subject}`, { scope, subject, version: 2n, live: true, everLive: true });
    expect(kinds(planBatch(graph.stored, [endedChange(subject, { version: 3 })]))).toEqual([`ENDED ${accountKey(member)} 3`]);
  });
});

function altered(graph: InMemoryGraph, values: object): void {
  const id = `${scope} ${accountKey(member)}`;
  graph.entities.set(id, { ...graph.entities.get(id)!, ...values });
}
