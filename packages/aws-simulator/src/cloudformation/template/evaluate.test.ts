import { describe, expect, it } from '@jest/globals';
import { conditionsOf } from './conditions.js';
import { evaluate, noValue, type Scope } from './evaluate.js';

const names: Readonly<Record<string, unknown>> = {
  Name: 'n',
  Empty: '',
  List: ['a', 'b'],
  Queue: 'https://queue',
  'AWS::Region': 'us-east-1',
};
const scope: Scope = {
  ref: (name) => names[name],
  attribute: (resource, name) => `${resource}/${name}`,
  condition: (name) => name === 'Yes',
};

describe('a function of a template', () => {
  it.each<[string, unknown, unknown]>([
    ['Ref of a parameter', { Ref: 'Name' }, 'n'],
    ['Ref of a list', { Ref: 'List' }, ['a', 'b']],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue/Arn'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Queue.Arn' }, 'Queue/Arn'],
    ['Sub', { 'Fn::Sub': '${Name}:${AWS::Region}:${Queue.Arn}:${!Name}:$Name' }, 'n:us-east-1:Queue/Arn:${Name}:$Name'],
    ['Sub with names of its own', { 'Fn::Sub': ['${x}-${Name}', { x: { Ref: 'Queue' } }] }, 'https://queue-n'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Name' }, 3]] }, 'a-n-3'],
    ['Join of a list parameter', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['If', [{ 'Fn::If': ['Yes', 'then', 'else'] }, { 'Fn::If': ['No', 'then', 'else'] }], ['then', 'else']],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', ['a', { 'Fn::If': ['No', 'b', { Ref: 'AWS::NoValue' }] }], ['a']],
    ['NoValue alone', { Ref: 'AWS::NoValue' }, noValue],
    [
      'none, in a policy with a condition',
      { Condition: { StringEquals: { a: { Ref: 'Name' } } } },
      { Condition: { StringEquals: { a: 'n' } } },
    ],
  ])('is carried out: %s', (_what, value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['a name of nothing', { Ref: 'Missing' }, /Unresolved resource dependencies \[Missing\]/],
    ['a name of nothing in Sub', { 'Fn::Sub': 'a${Missing}' }, /Unresolved resource dependencies \[Missing\]/],
    ['a list where a text belongs', { 'Fn::Sub': '${List}' }, /requires a string/],
    ['an item that is not there', { 'Fn::Select': [2, ['a']] }, /nonexistent value/],
    ['null', { a: null }, /'null' values are not allowed/],
    ['a function that is not simulated', { 'Fn::ImportValue': 'x' }, /does not know the function Fn::ImportValue/],
    ['a macro', { 'Fn::Transform': {} }, /does not know the function Fn::Transform/],
  ])('is refused for %s', (_what, value, message) => {
    expect(() => evaluate(value, scope)).toThrow(message);
  });
});

describe('a condition', () => {
  const holds = (conditions: object, name: string): boolean => conditionsOf(new Map(Object.entries(conditions)), scope.ref)(name);
  const isN = { 'Fn::Equals': [{ Ref: 'Name' }, 'n'] };
  const isEmpty = { 'Fn::Equals': ['', { Ref: 'Name' }] };

  it.each<[string, unknown, boolean]>([
    ['Equals', isN, true],
    ['Equals that does not', isEmpty, false],
    ['Equals of a joined list', { 'Fn::Equals': [{ 'Fn::Join': ['', { Ref: 'List' }] }, 'ab'] }, true],
    ['Not', { 'Fn::Not': [isEmpty] }, true],
    ['And', { 'Fn::And': [isN, isEmpty] }, false],
    ['Or', { 'Fn::Or': [isEmpty, isN] }, true],
    ['another one', { Condition: 'Other' }, true],
    ['not another one', { 'Fn::Not': [{ Condition: 'Other' }] }, false],
  ])('is decided: %s', (_what, condition, expected) => {
    expect(holds({ It: condition, Other: isN }, 'It')).toBe(expected);
  });

  it.each<[string, object, RegExp]>([
    ['itself', { It: { Condition: 'It' } }, /Circular dependency/],
    ['one that is not there', { It: { Condition: 'Missing' } }, /Unresolved condition dependency Missing/],
    ['attributes', { It: { 'Fn::Equals': [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'a'] } }, /cannot be used in a condition/],
    ['other functions', { It: { 'Fn::Contains': [['a'], 'a'] } }, /does not know the function Fn::Contains/],
    ['a mere text', { It: 'true' }, /must be a condition function/],
  ])('is refused for naming %s', (_what, conditions, message) => {
    expect(() => holds(conditions, 'It')).toThrow(message);
  });
});
