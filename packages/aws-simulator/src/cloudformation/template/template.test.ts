import { describe, expect, it } from '@jest/globals';
import { parameterValues, type GivenParameter } from './parameters.js';
import { parseText } from './parse-text.js';
import { inOrder, namesIn, refuseUnresolved } from './references.js';
import { readTemplate } from './template.js';

const templateOf = (body: object) => readTemplate(JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } }, ...body }));

describe('the text of a template', () => {
  it('is the same in JSON, in YAML with long functions and in YAML with short ones', () => {
    const json = {
      A: { Ref: 'X' },
      B: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      C: { 'Fn::Sub': ['${a}-${AWS::Region}', { a: { Ref: 'X' } }] },
      D: { 'Fn::If': ['Is', { 'Fn::Join': [',', ['a', 'b']] }, { Ref: 'AWS::NoValue' }] },
      E: { Condition: 'Is' },
      Version: '2012-10-17',
      Yes: 'yes',
    };
    const long = `
A: {Ref: X}
B: {"Fn::GetAtt": [Queue, Arn]}
C: {"Fn::Sub": ["\${a}-\${AWS::Region}", {a: {Ref: X}}]}
D: {"Fn::If": [Is, {"Fn::Join": [",", [a, b]]}, {Ref: "AWS::NoValue"}]}
E: {Condition: Is}
Version: 2012-10-17
Yes: yes
`;
    const short = `
A: !Ref X
B: !GetAtt Queue.Arn
C: !Sub
  - \${a}-\${AWS::Region}
  - a: !Ref X
D: !If [Is, !Join [",", [a, b]], !Ref "AWS::NoValue"]
E: !Condition Is
Version: 2012-10-17
Yes: yes
`;
    for (const text of [JSON.stringify(json), long, short]) expect(parseText(text)).toEqual(json);
  });

  it.each([
    ['aliases', 'a: &x 1\nb: *x'],
    ['a key twice', 'a: 1\na: 2'],
    ['broken JSON', '{'],
    ['broken YAML', 'a: [1'],
  ])('is refused for %s', (_what, text) => {
    expect(() => parseText(text)).toThrow(/^Template format error/);
  });

  it.each<[string, object, RegExp]>([
    ['mappings', { Mappings: {} }, /does not know the section Mappings/],
    ['transforms', { Transform: 'AWS::Serverless-2016-10-31' }, /does not know the section Transform/],
    ['rules', { Rules: {} }, /does not know the section Rules/],
    ['sections that there are none of', { Paramters: {} }, /Invalid template property or properties \[Paramters\]/],
    ['another version', { AWSTemplateFormatVersion: '2011-01-01' }, /Unsupported template version/],
    ['no resources', { Resources: {} }, /At least one Resources member/],
    ['a resource without a type', { Resources: { A: {} } }, /must contain a Type/],
    [
      'an attribute that is not simulated',
      { Resources: { A: { Type: 'X', CreationPolicy: {} } } },
      /does not know CreationPolicy/,
    ],
    ['a policy that is not simulated', { Resources: { A: { Type: 'X', DeletionPolicy: 'Snapshot' } } }, /DeletionPolicy of A/],
    ['exports', { Outputs: { A: { Value: 'a', Export: { Name: 'x' } } } }, /does not know Export/],
  ])('is refused for %s', (_what, body, message) => {
    expect(() => templateOf(body)).toThrow(message);
  });
});

