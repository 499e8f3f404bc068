import { stringify } from 'yaml';

/** A CloudFormation template, as far as ours go. Functions are written in their long form, which every YAML reader understands. */
export interface Template {
  AWSTemplateFormatVersion: '2010-09-09';
  Description: string;
  Metadata: object;
  Parameters: Record<string, Parameter>;
  Conditions?: Record<string, object>;
  Resources: Record<string, object>;
  Outputs: Record<string, object>;
}

export interface Parameter {
  Type: 'String' | 'CommaDelimitedList';
  Description: string;
  Default?: string;
  AllowedPattern?: string;
  AllowedValues?: readonly string[];
  ConstraintDescription?: string;
  MinLength?: number;
  MaxLength?: number;
}

/** A value that CloudFormation computes, or text. */
export type Value = string | object;

export const ref = (name: string): Value => ({ Ref: name });
export const sub = (text: string): Value => ({ 'Fn::Sub': text });
export const attribute = (resource: string, name: string): Value => ({ 'Fn::GetAtt': [resource, name] });
export const either = (condition: string, yes: Value | Value[], no: Value | Value[]): Value => ({
  'Fn::If': [condition, yes, no],
});
export const equals = (left: Value, right: Value): object => ({ 'Fn::Equals': [left, right] });
export const not = (condition: object): object => ({ 'Fn::Not': [condition] });

/** `heading` becomes comment lines. YAML 1.1 rules for quotes: that is what AWS reads, and `2012-10-17` would be a date there. */
export function writeTemplate(template: Template, heading: readonly string[]): string {
  const comment = heading.map((line) => `# ${line}\n`).join('');
  return comment + stringify(template, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}

/** How the console groups the parameters. */
export function parameterGroups(groups: Readonly<Record<string, readonly string[]>>): object {
  return {
    'AWS::CloudFormation::Interface': {
      ParameterGroups: Object.entries(groups).map(([label, Parameters]) => ({ Label: { default: label }, Parameters })),
    },
  };
}
