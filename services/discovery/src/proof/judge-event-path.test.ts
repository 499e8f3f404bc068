import { describe, expect, it } from '@jest/globals';
import { judgementOf } from './judge-event-path.js';

const ok = [
  { id: 'events.trail', status: 'ok', found: 'main, of the organization' },
  { id: 'events.rule', status: 'ok', found: 'enabled in us-east-1' },
  { id: 'events.pattern', status: 'ok', found: 'all writes' },
  { id: 'events.target', status: 'ok', found: 'yes' },
  { id: 'queue.reachable', status: 'ok', found: '0 messages wait' },
  { id: 'queue.policy', status: 'ok', found: 'allowed' },
] as const;
type Result = Parameters<typeof judgementOf>[0][number];
const but = (...others: Result[]): Result[] => ok.map((result) => others.find(({ id }) => id === result.id) ?? result);

describe('the way of the events', () => {
  it('is whole where every part of it is', () => {
    expect(judgementOf(ok)).toEqual({
      state: 'whole',
      findings: [
        'trail main, of the organization logs management events',
        'the rule is enabled in us-east-1',
        'its pattern lets all events through',
        'our queue is its target',
        'the queue answers (0 messages wait)',
        'the queue lets EventBridge in',
      ],
    });
  });

  it('is broken where one part is, and what cannot be judged for that is not told', () => {
    const rule: Result = { id: 'events.rule', status: 'failed', found: 'it is disabled' };
    const target: Result = { id: 'events.target', status: 'unknown', found: 'Cannot be judged', blockedBy: ['events.rule'] };
    expect(judgementOf(but(rule, target))).toEqual({ state: 'broken', findings: ['the rule that sends events: it is disabled'] });
  });

  it.each(['unknown', 'not-applicable'] as const)('is never called whole where a part is %s', (status) => {
    expect(judgementOf(but({ id: 'events.trail', status, found: 'denied' }))).toEqual({
      state: 'unknown',
      findings: ['events.trail: denied'],
    });
  });

  it('of a webhook is shown only by what arrives, so it is never called whole', () => {
    const { state, findings } = judgementOf([ok[0]], { postsOnly: true });
    expect(state).toBe('unknown');
    expect(findings.at(-1)).toContain('only by events that arrive');
  });
});
