import { expect, it } from '@jest/globals';
import { accountRows, expected, observationOf } from './account-rows.fixture.js';
import { normalize } from './normalize.js';

it.each(accountRows)('an account $name', (row) => {
  const { change } = normalize(observationOf(row));
  if (change.case !== 'present' || !change.value.entity) throw new Error('There is no entity.');
  const { entity, relationships } = change.value;
  const properties: Record<string, unknown> = { ...expected.properties, ...row.properties };
  expect(entity.properties).toStrictEqual(
    Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
  );
  const { key, displayName, accountId } = { ...expected.entity, ...row.entity };
  expect(entity).toMatchObject({ key, type: 'aws_account', classes: ['Account'], displayName, accountId });
  expect(relationships.map((edge) => ({ ...edge, $typeName: undefined }))).toEqual(
    (row.edges ?? expected.edges).map((from) => ({
      key: `${from}|has|${key}`,
      type: typeOf(from),
      class: 'HAS',
      ...{ fromKey: from, toKey: key, properties: {}, $typeName: undefined },
    })),
  );
});

function typeOf(from: string): string {
  if (from.includes(':root/')) return 'aws_organization_root_has_account';
  return from.includes(':ou/') ? 'aws_organizational_unit_has_account' : 'aws_account_has_account';
}

it('the table has rows of different names', () => {
  expect(accountRows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(accountRows.map(({ name }) => name)).size).toBe(accountRows.length);
});
