import pc from 'picocolors';
import type { ConfigurationList, ConfigurationShape, MemberShape, MemberWithHistory } from '../api/shapes.js';
import { printable } from './printable.js';
import { formatTable } from './table.js';

type ListedConfiguration = ConfigurationShape;

/** The management account, then its members arranged as the organization's tree. */
export function formatConfigurations(list: ConfigurationList): string {
  const lines = [managementLine(list)];
  const root = treeOf(list.children);
  const below = (node: Node, indent: string) => {
    const entries = [
      ...[...node.nodes.values()]
        .sort(byName)
        .map((child) => ({ text: `${pc.bold(printable(child.name))}  ${pc.dim(child.id)}`, child })),
      ...[...node.leaves].sort(byName).map((leaf) => ({ text: configurationLine(leaf), child: undefined })),
    ];
    entries.forEach(({ text, child }, position) => {
      const last = position === entries.length - 1;
      lines.push(`${indent}${last ? '└─' : '├─'} ${text}`);
      if (child) below(child, `${indent}${last ? '   ' : '│  '}`);
    });
  };
  below(root, '');
  lines.push('', countLine(list));
  return lines.join('\n');
}

/** The same as a table. */
export function formatConfigurationTable(list: ConfigurationList): string {
  const rows = list.children.map((child) => [
    printable(child.name),
    child.accountId,
    statusOf(child),
    printable(child.path.map(({ name }) => name).join('/')),
    String(child.assets),
  ]);
  return [managementLine(list), '', formatTable(['name', 'account', 'status', 'path', 'assets'], rows), '', countLine(list)].join(
    '\n',
  );
}

function managementLine({ management }: ConfigurationList): string {
  const { name, accountId, assets, status, cause, lastFullSyncAt } = management;
  const sync = lastFullSyncAt === undefined ? 'never synced' : `last sync ${lastFullSyncAt}`;
  return `${pc.bold(printable(name || 'management account'))}  ${accountId}  ${statusOf({ status, cause })}  ${assetCount(assets)}  ${sync}`;
}

function configurationLine(configuration: ListedConfiguration): string {
  return `${printable(configuration.name)}  ${configuration.accountId}  ${statusOf(configuration)}  ${pc.dim(assetCount(configuration.assets))}`;
}

function countLine({ children, assets }: ConfigurationList): string {
  const counts = new Map<string, number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  const counted = [...counts].sort(([left], [right]) => left.localeCompare(right)).map(([status, count]) => `${count} ${status}`);
  return `${children.length} ${children.length === 1 ? 'member' : 'members'}${counted.length > 0 ? `: ${counted.join(', ')}` : ''}. ${assetCount(assets)} in all.`;
}

const assetCount = (assets: number) => `${assets} ${assets === 1 ? 'asset' : 'assets'}`;

function statusOf({ status, cause }: { status: string; cause?: string | undefined }): string {
  const color = status === 'CONNECTED' ? pc.green : status === 'FAILED' ? pc.red : pc.yellow;
  return color(cause === undefined ? status : `${status} ${cause}`);
}

interface Node {
  id: string;
  name: string;
  nodes: Map<string, Node>;
  leaves: ListedConfiguration[];
}

function treeOf(children: readonly ListedConfiguration[]): Node {
  const top: Node = { id: '', name: '', nodes: new Map(), leaves: [] };
  for (const child of children) {
    let node = top;
    for (const { id, name } of child.path) {
      const next = node.nodes.get(id) ?? { id, name, nodes: new Map(), leaves: [] };
      node.nodes.set(id, next);
      node = next;
    }
    node.leaves.push(child);
  }
  return top;
}

const byName = (left: { name: string }, right: { name: string }) => left.name.localeCompare(right.name);

/** Members as a table, and below it what each cause asks for. */
export function formatMembers(members: readonly MemberShape[]): string {
  if (members.length === 0) return 'No member.';
  const rows = members.map((member) => [
    member.accountId,
    printable(member.name),
    member.status,
    member.cause ?? '',
    member.since,
    printable(shortActor(member.changedBy?.principalArn)),
  ]);
  const advice = new Map(
    members.flatMap(({ cause, reason, status }) =>
      cause !== undefined && status !== 'SKIPPED' ? [[cause, reason] as const] : [],
    ),
  );
  const warned = members.flatMap(({ accountId, warnings }) => warnings.map((warning) => `${accountId}: ${printable(warning)}`));
  return [
    formatTable(['account', 'name', 'status', 'cause', 'since', 'by'], rows),
    ...[...advice]
      .sort(([left], [right]) => left.localeCompare(right))
      .map(([cause, reason]) => `\n${pc.bold(cause)}: ${printable(reason)}`),
    ...(warned.length > 0 ? [`\n${pc.yellow('Warnings')}`, ...warned] : []),
  ].join('\n');
}

export function formatMember(member: MemberWithHistory): string {
  const fields: [string, string | undefined][] = [
    ['account', member.accountId],
    ['name', member.name],
    ['status', member.cause === undefined ? member.status : `${member.status} ${member.cause}`],
    ['since', member.since],
    ['reason', member.reason],
    ['by', member.changedBy?.principalArn],
    ['role', member.roleArn && (member.roleOverridden ? `${member.roleArn} (given by hand)` : member.roleArn)],
    ['path', member.path.map(({ name }) => name).join('/')],
    ['verified', member.lastVerifiedAt],
    ['negative check', member.lastNegativeCheckAt],
    ['next verification', member.nextVerificationAt],
    ['last error', member.lastError],
    ...member.warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  const shown = fields.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [`${`${label}:`.padEnd(19)}${printable(value)}`],
  );
  const history = member.history.map(({ at, from, to, cause, changedBy }) => [
    at,
    `${from ?? '(new)'} -> ${to}`,
    cause ?? '',
    printable(shortActor(changedBy?.principalArn)),
  ]);
  return [...shown, '', formatTable(['when', 'status', 'cause', 'by'], history)].join('\n');
}

/** `arn:aws:sts::111122223333:assumed-role/platform-admin/ana` -> `platform-admin/ana` */
function shortActor(arn: string | undefined): string {
  return (
    arn
      ?.split(':')
      .slice(5)
      .join(':')
      .replace(/^(assumed-role|user|role)\//, '') ?? ''
  );
}