describe('the names in a template', () => {
  it('are those of Ref, GetAtt and Sub, but not those that Sub brings along or that are escaped', () => {
    const value = {
      a: [{ Ref: 'A' }, { 'Fn::GetAtt': ['B', 'Arn'] }],
      c: { 'Fn::Sub': ['${C.Arn} ${own} ${!D}', { own: { Ref: 'E' } }] },
    };
    expect([...namesIn(value)].sort()).toEqual(['A', 'B', 'C', 'E']);
  });

  it('order the resources, together with DependsOn', () => {
    const Resources = {
      Rule: { Type: 'R', DependsOn: 'Policy', Properties: { Target: { 'Fn::GetAtt': 'Queue.Arn' } } },
      Policy: { Type: 'P', Properties: { Queues: [{ Ref: 'Queue' }] } },
      Queue: { Type: 'Q' },
    };
    expect(inOrder(templateOf({ Resources }))).toEqual(['Queue', 'Policy', 'Rule']);
  });

  it('must not go in circles', () => {
    const Resources = { A: { Type: 'X', Properties: { p: { Ref: 'B' } } }, B: { Type: 'X', DependsOn: ['A'] } };
    expect(() => inOrder(templateOf({ Resources }))).toThrow(/Circular dependency between resources: \[A, B\]/);
  });

  it.each<[string, object]>([
    ['a resource', { Resources: { A: { Type: 'X', Properties: { p: { 'Fn::Sub': '${Missing}' } } } } }],
    ['DependsOn', { Resources: { A: { Type: 'X', DependsOn: 'Missing' } } }],
    ['an output', { Outputs: { O: { Value: { Ref: 'Missing' } } } }],
    ['a condition of a resource', { Resources: { A: { Type: 'X', Condition: 'Missing' } } }],
  ])('must not be of nothing in %s', (_where, body) => {
    expect(() => refuseUnresolved(templateOf(body))).toThrow(/Unresolved .*Missing/);
  });
});

describe('parameters', () => {
  const valuesFor = (Parameter: object, value?: string, previous?: string): string | undefined => {
    const given = new Map<string, GivenParameter>(value === undefined ? [] : [['P', { value }]]);
    const before = new Map(previous === undefined ? [] : [['P', previous]]);
    return parameterValues(templateOf({ Parameters: { P: Parameter } }), given, before).get('P');
  };

  it('have the value that was given, or their default', () => {
    expect(valuesFor({ Type: 'String', Default: 'a' })).toBe('a');
    expect(valuesFor({ Type: 'String', Default: 'a' }, 'b')).toBe('b');
    expect(valuesFor({ Type: 'Number', Default: 3, MinValue: 1, MaxValue: 5 }, '5')).toBe('5');
    expect(valuesFor({ Type: 'CommaDelimitedList', AllowedPattern: '[0-9]{3}', Default: '' }, '123, 456')).toBe('123, 456');
  });

  it('keep the value that a stack has only where that is asked for', () => {
    const template = templateOf({ Parameters: { P: { Type: 'String', Default: 'a' } } });
    const previous = new Map([['P', 'before']]);
    expect(parameterValues(template, new Map([['P', 'previous']]), previous).get('P')).toBe('before');
    expect(parameterValues(template, new Map(), previous).get('P')).toBe('a');
    expect(() => parameterValues(template, new Map([['P', 'previous']]))).toThrow(/usePreviousValue/);
  });

  it.each<[string, object, string | undefined, RegExp]>([
    ['missing', { Type: 'String' }, undefined, /Parameters: \[P\] must have values/],
    [
      'off its pattern, which covers the whole',
      { Type: 'String', AllowedPattern: '[a-z]+' },
      'ab1',
      /must match pattern \[a-z\]\+/,
    ],
    [
      'off its pattern, in its own words',
      { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'an a' },
      'b',
      /constraint: an a/,
    ],
    ['an item off the pattern', { Type: 'CommaDelimitedList', AllowedPattern: '[0-9]{3}' }, '123,4', /must match pattern/],
    ['none of those allowed', { Type: 'String', AllowedValues: ['a', 'b'] }, 'c', /AllowedValues/],
    ['too short', { Type: 'String', MinLength: 2 }, 'a', /at least 2/],
    ['too long', { Type: 'String', MaxLength: '2' }, 'abc', /at most 2/],
    ['no number', { Type: 'Number' }, 'a', /must be a number/],
    ['too small', { Type: 'Number', MinValue: 2 }, '1', /not less than 2/],
    ['too great', { Type: 'Number', MaxValue: 2 }, '3', /not greater than 2/],
    ['of a type that is not simulated', { Type: 'AWS::EC2::VPC::Id' }, 'a', /does not know the type/],
    [
      'declared with what there is none of',
      { Type: 'String', Pattern: 'a' },
      'a',
      /Invalid template parameter property 'Pattern'/,
    ],
  ])('are refused when %s', (_what, declaration, value, message) => {
    expect(() => valuesFor(declaration, value)).toThrow(message);
  });

  it('are refused when the template has no such', () => {
    expect(() => parameterValues(templateOf({}), new Map([['X', { value: 'a' }]]))).toThrow(
      'Parameters: [X] do not exist in the template',
    );
  });
});
