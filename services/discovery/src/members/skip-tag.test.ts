import { describe, expect, it } from '@jest/globals';
import { hasSkipTag, nearMisses } from './skip-tag.js';

const skipTag = { key: 'j1-integration', value: 'SKIP' };

describe('the skip tag', () => {
  it.each(['SKIP', 'skip', ' Skip ', 'sKiP\t'])('skips with the value %j', (value) => {
    expect(hasSkipTag({ 'j1-integration': value }, skipTag)).toBe(true);
    expect(nearMisses({ 'j1-integration': value }, skipTag)).toEqual([]);
  });

  it.each([
    ['another case in the key', { 'J1-Integration': 'SKIP' }, /spelled differently/],
    ['an underscore in the key', { j1_integration: 'SKIP' }, /spelled differently/],
    ['key and value in the key', { 'j1-integration:SKIP': '' }, /literally/],
    ['key and value with a blank in the key', { 'j1-integration: SKIP': 'true' }, /literally/],
    ['another value', { 'j1-integration': 'skipped' }, /value "skipped"/],
    ['an empty value', { 'j1-integration': '' }, /no value/],
  ])('does not skip with %s, and warns', (_what, tags, warning) => {
    expect(hasSkipTag(tags, skipTag)).toBe(false);
    expect(nearMisses(tags, skipTag)).toEqual([expect.stringMatching(warning)]);
    expect(nearMisses(tags, skipTag)[0]).toContain('j1-integration = SKIP');
  });

  it('leaves other tags alone, those with names of JavaScript included', () => {
    const tags = { team: 'skip', integration: 'SKIP', constructor: 'SKIP', ['__proto__']: 'SKIP' };
    expect(hasSkipTag(tags, { key: 'toString', value: 'x' })).toBe(false);
    expect(nearMisses(tags, skipTag)).toEqual([]);
  });

  it('does not repeat long values', () => {
    expect(nearMisses({ 'j1-integration': 'x'.repeat(256) }, skipTag)[0]?.length).toBeLessThan(250);
  });
});
