import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeReads } from './merge.js';
import { effectiveTags, isLive, unknownSubject, unreadParts, type PartRead, type SubjectState } from './subject-state.js';

const account = (name: string) => ({ arn: `arn:aws:organizations::111122223333:account/o-exampleorgid/${name}`, name });
const core = (version: bigint, name = 'one'): PartRead => ({ part: 'core', version, value: account(name) });
const placement = (version: bigint, parentId: string): PartRead => ({
  part: 'placement',
  version,
  value: { parentId, ancestorIds: ['r-root', parentId] },
});
const tags = (version: bigint, value: Record<string, string>): PartRead => ({ part: 'tags', version, value });
const index = (version: bigint, value: Record<string, string>): PartRead => ({ part: 'tagIndex', version, value });
const gone = (version: bigint): PartRead => ({ part: 'existence', version, gone: 'not-found' });
const after = (...reads: PartRead[]): SubjectState => mergeReads(unknownSubject, reads).state;

/** Versions are unique per part, as the clock draws them: two reads with one version are the same read. */
const anyRead: fc.Arbitrary<PartRead> = fc
  .record({ kind: fc.constantFrom('core', 'placement', 'tags', 'tagIndex', 'existence'), at: fc.integer({ min: 1, max: 30 }) })
  .map(({ kind, at }) => {
    const version = BigInt(at);
    switch (kind) {
      case 'core':
        return core(version, `name-${at}`);
      case 'placement':
        return placement(version, `ou-${at}`);
      case 'tags':
        return tags(version, { read: String(at) });
      case 'tagIndex':
        return index(version, { indexed: String(at) });
      default:
        return gone(version);
    }
  });

describe('merging what was read', () => {
  it('gives the same subject for any order and repetition of the same reads, not-founds included', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyRead, { maxLength: 25 })
          .chain((reads) =>
            fc.tuple(
              fc.constant(reads),
              fc.shuffledSubarray([...reads, ...reads], { minLength: reads.length * 2, maxLength: reads.length * 2 }),
              fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 10 }),
            ),
          ),
        ([reads, shuffled, cuts]) => {
          const together = mergeReads(unknownSubject, reads).state;
          let piecewise = unknownSubject;
          let rest = shuffled;
          for (let turn = 0; rest.length > 0; turn += 1) {
            const size = (cuts[turn % cuts.length] ?? 0) + 1;
            piecewise = mergeReads(piecewise, rest.slice(0, size)).state;
            rest = rest.slice(size);
          }
          expect(piecewise).toEqual(together);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keeps the newer value when a stale read comes late', () => {
    const { state, change } = mergeReads(after(core(10n, 'new')), [core(9n, 'old')]);
    expect(state.parts.core?.value).toEqual(account('new'));
    expect(change.kind).toBe('none');
  });

  it('changes nothing in the parts that were not read', () => {
    const { state, change } = mergeReads(after(core(1n), placement(1n, 'ou-a'), tags(1n, { team: 'x' })), [core(2n, 'renamed')]);
    expect(state.parts.placement?.value.parentId).toBe('ou-a');
    expect(state.parts.tags?.value).toEqual({ team: 'x' });
    expect(change).toEqual({ kind: 'updated', changedParts: ['core'], changedFields: ['arn', 'name'] });
  });

  it('ends a subject at a not-found that is newer than what was read, and ignores an older one', () => {
    expect(isLive(mergeReads(after(core(5n)), [gone(6n)]).state)).toBe(false);
    expect(isLive(mergeReads(after(core(5n)), [gone(4n)]).state)).toBe(true);
  });

  it('does not revive an ended subject by an older "present"', () => {
    const { state, change } = mergeReads(after(gone(6n)), [core(5n)]);
    expect(isLive(state)).toBe(false);
    expect(change.kind).toBe('none');
  });

  it('forgets the parts of an ended subject: when it returns all others are unread', () => {
    const returned = mergeReads(after(core(1n), placement(1n, 'ou-a'), tags(1n, { team: 'x' }), gone(2n)), [core(3n)]);
    expect(returned.change.kind).toBe('created');
    expect(unreadParts(returned.state, ['core', 'placement', 'tags'])).toEqual(['placement', 'tags']);
  });

  it('reports the first not-found about an unknown subject as an ending, so that a tombstone is written', () => {
    expect(mergeReads(unknownSubject, [gone(1n)]).change.kind).toBe('ended');
    expect(mergeReads(after(gone(1n)), [gone(2n)]).change.kind).toBe('none');
  });

  it('fills tags that were never read from the index, and never replaces tags that were read', () => {
    const filled = after(core(1n), index(1n, { team: 'index' }));
    expect(effectiveTags(filled)).toEqual({ values: { team: 'index' }, fromIndex: true });
    expect(unreadParts(filled, ['core', 'tags'])).toEqual(['tags']);
    const read = after(core(1n), tags(1n, { team: 'read' }), index(9n, { team: 'index' }));
    expect(effectiveTags(read)).toEqual({ values: { team: 'read' }, fromIndex: false });
  });

  it('tells a change of the organization from a part that was read for the first time', () => {
    expect(mergeReads(after(core(1n)), [tags(2n, { team: 'x' })]).change.kind).toBe('filled');
    expect(mergeReads(after(core(1n), tags(1n, {})), [tags(2n, { team: 'x' })]).change).toMatchObject({
      kind: 'updated',
      changedParts: ['tags'],
    });
  });

  it('takes no reading for a change, where only the index had spoken before or another part changed with it', () => {
    const indexed = after(core(1n), index(1n, { team: 'index' }));
    expect(mergeReads(indexed, [tags(2n, { team: 'x' })]).change.kind).toBe('filled');
    expect(mergeReads(indexed, [core(2n, 'renamed'), tags(2n, { team: 'x' })]).change).toMatchObject({
      kind: 'updated',
      changedParts: ['core'],
    });
  });
});
