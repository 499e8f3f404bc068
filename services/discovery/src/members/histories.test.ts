import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { integrationSettings } from '../integrations/settings.js';
import { mergeReads } from '../observed/merge.js';
import { unknownSubject, type PartRead, type SubjectState } from '../observed/subject-state.js';
import { decideMember } from './decision-table.js';
import { memberFacts, type FactsContext } from './facts.js';
import { hasSkipTag } from './skip-tag.js';

const settings = integrationSettings.parse({});
const second = 1_000_000n;
const confirmTagsAfterSeconds = 30;
const context: FactsContext = { settings, nodes: new Map(), confirmTagsAfterSeconds };
const skip = { 'j1-integration': 'SKIP' };

const core = (version: bigint, state = 'ACTIVE'): PartRead => ({
  part: 'core',
  version,
  value: { arn: 'arn', name: 'one', state },
});

/** What happens in AWS, second by second, and when it is read by either replica. */
interface Happening {
  at: number;
  what: 'tag' | 'untag' | 'leave' | 'return' | 'suspend' | 'reinstate';
}

const happenings = fc
  .uniqueArray(
    fc.record({
      at: fc.integer({ min: 1, max: 400 }),
      what: fc.constantFrom<Happening['what']>('tag', 'untag', 'leave', 'return', 'suspend', 'reinstate'),
    }),
    { selector: ({ at }) => at, maxLength: 12 },
  )
  .map((list) => [...list].sort((left, right) => left.at - right.at));

interface Truth {
  there: boolean;
  tags: Record<string, string>;
  state: string;
  /** Since when it is there (again). */
  since: number;
}

function truthAt(history: readonly Happening[], at: number): Truth {
  let truth: Truth = { there: true, tags: {}, state: 'ACTIVE', since: 0 };
  for (const { at: when, what } of history) {
    if (when > at) break;
    if (what === 'leave') truth = { there: false, tags: {}, state: 'ACTIVE', since: 0 };
    else if (what === 'return') truth = truth.there ? truth : { there: true, tags: {}, state: 'ACTIVE', since: when };
    else if (truth.there && what === 'tag') truth = { ...truth, tags: skip };
    else if (truth.there && what === 'untag') truth = { ...truth, tags: {} };
    else if (truth.there) truth = { ...truth, state: what === 'suspend' ? 'SUSPENDED' : 'ACTIVE' };
  }
  return truth;
}

/** A read of a part at a time: its version is drawn then, it is merged later, by whichever replica. The index lags by 10 minutes. */
interface Reading {
  at: number;
  part: 'core' | 'tags' | 'tagIndex';
  mergedAt: number;
}

