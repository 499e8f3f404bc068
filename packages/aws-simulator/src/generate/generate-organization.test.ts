import { describe, expect, it } from '@jest/globals';
import { idPatterns } from '../model/ids.js';
import { OrganizationView } from '../model/view.js';
import { generateOrganization, type OrganizationShape } from './generate-organization.js';

const demo: OrganizationShape = { seed: 42, accounts: 60, organizationalUnits: 14 };

function generate(shape: OrganizationShape): OrganizationView {
  const { identity, tables } = generateOrganization(shape);
  return new OrganizationView(identity, tables);
}

const levelsOf = (view: OrganizationView): number =>
  Math.max(0, ...[...view.organizationalUnits.keys()].map((id) => view.levelOf(id)));

describe('a generated organization', () => {
  it('follows from its seed, in every id, name, tag and place', () => {
    expect(generateOrganization(demo)).toEqual(generateOrganization(demo));
    expect(generateOrganization({ ...demo, seed: 43 })).not.toEqual(generateOrganization(demo));
  });

  it('for the demo has what a grown organization has', () => {
    const view = generate(demo);
    const accounts = [...view.accounts.values()];
    const count = (matches: (account: (typeof accounts)[number]) => boolean): number => accounts.filter(matches).length;
    expect(accounts).toHaveLength(60);
    expect(view.organizationalUnits.size).toBe(14);
    expect(levelsOf(view)).toBe(3);
    expect(count(({ state }) => state === 'SUSPENDED')).toBe(1);
    expect(count(({ state }) => state === 'CLOSED')).toBe(1);
    expect(count(({ tags }) => tags.get('j1-integration') === 'SKIP')).toBe(2);
    expect(count(({ id }) => id.startsWith('0'))).toBeGreaterThan(1);
    expect(view.delegations.size).toBe(3);
    expect([...view.handshakes.values()].map(({ state }) => state)).toEqual(['OPEN']);
    expect(view.managementAccount).toMatchObject({ joinedMethod: 'INVITED', parentId: view.root.id });
  });

  it('has odd names and tags among the plain ones', () => {
    const view = generate({ ...demo, accounts: 200, organizationalUnits: 40 });
    const accounts = [...view.accounts.values()];
    const values = accounts.flatMap(({ tags }) => [...tags]);
    expect(accounts.some(({ name }) => /[^ -~]/.test(name))).toBe(true);
    expect(accounts.some(({ name }) => name.includes('"'))).toBe(true);
    expect(accounts.some(({ tags }) => tags.size === 0)).toBe(true);
    expect(accounts.some(({ tags }) => tags.size === 50)).toBe(true);
    expect(values.some(([key]) => key === 'Email')).toBe(true);
    expect(values.some(([key]) => key === 'tag with spaces')).toBe(true);
    expect(values.some(([, value]) => value === '')).toBe(true);
    expect(values.some(([key, value]) => key.length === 128 && value.length === 256)).toBe(true);
    expect(values.some(([key, value]) => key === 'CostCenter' && value.startsWith('0'))).toBe(true);
    expect([...view.organizationalUnits.values()].some(({ name }) => /[^ -~]/.test(name))).toBe(true);
  });

  it.each([
    { seed: 1, accounts: 1, organizationalUnits: 0 },
    { seed: 1, accounts: 2, organizationalUnits: 1 },
    { seed: 2, accounts: 300, organizationalUnits: 120 },
    { seed: 3, accounts: 50, organizationalUnits: 9, levels: 5 },
    { seed: 4, accounts: 10_000, organizationalUnits: 2_000 },
  ])('keeps to the limits of AWS: $accounts accounts in $organizationalUnits units', (shape) => {
    const view = generate(shape);
    const units = [...view.organizationalUnits.values()];
    expect(view.accounts.size).toBe(shape.accounts);
    expect(units).toHaveLength(shape.organizationalUnits);
    expect(levelsOf(view)).toBeLessThanOrEqual(5);
    if (shape.organizationalUnits > 100 || shape.levels === 5) expect(levelsOf(view)).toBe(5);
    expect(new Set([...view.accounts.values()].map(({ email }) => email)).size).toBe(shape.accounts);
    for (const { id, name, email, parentId, tags } of view.accounts.values()) {
      expect(id).toMatch(idPatterns.account);
      expect(view.isParent(parentId)).toBe(true);
      expect(name.length).toBeGreaterThan(0);
      expect(name.length).toBeLessThanOrEqual(50);
      expect(email.length).toBeLessThanOrEqual(64);
      expect(tags.size).toBeLessThanOrEqual(50);
    }
    const siblings = new Set(units.map(({ parentId, name }) => `${parentId} ${name}`));
    expect(siblings.size).toBe(units.length);
    for (const { id, parentId } of units) {
      expect(id).toMatch(idPatterns.organizationalUnit);
      expect(view.isParent(parentId)).toBe(true);
    }
  });
});
