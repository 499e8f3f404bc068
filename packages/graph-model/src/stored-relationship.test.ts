import { describe, expect, it } from '@jest/globals';
import { storedRelationship, wholeRelationship, type Relationship } from './stored-relationship.js';

const ends = { type: 'aws_account_has_account', class: 'HAS', fromKey: 'from', toKey: 'to' };
const given = (what: Partial<Relationship>): Relationship => ({ ...ends, key: 'from|has|to', properties: {}, ...what });

describe('a relationship as it is kept', () => {
  it.each<[string, Relationship, object]>([
    ['has no key that its ends tell, and no empty properties', given({}), ends],
    ['has its properties', given({ properties: { since: 1 } }), { ...ends, properties: { since: 1 } }],
    [
      'has a key that tells several between the same pair apart',
      given({ key: 'from|has|to|sso' }),
      { ...ends, key: 'from|has|to|sso' },
    ],
    ['has a key of other words', given({ key: 'other' }), { ...ends, key: 'other' }],
    [
      'has its key where lower case is not the same everywhere',
      given({ class: 'HÄS', key: 'from|häs|to' }),
      { ...ends, class: 'HÄS', key: 'from|häs|to' },
    ],
  ])('%s, and is whole again', (_, whole, stored) => {
    expect(storedRelationship(whole)).toEqual(stored);
    expect(wholeRelationship(storedRelationship(whole))).toEqual(whole);
  });
});
