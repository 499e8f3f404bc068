import { spawnSync } from 'node:child_process';
import type { PolicyDocument } from '../policies.js';
import type { OnboardingValues } from '../values.js';

/** The files of a configuration, as python-hcl2 reads them: strings stay as they are written, with their quotes. */
export type Terraform = Readonly<Record<string, Parsed>>;
interface Parsed {
  module?: [Record<string, Record<string, unknown>>];
  data?: Record<string, Record<string, { statement?: Statement[] }>>[];
}
interface Statement {
  actions: string[];
  resources?: string[];
  principals?: [{ type: string; identifiers: string[] }];
  condition?: [{ test: string; variable: string; values: string }];
}

const program = `
import hcl2, json, pathlib
print(json.dumps({str(p): hcl2.load(open(p, encoding="utf-8")) for p in pathlib.Path(".").rglob("*.tf")}))
`;

/** Throws what the parser says, where it does not understand a file. */
export function readTerraform(folder: string, python: string): Terraform {
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Terraform;
}

/** The trust policy that the module makes with the values of its call. */
export function terraformTrust(files: Terraform): PolicyDocument {
  const [statement] = statementsOf(files, 'trust');
  const [principal] = statement?.principals ?? [];
  const [condition] = statement?.condition ?? [];
  if (!principal || !condition) throw new Error('The trust policy has no principal or no condition.');
  const compact = /^\$\{compact\(\[(.*)\]\)\}$/.exec(condition.values)?.[1] ?? '';
  const externalIds = compact
    .split(', ')
    .map((expression) => evaluate(files, `\${${expression}}`))
    .filter((id) => id !== '');
  const identifiers = principal.identifiers.map((expression) => evaluate(files, expression));
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { [unquoted(principal.type)]: one(identifiers) },
        Action: one((statement?.actions ?? []).map(unquoted)),
        Condition: { [unquoted(condition.test)]: { [unquoted(condition.variable)]: one(externalIds) } },
      },
    ],
  };
}

export function terraformPermissions(
  files: Terraform,
  { partition, region, managementAccountId }: OnboardingValues,
): PolicyDocument {
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${managementAccountId ?? ''}:${resource}`;
  const locals: Record<string, string> = {
    '"*"': '*',
    '${local.rule_arn}': arn('events', 'rule/orgtrail-organization-events'),
    '${local.queue_arn}': arn('sqs', 'orgtrail-events'),
    '${local.undelivered_queue_arn}': arn('sqs', 'orgtrail-events-undelivered'),
  };
  return {
    Version: '2012-10-17',
    Statement: statementsOf(files, 'permissions').map(({ actions, resources }) => ({
      Effect: 'Allow',
      Action: actions.map(unquoted),
      Resource: (resources ?? []).map((resource) => locals[resource] ?? `unknown: ${resource}`),
    })),
  };
}

function statementsOf(files: Terraform, name: string): Statement[] {
  const found = (files['orgtrail/role.tf']?.data ?? []).find(
    (block) => block['"aws_iam_policy_document"']?.[`"${name}"`] !== undefined,
  );
  return found?.['"aws_iam_policy_document"']?.[`"${name}"`]?.statement ?? [];
}

/** `${var.x}` is what the call gives for x. */
function evaluate(files: Terraform, expression: string): string {
  const name = /^\$\{var\.(\w+)\}$/.exec(expression)?.[1] ?? '';
  const given = files['main.tf']?.module?.[0]['"orgtrail"']?.[name];
  if (typeof given !== 'string') throw new Error(`The call gives no ${name}.`);
  return unquoted(given);
}

/** A string as HCL reads it: https://developer.hashicorp.com/terraform/language/expressions/strings */
function unquoted(written: string): string {
  return (JSON.parse(written) as string).replaceAll('$${', '${').replaceAll('%%{', '%{');
}

function one(values: string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? '') : values;
}
