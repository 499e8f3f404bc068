import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { ConfigurationList, ConfigurationShape, MemberShape, MemberWithHistory } from '../api/shapes.js';
import { formatConfigurations, formatConfigurationTable, formatMember, formatMembers } from './configurations.js';

const root = { id: 'r-ab12', name: 'Root' };
const workloads = { id: 'ou-ab12-11111111', name: 'Workloads' };
const production = { id: 'ou-ab12-22222222', name: 'Production' };
const since = '2026-03-01T10:00:00.000Z';
const visible = (text: string) => stripVTControlCharacters(text).split('\n');

function configuration(accountId: string, name: string, more: Partial<ConfigurationShape> = {}): ConfigurationShape {
  return { accountId, name, status: 'CONNECTED', assets: 1, path: [root], since, ...more };
}

const list: ConfigurationList = {
  management: {
    ...configuration('111111111111', 'Acme'),
    path: [],
    assets: 6,
    lastFullSyncAt: '2026-03-02T00:00:00.000Z',
  },
  children: [
    configuration('444444444444', 'zeta', { path: [root, workloads, production], status: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE' }),
    configuration('333333333333', 'beta', { path: [root, workloads] }),
    configuration('222222222222', 'alpha', { status: 'SKIPPED', cause: 'TAGGED' }),
    configuration('555555555555', 'Alpine', { path: [root, workloads] }),
  ],
  assets: 10,
};

describe('the configurations as a tree', () => {
  it('show the management account, and its children in their organizational units', () => {
    expect(visible(formatConfigurations(list))).toEqual([
      'Acme  111111111111  CONNECTED  6 assets  last sync 2026-03-02T00:00:00.000Z',
      '└─ Root  r-ab12',
      '   ├─ Workloads  ou-ab12-11111111',
      '   │  ├─ Production  ou-ab12-22222222',
      '   │  │  └─ zeta  444444444444  FAILED ROLE_NOT_ASSUMABLE  1 asset',
      '   │  ├─ Alpine  555555555555  CONNECTED  1 asset',
      '   │  └─ beta  333333333333  CONNECTED  1 asset',
      '   └─ alpha  222222222222  SKIPPED TAGGED  1 asset',
      '',
      '4 members: 2 CONNECTED, 1 FAILED, 1 SKIPPED. 10 assets in all.',
    ]);
  });

  it('keep organizational units of the same name apart, and show accounts whose place was never read', () => {
    const twin = { id: 'ou-ab12-33333333', name: 'Workloads' };
    const children = [
      configuration('222222222222', 'one', { path: [root, workloads] }),
      configuration('333333333333', 'two', { path: [root, twin] }),
      configuration('444444444444', 'nowhere', { path: [], status: 'UNKNOWN' }),
    ];
    const lines = visible(formatConfigurations({ ...list, children }));
    expect(lines.slice(1, -2)).toEqual([
      '├─ Root  r-ab12',
      '│  ├─ Workloads  ou-ab12-11111111',
      '│  │  └─ one  222222222222  CONNECTED  1 asset',
      '│  └─ Workloads  ou-ab12-33333333',
      '│     └─ two  333333333333  CONNECTED  1 asset',
      '└─ nowhere  444444444444  UNKNOWN  1 asset',
    ]);
  });

  it('say that nothing was read yet', () => {
    const management = { ...configuration('', ''), path: [], status: 'WAITING', assets: 0 };
    expect(visible(formatConfigurations({ management, children: [], assets: 0 }))).toEqual([
      'management account    WAITING  0 assets  never synced',
      '',
      '0 members. 0 assets in all.',
    ]);
  });
});

describe('the configurations as a table', () => {
  it('have one line per child, with its path', () => {
    const lines = visible(formatConfigurationTable(list));
    const zeta = lines.find((line) => line.startsWith('zeta'));
    expect(zeta?.split(/\s{2,}/)).toEqual([
      'zeta',
      '444444444444',
      'FAILED ROLE_NOT_ASSUMABLE',
      'Root/Workloads/Production',
      '1',
    ]);
    const column = (line: string | undefined, text: string) => line?.indexOf(text);
    expect(column(zeta, 'Root')).toBe(
      column(
        lines.find((line) => line.startsWith('name')),
        'path',
      ),
    );
  });
});

function member(accountId: string, more: Partial<MemberShape> = {}): MemberShape {
  return {
    accountId,
    name: `account ${accountId.slice(0, 1)}`,
    status: 'CONNECTED',
    reason: 'Its role works.',
    since,
    roleOverridden: false,
    warnings: [],
    path: [root, workloads],
    ...more,
  };
}
const failed = { status: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE', reason: 'Create the role.' };
const ana = { principalArn: 'arn:aws:sts::111122223333:assumed-role/platform-admin/ana', eventName: 'TagResource' };

describe('members as a table', () => {
  it('say since when and by whom, and what to do once per cause', () => {
    const lines = visible(
      formatMembers([
        member('222222222222', failed),
        member('333333333333', { status: 'SKIPPED', cause: 'TAGGED', reason: 'It is tagged.', changedBy: ana }),
        member('444444444444', failed),
        member('555555555555', { status: 'PENDING', cause: 'NOT_VERIFIED', reason: 'Wait.' }),
      ]),
    );
    expect(lines[0]?.split(/\s{2,}/)).toEqual(['account', 'name', 'status', 'cause', 'since', 'by']);
    expect(lines[3]?.split(/\s{2,}/)).toEqual(['333333333333', 'account 3', 'SKIPPED', 'TAGGED', since, 'platform-admin/ana']);
    expect(lines.filter((line) => line.startsWith('ROLE_NOT_ASSUMABLE'))).toEqual(['ROLE_NOT_ASSUMABLE: Create the role.']);
    expect(lines).toContain('NOT_VERIFIED: Wait.');
  });

  it('show warnings with the account that they are about', () => {
    const lines = visible(formatMembers([member('222222222222', { warnings: ['The key is j1_integration.'] })]));
    expect(lines.slice(-2)).toEqual(['Warnings', '222222222222: The key is j1_integration.']);
  });

  it('say so when there is none', () => {
    expect(formatMembers([])).toBe('No member.');
  });
});

describe('one member', () => {
  const shown: MemberWithHistory = {
    ...member('222222222222', failed),
    roleArn: 'arn:aws:iam::222222222222:role/own',
    roleOverridden: true,
    warnings: ['One.', 'Two.'],
    lastError: 'AccessDenied',
    history: [
      { at: since, from: 'CONNECTED', to: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE', reason: '', changedBy: ana },
      { at: '2026-02-01T00:00:00.000Z', to: 'PENDING', cause: 'TAGS_NOT_READ', reason: '' },
    ],
  };

  it('has every field that is known, each warning, and its history', () => {
    const lines = visible(formatMember(shown));
    expect(lines).toEqual(
      expect.arrayContaining([
        'status:            FAILED ROLE_NOT_ASSUMABLE',
        'role:              arn:aws:iam::222222222222:role/own (given by hand)',
        'path:              Root/Workloads',
        'last error:        AccessDenied',
        'warning:           One.',
        'warning:           Two.',
      ]),
    );
    expect(lines.some((line) => line.startsWith('verified:'))).toBe(false);
    expect(lines.slice(-2).map((line) => line.split(/\s{2,}/))).toEqual([
      [since, 'CONNECTED -> FAILED', 'ROLE_NOT_ASSUMABLE', 'platform-admin/ana'],
      ['2026-02-01T00:00:00.000Z', '(new) -> PENDING', 'TAGS_NOT_READ'],
    ]);
  });
});

it("no name, tag or principal of a stranger moves the terminal's cursor", () => {
  const evil = '\u001b[2J\u202ex\nforged';
  const text = [
    formatConfigurations({
      ...list,
      management: { ...list.management, name: evil },
      children: [configuration('222222222222', evil, { path: [{ id: 'r-ab12', name: evil }] })],
    }),
    formatConfigurationTable({ ...list, children: [configuration('222222222222', evil, { path: [{ id: 'r-1', name: evil }] })] }),
    formatMembers([
      member('222222222222', {
        ...failed,
        name: evil,
        reason: evil,
        warnings: [evil],
        changedBy: { principalArn: `arn:aws:iam::111122223333:user/${evil}` },
      }),
    ]),
    formatMember({
      ...member('222222222222', {
        name: evil,
        reason: evil,
        warnings: [evil],
        lastError: evil,
        path: [{ id: 'r-1', name: evil }],
      }),
      history: [{ at: since, to: 'FAILED', reason: evil, changedBy: { principalArn: `arn:aws:iam::111122223333:user/${evil}` } }],
    }),
  ].join('\n');
  expect(text).not.toContain('\u001b[2J');
  expect(text).not.toContain('\u202e');
  expect(text.split('\n').filter((line) => line.startsWith('forged'))).toEqual([]);
  expect(text).toContain('\\u001b[2J');
});
