import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { eventPattern } from '@orgtrail/aws';
import { answers } from './answers.js';
import { secretHeader } from './receive-post.js';

const page = readFileSync(new URL('../../../../docs/webhook.md', import.meta.url), 'utf8');

describe('docs/webhook.md', () => {
  it('lets through what our own rule does', () => {
    expect(page).toContain(JSON.stringify(eventPattern));
  });

  it('names the header, and every status that a post to the right address is answered with', () => {
    expect(page.toLowerCase()).toContain(`"apikeyname":"${secretHeader}"`);
    const statuses = Object.values(answers).map((answer) => (typeof answer === 'function' ? answer('') : answer).status);
    const elsewhere = [404, 405];
    for (const status of statuses.filter((one) => !elsewhere.includes(one)))
      expect(page).toMatch(new RegExp(`^\\| ${status} `, 'm'));
  });
});
