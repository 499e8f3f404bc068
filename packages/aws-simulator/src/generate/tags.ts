import type { Random } from '../random.js';

const teams = ['Payments', 'Platform', 'Größe & Co', 'data', 'セキュリティ'];

/** Tags as people write them: values that careless code trims, parses, escapes or overwrites. About one resource in five has none. */
export function someTags(random: Random, index: number): Map<string, string> {
  const tags = new Map<string, string>();
  if (random.chance(0.2)) return tags;
  tags.set('CostCenter', String(random.integer(0, 99_999)).padStart(6, '0'));
  if (random.chance(0.7)) tags.set('Team', random.pick(teams));
  if (random.chance(0.5)) tags.set('Environment', random.pick(['production', 'Production', 'PROD', 'test', 'true', '1']));
  if (random.chance(0.2)) tags.set('Email', `owner-${random.integer(1, 40)}@example.com`);
  if (random.chance(0.2)) tags.set('tag with spaces', ' kept as they are ');
  if (random.chance(0.2)) tags.set('empty', '');
  if (random.chance(0.1)) tags.set('Owner "quoted"', `O'Brien; "Ann" <ann> & co.`);
  if (random.chance(0.1)) tags.set('constructor', '__proto__');
  if (random.chance(0.1)) tags.set('Zürich:größe/部署', '0x1F');
  if (random.chance(0.1)) tags.set('json', '{"nested": [1, 2, null]}');
  if (index % 23 === 5) tags.set('k'.repeat(128), 'v'.repeat(256));
  if (index % 31 === 9) for (let more = tags.size; more < 50; more += 1) tags.set(`number-${more}`, String(more));
  return tags;
}
