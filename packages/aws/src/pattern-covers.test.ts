import { describe, expect, it } from '@jest/globals';
import { eventPattern } from './event-path-names.js';
import { patternCovers } from './pattern-covers.js';

const { source, detail } = eventPattern;
const withDetail = (more: object) => ({ source, detail: { ...detail, ...more } });

describe('whether an event pattern lets through what another one does', () => {
  it.each<[string, unknown]>([
    ['the same pattern', eventPattern],
    ['one more source', { ...eventPattern, source: [...source, 'aws.iam'] }],
    ['a prefix of all sources', { ...eventPattern, source: [{ prefix: 'aws.' }] }],
    ['a prefix without regard to case', { ...eventPattern, source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }],
    ['a suffix of all event sources', withDetail({ eventSource: [{ suffix: '.amazonaws.com' }] })],
    ['a wildcard', withDetail({ eventSource: [{ wildcard: '*.amazonaws.*' }] })],
    ['anything but others', { ...eventPattern, source: [{ 'anything-but': ['aws.iam', 'aws.ec2'] }] }],
    ['anything but a prefix of others', { ...eventPattern, source: [{ 'anything-but': { prefix: 'aws.e' } }] }],
    ['any source', { ...eventPattern, source: [{ exists: true }] }],
    ['only the sources', { source }],
    ['failed calls too', { source, detail: { eventSource: detail.eventSource } }],
    ['errors and none', withDetail({ errorCode: [{ exists: true }, { exists: false }] })],
    ['several matchers together', { ...eventPattern, source: ['aws.organizations', { prefix: 'aws.a' }, { suffix: 'tower' }] }],
    ['one of two alternatives', { source, $or: [{ detail: { eventName: ['CreateAccount'] } }, { detail }] }],
    ['a field that may be there or not', withDetail({ readOnly: [{ exists: true }, { exists: false }] })],
  ])('%s: covers', (_what, given) => expect(patternCovers(given, eventPattern)).toBe('covers'));

  it.each<[string, unknown]>([
    ['no pattern', undefined],
    ['a text', 'source'],
    ['one source less', { ...eventPattern, source: ['aws.organizations', 'aws.account'] }],
    ['other case', { ...eventPattern, source: source.map((one) => one.toUpperCase()) }],
    ['a prefix of some', { ...eventPattern, source: [{ prefix: 'aws.organ' }] }],
    ['anything but one of ours', { ...eventPattern, source: [{ 'anything-but': 'aws.account' }] }],
    ['anything but a suffix of ours', withDetail({ eventSource: [{ 'anything-but': { suffix: '.amazonaws.com' } }] })],
    ['a list of event names', withDetail({ eventName: ['CreateAccount', 'MoveAccount'] })],
    ['one detail-type', { ...eventPattern, 'detail-type': ['AWS API Call via CloudTrail'] }],
    ['a field that has to be there', withDetail({ requestID: [{ exists: true }] })],
    ['failed calls only', withDetail({ errorCode: [{ exists: true }] })],
    ['one error', withDetail({ errorCode: ['AccessDenied'] })],
    ['anything but an error, which wants one to be there', withDetail({ errorCode: [{ 'anything-but': 'AccessDenied' }] })],
    ['a nested field where ours has a value', { source: { name: ['aws.organizations'] } }],
    ['an empty list', { source: [] }],
    ['a star that is meant as a star', withDetail({ eventSource: [{ wildcard: String.raw`\*.amazonaws.com` }] })],
  ])('%s: narrower', (_what, given) => expect(patternCovers(given, eventPattern)).toBe('narrower'));

  it.each<[string, unknown]>([
    [
      'alternatives that cover only together',
      { $or: [{ source: ['aws.organizations'] }, { source: [{ prefix: 'aws.' }], x: ['y'] }] },
    ],
    ['a matcher that came later', { ...eventPattern, source: [{ resembles: 'aws' }] }],
    ['addresses', withDetail({ eventSource: [{ cidr: '10.0.0.0/8' }] })],
  ])('%s: unknown', (_what, given) => expect(patternCovers(given, eventPattern)).toBe('unknown'));

  it('says narrower where one field is narrower and another can not be judged', () => {
    expect(patternCovers({ source: ['aws.account'], detail: { eventSource: [{ resembles: 'x' }] } }, eventPattern)).toBe(
      'narrower',
    );
  });
});
