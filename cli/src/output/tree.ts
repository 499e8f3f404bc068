import pc from 'picocolors';
import type { AccountDocument, OrganizationDocument } from '../document/document.js';
import { printable } from './printable.js';

/** The organization as a tree: OUs first, then accounts, by name. Children of an unknown parent stand at the end. */
export function formatTree(document: OrganizationDocument): string {
  const lines = [`${pc.bold(document.organization.id)}  management account ${document.organization.managementAccountId}`];
  const childrenOf = groupBy([...document.organizationalUnits], ({ parentId }) => parentId ?? '');
  const accountsOf = groupBy(document.accounts, ({ parentId }) => parentId ?? '');
  const known = new Set([...document.roots, ...document.organizationalUnits].map(({ id }) => id));

  const below = (parentId: string, indent: string) => {
    const entries = [
      ...byName(childrenOf.get(parentId) ?? []).map((unit) => ({
        text: `${pc.bold(printable(unit.name))}  ${pc.dim(unit.id)}`,
        id: unit.id,
      })),
      ...byName(accountsOf.get(parentId) ?? []).map((account) => ({ text: accountLine(account), id: undefined })),
    ];
    entries.forEach(({ text, id }, position) => {
      const last = position === entries.length - 1;
      lines.push(`${indent}${last ? '└─' : '├─'} ${text}`);
      if (id !== undefined) below(id, `${indent}${last ? '   ' : '│  '}`);
    });
  };
  for (const root of document.roots) {
    lines.push(`${pc.bold(printable(root.name))}  ${pc.dim(root.id)}`);
    below(root.id, '');
  }
  const unplaced = document.accounts.filter(({ parentId }) => parentId === undefined || !known.has(parentId));
  if (unplaced.length > 0) {
    lines.push(pc.yellow('(placement unknown)'), ...byName(unplaced).map((account) => `   ${accountLine(account)}`));
  }
  return lines.join('\n');
}

function accountLine(account: AccountDocument): string {
  const state = account.active === true ? '' : `  ${pc.yellow(account.status)}`;
  return `${account.accountId}  ${printable(account.name)}${state}`;
}

function byName<T extends { name: string }>(items: readonly T[]): T[] {
  return [...items].sort((left, right) => left.name.localeCompare(right.name));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
