import type { Random } from '../random.js';

/** Names of organizational units by level below the root; a level without names of its own takes the last. */
const unitNames: readonly (readonly string[])[] = [
  ['Security', 'Workloads', 'Infrastructure', 'Sandbox', 'Suspended', 'Deployments', 'Exceptions', 'Policy Staging'],
  [
    'Production',
    'Non-Production',
    'SDLC',
    'Zahlungsverkehr (Zürich)',
    'Data & Analytics',
    'R&D "moonshots"',
    '日本 リージョン',
    'Platform',
  ],
  ['Prod', 'Staging', 'Test', "O'Brien's team", 'PCI', 'HIPAA', '000042', 'Legacy / 2014'],
  ['Team A', 'Team B', 'EU-only', 'émigrés'],
  ['Blue', 'Green', 'null'],
];

const teams = [
  'payments',
  'checkout',
  'identity',
  'search',
  'data-lake',
  'analytics',
  'ml-platform',
  'mobile',
  'web',
  'billing',
  'logistics',
  'crm',
];
const environments = ['prod', 'staging', 'test', 'dev', 'sandbox'];
const wellKnown = ['log-archive', 'security-tooling', 'audit', 'network', 'shared-services', 'backup', 'identity-center', 'dns'];

/** Accounts of older days, or invited ones: names that CreateAccount would refuse today are among them. */
const oddAccountNames = [
  'Zürich Prod',
  'O\'Brien & Sons "legacy"',
  '日本 運用',
  '000123',
  '  leading and trailing  ',
  'null',
  'a/b|c:d;e,f',
  '<b>not bold</b>',
  'sandbox 🚀 one',
  'Ünïcödé-ñame',
  'x',
  'The longest name that an account of AWS may have..',
];

export function unitName(random: Random, level: number): string {
  return random.pick(unitNames[Math.min(level, unitNames.length) - 1] ?? ['Unit']);
}

/** Every seventh name is odd. */
export function accountName(random: Random, index: number): string {
  if (index < wellKnown.length) return wellKnown[index] ?? 'account';
  return index % 7 === 0 ? random.pick(oddAccountNames) : plainAccountName(random);
}

/** A name that CreateAccount and PutAccountName take. */
export function plainAccountName(random: Random): string {
  return `${random.pick(teams)}-${random.pick(environments)}${random.chance(0.3) ? `-${random.integer(2, 99)}` : ''}`;
}

/** Unique by the number; 6 to 64 characters. */
export function emailAddress(name: string, number: number): string {
  const local = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 30);
  return `aws+${local === '' ? 'account' : local}-${number}@example.com`;
}

export const servicePrincipals = [
  'guardduty.amazonaws.com',
  'securityhub.amazonaws.com',
  'config.amazonaws.com',
  'access-analyzer.amazonaws.com',
  'member.org.stacksets.cloudformation.amazonaws.com',
  'sso.amazonaws.com',
] as const;

/** People who work on the organization by hand. */
export const people = ['ana', 'ben', 'chiara', 'dmitri', 'emeka', 'fatima', 'noor', 'yuki'] as const;
