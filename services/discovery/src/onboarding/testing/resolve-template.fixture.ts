import { parse } from 'yaml';
import { managementParameters } from '../cloudformation/parameter-values.js';
import type { PolicyDocument } from '../policies.js';
import type { OnboardingValues } from '../values.js';

interface Role {
  AssumeRolePolicyDocument: PolicyDocument;
  Policies: [{ PolicyDocument: PolicyDocument }];
}

/** The role that CloudFormation would make of a template: parameters, conditions and functions, as far as ours use them. */
export function resolveTemplateRole(
  text: string,
  values: OnboardingValues,
): { trust: PolicyDocument; permissions: PolicyDocument } {
  const template = parse(text) as { Conditions: Record<string, unknown>; Resources: { Role: { Properties: unknown } } };
  const names: Record<string, string> = {
    ...managementParameters(values),
    'AWS::Partition': values.partition,
    'AWS::Region': values.region,
    'AWS::AccountId': values.managementAccountId ?? '',
  };
  const named = (name: string): string => {
    const value = names[name];
    if (value === undefined) throw new Error(`The template uses ${name}, which it does not declare.`);
    return value;
  };
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (node === null || typeof node !== 'object') return node;
    const [[name, given] = ['', undefined], ...more] = Object.entries(node);
    if (more.length === 0) {
      if (name === 'Ref') return named(String(given));
      if (name === 'Fn::Sub') return String(given).replace(/\$\{([^}]+)\}/g, (_, inner: string) => named(inner));
      if (name === 'Fn::Not') return !(resolve(given) as [boolean])[0];
      if (name === 'Fn::Equals') {
        const [left, right] = resolve(given) as unknown[];
        return left === right;
      }
      if (name === 'Fn::If') {
        const [condition, yes, no] = given as [string, unknown, unknown];
        return resolve(resolve(template.Conditions[condition]) === true ? yes : no);
      }
      if (name.startsWith('Fn::')) throw new Error(`${name} is not read here.`);
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]));
  };
  const { AssumeRolePolicyDocument, Policies } = resolve(template.Resources.Role.Properties) as Role;
  return { trust: AssumeRolePolicyDocument, permissions: Policies[0].PolicyDocument };
}