const readings = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 450 }),
    part: fc.constantFrom<Reading['part']>('core', 'tags', 'tagIndex'),
    delay: fc.integer({ min: 0, max: 120 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function answer(history: readonly Happening[], { at, part }: Reading, sequence: number): PartRead {
  // Two reads never share a version.
  const version = BigInt(at + 1) * second + BigInt(sequence);
  const truth = truthAt(history, at);
  if (part === 'tagIndex') {
    const lagging = truthAt(history, at - 600);
    return { part, version, value: lagging.there ? lagging.tags : {} };
  }
  if (!truth.there) return { part: 'existence', version, gone: 'not-found' };
  if (part === 'core') return core(version, truth.state);
  // Tags of an account that has just appeared may be answered empty although they are set.
  const stale = truth.since > 0 && at - truth.since < 20;
  return { part, version, value: stale ? {} : truth.tags };
}

describe('members over any history of an account', () => {
  it('are never started or verified by what the newest reads do not allow, in whatever order two replicas merge them', () => {
    fc.assert(
      fc.property(happenings, readings, (history, given) => {
        const reads = given
          .map((reading) => ({ ...reading, mergedAt: reading.at + reading.delay }))
          .map((reading, sequence) => ({ reading, read: answer(history, reading, sequence) }))
          .sort((left, right) => left.reading.mergedAt - right.reading.mergedAt);
        let state: SubjectState = unknownSubject;
        let appearedVersion = 0n;
        let newestTags: { version: bigint; tags: Record<string, string> } | undefined;
        for (const { reading, read } of reads) {
          const before = state;
          const merged = mergeReads(before, [read]);
          state = merged.state;
          if (merged.change.kind === 'created' && before.goneVersion > 0n) appearedVersion = state.parts.core?.version ?? 0n;
          if (read.part === 'tags' && state.parts.tags?.version === read.version)
            newestTags = { version: read.version, tags: read.value };
          if (state.parts.tags === undefined) newestTags = undefined;

          const decision = decideMember(
            memberFacts({ state, appearedVersion, deletionHeld: false, verification: 'verified' }, context),
          );
          if (!decision.verify) continue;
          // It runs: then its tags were read by ListTagsForResource, they are the newest of those that came, and they do not skip it.
          expect(newestTags).toBeDefined();
          expect(hasSkipTag(newestTags?.tags ?? skip, settings.skipTag)).toBe(false);
          const tagsReadAt = Number((newestTags?.version ?? 0n) / second) - 1;
          // At the moment at which those tags were read, AWS had not skipped the account.
          const then = truthAt(history, tagsReadAt);
          if (then.there && tagsReadAt - then.since >= 20) expect(hasSkipTag(then.tags, settings.skipTag)).toBe(false);
          // Too young tags of an account that came back start nothing.
          if (appearedVersion > 0n) {
            expect(newestTags?.version ?? 0n).toBeGreaterThanOrEqual(appearedVersion + BigInt(confirmTagsAfterSeconds) * second);
          }
          expect(reading.mergedAt).toBeGreaterThanOrEqual(tagsReadAt);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('end with the same status for the same reads, whatever the order in which they were merged', () => {
    fc.assert(
      fc.property(
        happenings,
        readings.chain((given) =>
          fc.tuple(
            fc.constant(given),
            fc.shuffledSubarray(
              given.map((_, index) => index),
              { minLength: given.length },
            ),
          ),
        ),
        (history, [given, order]) => {
          const reads = given.map((reading, sequence) => answer(history, { ...reading, mergedAt: 0 }, sequence));
          const statusOf = (sequence: readonly PartRead[]) =>
            decideMember(
              memberFacts(
                {
                  state: mergeReads(unknownSubject, sequence).state,
                  appearedVersion: 0n,
                  deletionHeld: false,
                  verification: 'verified',
                },
                context,
              ),
            );
          expect(statusOf(order.flatMap((index) => reads[index] ?? []))).toEqual(statusOf(reads));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('organizational units', () => {
  const placed = (ancestorIds: string[]): SubjectState =>
    mergeReads(unknownSubject, [
      core(1n),
      { part: 'placement', version: 1n, value: { parentId: ancestorIds.at(-1) ?? '', ancestorIds } },
      { part: 'tags', version: 1n, value: {} },
    ]).state;
  const node = (id: string, tags: Record<string, string> | undefined, tagsRead = true) =>
    [id, { id, name: id, tags, tagsRead }] as const;
  const decide = (state: SubjectState, changed: Partial<FactsContext['settings']>, nodes: FactsContext['nodes'] = new Map()) =>
    decideMember(
      memberFacts(
        { state, appearedVersion: 0n, deletionHeld: false, verification: 'verified' },
        { settings: { ...settings, ...changed }, nodes, confirmTagsAfterSeconds },
      ),
    );

  it('pass their skip tag on to accounts below them only when that is wanted, and follow moves', () => {
    const nodes = new Map([node('r-ab12', {}), node('ou-ab12-11111111', skip), node('ou-ab12-22222222', {})]);
    const below = placed(['r-ab12', 'ou-ab12-11111111']);
    expect(decide(below, {}, nodes).status).toBe('CONNECTED');
    expect(decide(below, { skipOrganizationalUnits: true }, nodes)).toMatchObject({
      status: 'SKIPPED',
      cause: 'ORGANIZATIONAL_UNIT_TAGGED',
    });
    expect(decide(placed(['r-ab12', 'ou-ab12-22222222']), { skipOrganizationalUnits: true }, nodes).status).toBe('CONNECTED');
  });

  it('start nothing while the tags of one above were never read', () => {
    const nodes = new Map([node('r-ab12', {}), node('ou-ab12-11111111', {}, false)]);
    expect(decide(placed(['r-ab12', 'ou-ab12-11111111']), { skipOrganizationalUnits: true }, nodes)).toMatchObject({
      status: 'PENDING',
      cause: 'ORGANIZATIONAL_UNIT_NOT_READ',
    });
  });

  it('include and exclude whole branches; excluding wins; an unknown place waits', () => {
    const inside = placed(['r-ab12', 'ou-ab12-11111111', 'ou-ab12-33333333']);
    expect(decide(inside, { includeOrganizationalUnits: ['ou-ab12-11111111'] }).status).toBe('CONNECTED');
    expect(decide(inside, { includeOrganizationalUnits: ['ou-ab12-22222222'] })).toMatchObject({
      status: 'EXCLUDED',
      cause: 'NOT_INCLUDED',
    });
    expect(
      decide(inside, { includeOrganizationalUnits: ['ou-ab12-11111111'], excludeOrganizationalUnits: ['ou-ab12-33333333'] }),
    ).toMatchObject({ status: 'EXCLUDED', cause: 'OU_EXCLUDED' });
    const unplaced = mergeReads(unknownSubject, [core(1n), { part: 'tags', version: 1n, value: {} }]).state;
    expect(decide(unplaced, { includeOrganizationalUnits: ['ou-ab12-11111111'] })).toMatchObject({
      status: 'PENDING',
      cause: 'PLACEMENT_NOT_READ',
    });
  });
});
