import { describe, expect, it } from '@jest/globals';
import { eventPath } from '../event-path.js';
import { patternTest } from './pattern.js';

const matches = (pattern: unknown, event: unknown): boolean => patternTest(JSON.stringify(pattern))(event);

describe('an event pattern', () => {
  it.each<[string, unknown, unknown[], unknown[]]>([
    ['texts', ['a', 'b'], ['a', 'b', ['x', 'a']], ['c', 'A', undefined, null, { a: 1 }]],
    ['numbers, by value', [5], [5, 5.0], ['5', 6]],
    ['null', [null], [null], ['', 0, undefined]],
    ['truth', [true], [true], [false, 'true']],
    ['prefix', [{ prefix: 'Cre' }], ['CreateAccount'], ['create', 'xCre', 7]],
    ['prefix in any case', [{ prefix: { 'equals-ignore-case': 'CRE' } }], ['createAccount', 'Cre'], ['Move']],
    ['suffix', [{ suffix: 'Unit' }], ['CreateOrganizationalUnit'], ['Units']],
    ['equals-ignore-case', [{ 'equals-ignore-case': 'moveaccount' }], ['MoveAccount'], ['MoveAccounts']],
    ['exists', [{ exists: true }], ['x', null, false], [undefined, { below: 1 }]],
    ['exists: false', [{ exists: false }], [undefined], ['x', null]],
    ['anything-but', [{ 'anything-but': ['a', 'b'] }], ['c', 1], ['a', undefined]],
    ['anything-but a number', [{ 'anything-but': 5 }], [6, '5'], [5]],
    ['anything-but a prefix', [{ 'anything-but': { prefix: 'List' } }], ['MoveAccount'], ['ListRoots', undefined]],
    ['anything-but a wildcard', [{ 'anything-but': { wildcard: '*Policy' } }], ['MoveAccount'], ['AttachPolicy']],
    [
      'anything-but suffixes',
      [{ 'anything-but': { suffix: ['Unit', 'Policy'] } }],
      ['MoveAccount'],
      ['DeletePolicy', 'CreateUnit'],
    ],
    ['numeric', [{ numeric: ['>', 0, '<=', 5] }], [1, 5], [0, 6, '3', undefined]],
    ['numeric equality', [{ numeric: ['=', 3] }], [3], [2]],
    ['wildcard', [{ wildcard: 'arn:*:role/*' }], ['arn:aws:iam::1:role/a'], ['arn:aws:iam::1:user/a', 1]],
    ['a star that is meant', [{ wildcard: 'a\\*b' }], ['a*b'], ['axb']],
    ['one of several', [{ prefix: 'a' }, { exists: false }, 'zz'], ['abc', undefined, 'zz'], ['z']],
  ])('matches %s', (_what, member, good, bad) => {
    for (const value of good)
      expect({ value, matches: matches({ detail: { name: member } }, { detail: { name: value } }) }).toEqual({
        value,
        matches: true,
      });
    for (const value of bad)
      expect({ value, matches: matches({ detail: { name: member } }, { detail: { name: value } }) }).toEqual({
        value,
        matches: false,
      });
  });

  it('wants every member, and finds what is absent absent however deep', () => {
    const pattern = { source: ['s'], detail: { error: { code: [{ exists: false }] } } };
    expect(matches(pattern, { source: 's' })).toBe(true);
    expect(matches(pattern, { source: 's', detail: { error: { code: 'x' } } })).toBe(false);
    expect(matches(pattern, { source: 't' })).toBe(false);
  });

  it('takes one of the patterns of $or, together with what stands beside it', () => {
    const pattern = { source: ['s'], $or: [{ detail: { a: [1] } }, { detail: { b: [2] } }] };
    expect(matches(pattern, { source: 's', detail: { b: 2 } })).toBe(true);
    expect(matches(pattern, { source: 's', detail: { b: 3 } })).toBe(false);
    expect(matches(pattern, { source: 't', detail: { a: 1 } })).toBe(false);
  });

  it('is not fooled by what every object has', () => {
    expect(matches({ constructor: [{ exists: true }] }, {})).toBe(false);
    expect(matches({ toString: [{ exists: false }] }, {})).toBe(true);
  });

  it('of Orgtrail lets writes of three services through, and no failed ones', () => {
    const event = {
      source: 'aws.organizations',
      detail: { eventSource: 'organizations.amazonaws.com', eventName: 'MoveAccount' },
    };
    expect(matches(eventPath.pattern, event)).toBe(true);
    expect(matches(eventPath.pattern, { ...event, detail: { ...event.detail, errorCode: 'AccessDenied' } })).toBe(false);
    expect(matches(eventPath.pattern, { ...event, source: 'aws.iam' })).toBe(false);
  });

  it.each([
    ['text that is no JSON', '{'],
    ['a list', '[]'],
    ['nothing', '{}'],
    ['an empty list', '{"source":[]}'],
    ['an empty object inside', '{"detail":{}}'],
    ['a bare value', '{"source":"aws.organizations"}'],
    ['an operator that there is not', '{"source":[{"like":"a"}]}'],
    ['one that is not simulated', '{"detail":{"ip":[{"cidr":"10.0.0.0/8"}]}}'],
    ['two operators at once', '{"source":[{"prefix":"a","suffix":"b"}]}'],
    ['exists without truth', '{"source":[{"exists":"no"}]}'],
    ['a prefix that is no text', '{"source":[{"prefix":5}]}'],
    ['half a comparison', '{"a":[{"numeric":[">"]}]}'],
    ['a comparison that there is not', '{"a":[{"numeric":["~",1]}]}'],
    ['anything-but nothing', '{"a":[{"anything-but":[]}]}'],
    ['two stars in a row', '{"a":[{"wildcard":"a**"}]}'],
    ['$or with one alternative', '{"$or":[{"a":[1]}]}'],
    ['a list in a list', '{"a":[[1]]}'],
  ])('is refused when it is %s', (_what, text) => {
    expect(() => patternTest(text)).toThrow(expect.objectContaining({ code: 'InvalidEventPatternException' }));
  });
});
