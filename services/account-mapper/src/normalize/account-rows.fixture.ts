import type { create, JsonObject, MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { observation } from '@orgtrail/proto';
import { management, observe } from './observations.fixture.js';

type Given<Schema extends Parameters<typeof create>[0]> = Exclude<MessageInitShape<Schema>, { $typeName: string }>;
type AccountState = Given<typeof observation.AccountSchema>;

export interface AccountRow {
  name: string;
  /** How the state differs from that of the first row. Undefined: AWS did not say. */
  state?: { [field in keyof AccountState]?: AccountState[field] | undefined };
  observation?: Given<typeof observation.ObservationSchema>;
  /** How the properties differ from those of the first row. Undefined: absent. */
  properties?: Record<string, JsonObject[string] | undefined>;
  /** The entity beside its properties, where it differs. */
  entity?: { key?: string; displayName?: string; accountId?: string };
  /** `<from>|has` of each, in the order of the keys, where they differ. */
  edges?: string[];
}

export const member = '000012345678';
const organizations = `arn:aws:organizations::${management}`;
const joinedAt = 1_481_830_215_450;
const unit = 'ou-ab12-11111111';

/** All that is known of an active account. */
export const activeAccount: AccountState = {
  id: member,
  arn: `${organizations}:account/o-exampleorgid/${member}`,
  name: 'payments',
  email: 'payments@example.com',
  state: 'ACTIVE',
  joinedMethod: 'CREATED',
  joinedAt: timestampFromMs(joinedAt),
  placement: { parentId: unit, ancestorIds: ['r-ab12', unit] },
  tags: { values: {}, fromIndex: false },
};

/** What becomes of the first row: all that is known of an active account. */
export const expected = {
  entity: { key: `arn:aws:iam::${member}:root`, displayName: 'payments', accountId: member },
  properties: {
    accountId: member,
    id: member,
    active: true,
    arn: `arn:aws:iam::${member}:root`,
    orgAccountArn: `${organizations}:account/o-exampleorgid/${member}`,
    name: 'payments',
    orgAccountName: 'payments',
    displayName: 'payments',
    displayNames: ['payments'],
    email: 'payments@example.com',
    joinedMethod: 'CREATED',
    joinedOn: joinedAt,
    status: 'ACTIVE',
    master: false,
    vendor: 'Amazon Web Services',
    organizationId: 'o-exampleorgid',
    parentId: unit,
    pathIds: ['r-ab12', unit],
    placementKnown: true,
    tagsKnown: true,
  } satisfies JsonObject,
  edges: [`arn:aws:iam::${management}:root`, `${organizations}:ou/o-exampleorgid/${unit}`],
};

export function observationOf(row: AccountRow): observation.Observation {
  const given = Object.fromEntries(Object.entries({ ...activeAccount, ...row.state }).filter(([, value]) => value !== undefined));
  return observe({ case: 'account', value: given as AccountState }, { subject: `account:${member}`, ...row.observation });
}

const named = (what: string, name: string): AccountRow => ({
  name: `named in ${what}`,
  state: { name },
  properties: { name, orgAccountName: name, displayName: name, displayNames: [name] },
  entity: { displayName: name },
});
const tagged = (what: string, values: Record<string, string>, properties: Record<string, string>): AccountRow => ({
  name: `tagged ${what}`,
  state: { tags: { values, fromIndex: false } },
  properties,
});
const inState = (what: string, given: string, active: boolean | null, status = given): AccountRow => ({
  name: what,
  state: { state: given },
  properties: { active, status },
});
const inPartition = (what: string, partition: string, written = partition): AccountRow => ({
  name: `in ${what}`,
  observation: { organization: { partition, organizationId: 'o-exampleorgid', managementAccountId: management } },
  properties: { arn: `arn:${written}:iam::${member}:root` },
  entity: { key: `arn:${written}:iam::${member}:root` },
  edges: [`arn:${written}:iam::${management}:root`, `arn:${written}:organizations::${management}:ou/o-exampleorgid/${unit}`],
});
const ofManagement = (row: Omit<AccountRow, 'edges'>): AccountRow => ({
  ...row,
  state: { ...row.state, id: management },
  properties: {
    ...{ accountId: management, id: management, arn: `arn:aws:iam::${management}:root`, master: true },
    ...row.properties,
  },
  entity: { key: `arn:aws:iam::${management}:root`, accountId: management, ...row.entity },
  edges: [`${organizations}:ou/o-exampleorgid/${unit}`],
});
const ofMember = (status: string, given: Given<typeof observation.MemberSchema>, properties: JsonObject): AccountRow => ({
  name: `a member that is ${status}`,
  state: { member: { status, reason: 'Why.', ...given } },
  properties: { memberStatus: status, memberReason: 'Why.', ...properties },
});
const since = 1_790_000_000_000;

const longest = Array.from({ length: 50 }, (_, index): [string, string] => [
  `k${String(index).padStart(2, '0')}`.padEnd(128, 'k'),
  `v${index}`.padEnd(256, 'v'),
]);
const at = (parentId: string, ancestorIds: string[]) => ({ parentId, ancestorIds });
const deep = ['r-ab12', 'ou-ab12-1', 'ou-ab12-2', 'ou-ab12-3', 'ou-ab12-4', 'ou-ab12-5'];

export const accountRows: readonly AccountRow[] = [
  { name: 'all that is known of an active one' },

  // State, or the retired Status: the reader gives either as `state`.
  inState('in state PENDING_ACTIVATION', 'PENDING_ACTIVATION', false),
  inState('in state SUSPENDED, as the retired Status says it too', 'SUSPENDED', false),
  inState('in state PENDING_CLOSURE', 'PENDING_CLOSURE', false),
  inState('in state CLOSED', 'CLOSED', false),
  inState('in no state that AWS told', '', null, 'UNKNOWN'),
  inState('in a state that is new to us', 'HIBERNATING', null),
  inState('in a state that AWS does not spell so', 'active', null),

  { name: 'that was invited', state: { joinedMethod: 'INVITED' }, properties: { joinedMethod: 'INVITED' } },
  { name: 'of which AWS does not say how it joined', state: { joinedMethod: '' }, properties: { joinedMethod: undefined } },
  { name: 'of which AWS does not say when it joined', state: { joinedAt: undefined }, properties: { joinedOn: undefined } },
  { name: 'that joined at the epoch', state: { joinedAt: timestampFromMs(0) }, properties: { joinedOn: 0 } },
  { name: 'whose address is withheld', state: { email: undefined }, properties: { email: undefined } },
  { name: 'whose address is in another script', state: { email: 'Ñandú@例え.jp' }, properties: { email: 'Ñandú@例え.jp' } },
  { name: 'without ARN of the organization', state: { arn: '' }, properties: { orgAccountArn: '' } },
  {
    name: 'of which nothing is known but its id',
    state: {
      ...{ arn: undefined, name: undefined, email: undefined, state: undefined, joinedMethod: undefined, joinedAt: undefined },
      ...{ placement: undefined, tags: undefined },
    },
    properties: {
      ...{ orgAccountArn: '', name: '', orgAccountName: '', displayName: '', displayNames: [''], email: undefined },
      ...{ joinedMethod: undefined, joinedOn: undefined, active: null, status: 'UNKNOWN', tagsKnown: false },
      ...{ parentId: undefined, pathIds: undefined, placementKnown: false },
    },
    entity: { displayName: '' },
    edges: [`arn:aws:iam::${management}:root`],
  },

  named('Arabic', 'حساب الإنتاج'),
  named('Hebrew, with marks of direction', '\u200fייצור\u200e (prod)\u202e'),
  named('Chinese, Japanese and Korean', '生产 本番 운영'),
  named('emoji of several code points', 'team 👩🏽‍🚀 🏴󠁧󠁢󠁳󠁣󠁴󠁿'),
  named('combining marks, which are not composed', 'Cafe\u0301 Z\u0323\u0307'),
  named('quotes and what escapes', `"double" 'single' \\back\\ \`tick\` $1 %s {{x}} </script> | pipe`),
  named('NUL and other control characters', 'a\u0000b\u0007\ttab\nline'),
  named('spaces before and behind', '  payments  '),
  named('the word that objects know', '__proto__'),

  tagged('Email', { Email: 'Tag@Example.com' }, { 'tag.Email': 'Tag@Example.com' }),
  tagged('email', { email: 'tag@example.com' }, { 'tag.email': 'tag@example.com' }),
  tagged('Name', { Name: 'another name' }, { 'tag.Name': 'another name' }),
  tagged('accountId', { accountId: '999999999999' }, { 'tag.accountId': '999999999999' }),
  tagged('tag.x', { 'tag.x': 'y' }, { 'tag.tag.x': 'y' }),
  tagged('tagsKnown and active', { tagsKnown: 'no', active: 'no' }, { 'tag.tagsKnown': 'no', 'tag.active': 'no' }),
  tagged('owner and Owner', { owner: 'ana', Owner: 'Ben' }, { 'tag.owner': 'ana', 'tag.Owner': 'Ben' }),
  tagged('constructor', { constructor: 'x', toString: 'y' }, { 'tag.constructor': 'x', 'tag.toString': 'y' }),
  tagged(
    'with what looks like another type',
    { cost: '007', on: 'true', half: '0.50' },
    {
      ...{ 'tag.cost': '007', 'tag.on': 'true', 'tag.half': '0.50' },
    },
  ),
  tagged('with an empty value', { empty: '' }, { 'tag.empty': '' }),
  tagged('with every mark that AWS allows', { 'a_b.c:d/e=f+g-h@i j': '_.:/=+-@ ' }, { 'tag.a_b.c:d/e=f+g-h@i j': '_.:/=+-@ ' }),
  tagged('with quotes and NUL', { quote: `'"\\`, nul: 'a\u0000b' }, { 'tag.quote': `'"\\`, 'tag.nul': 'a\u0000b' }),
  tagged('in Arabic and Chinese', { مالك: 'آنا', 所有者: '王' }, { 'tag.مالك': 'آنا', 'tag.所有者': '王' }),
  tagged('fifty times with the longest keys and values', Object.fromEntries(longest), {
    ...Object.fromEntries(longest.map(([key, value]) => [`tag.${key}`, value])),
  }),
  { name: 'whose tags were never read', state: { tags: undefined }, properties: { tagsKnown: false } },
  {
    name: 'whose tags only the index told',
    state: { tags: { values: { env: 'prod' }, fromIndex: true } },
    properties: { 'tag.env': 'prod', tagsFromIndex: true },
  },
  {
    name: 'of which only the index told that it has no tags',
    state: { tags: { values: {}, fromIndex: true } },
    properties: { tagsFromIndex: true },
  },
  {
    name: 'with tags of the configuration, one of which AWS has, too',
    state: { tags: { values: { Production: 'no' }, fromIndex: false } },
    observation: { configuredTags: { AccountName: 'payments', Production: 'true' } },
    properties: { 'tag.AccountName': 'payments', 'tag.Production': 'no' },
  },
  {
    name: 'with a tag of the configuration while its own were never read',
    state: { tags: undefined },
    observation: { configuredTags: { Production: 'true' } },
    properties: { 'tag.Production': 'true', tagsKnown: false },
  },

  {
    name: 'whose place was never read',
    state: { placement: undefined },
    properties: { parentId: undefined, pathIds: undefined, placementKnown: false },
    edges: [`arn:aws:iam::${management}:root`],
  },
  {
    name: 'below the root',
    state: { placement: at('r-ab12', ['r-ab12']) },
    properties: { parentId: 'r-ab12', pathIds: ['r-ab12'] },
    edges: [`arn:aws:iam::${management}:root`, `${organizations}:root/o-exampleorgid/r-ab12`],
  },
  {
    name: 'five units deep',
    state: { placement: at('ou-ab12-5', deep) },
    properties: { parentId: 'ou-ab12-5', pathIds: deep },
    edges: [`arn:aws:iam::${management}:root`, `${organizations}:ou/o-exampleorgid/ou-ab12-5`],
  },
  {
    name: 'with several paths, and no place before',
    state: { placement: undefined, conflictingPaths: ['o-exampleorgid/r-ab12/a', 'o-exampleorgid/r-ab12/b'] },
    properties: {
      ...{ parentId: undefined, pathIds: undefined, placementKnown: false },
      placementProblem: ['o-exampleorgid/r-ab12/a', 'o-exampleorgid/r-ab12/b'],
    },
    edges: [`arn:aws:iam::${management}:root`],
  },
  {
    name: 'with several paths, where its place before stays',
    state: { conflictingPaths: ['a', 'b'] },
    properties: { placementProblem: ['a', 'b'] },
  },

  ofManagement({ name: 'that is the management account' }),
  ofManagement({
    name: 'that is the management account, under the name that was typed',
    observation: { configuredName: 'Acme production' },
    properties: { displayName: 'Acme production', displayNames: ['Acme production', 'payments'] },
    entity: { displayName: 'Acme production' },
  }),
  ofManagement({ name: 'that is the management account, typed as AWS has it', observation: { configuredName: 'payments' } }),
  inPartition('GovCloud', 'aws-us-gov'),
  inPartition('China', 'aws-cn'),
  inPartition('a partition that nobody said', '', 'aws'),

  ofMember(
    'CONNECTED',
    { roleArn: 'arn:role', since: timestampFromMs(since) },
    { memberRoleArn: 'arn:role', memberSince: since },
  ),
  ofMember('PENDING', { cause: 'TAGS_NOT_READ' }, { memberCause: 'TAGS_NOT_READ' }),
  ofMember(
    'FAILED',
    { cause: 'ROLE_NOT_ASSUMABLE', warnings: ['odd'] },
    { memberCause: 'ROLE_NOT_ASSUMABLE', memberWarnings: ['odd'] },
  ),
  ofMember('SKIPPED', { cause: 'TAGGED', changedBy: 'arn:ana' }, { memberCause: 'TAGGED', memberChangedBy: 'arn:ana' }),
  ofMember('EXCLUDED', {}, {}),
  ofMember('SUSPENDED', {}, {}),
  ofMember('CLOSED', {}, {}),
  ofMember('REMOVED', {}, {}),
  ofMember('UNKNOWN', { since: timestampFromMs(0) }, { memberSince: 0 }),
];
