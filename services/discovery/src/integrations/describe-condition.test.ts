import { describe, expect, it } from '@jest/globals';
import { describeCondition, queueFailureOf } from './describe-condition.js';
import type { StoredIntegration } from './integration.js';
import { integrationSettings } from './settings.js';

const queueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail';
const webhook = { since: new Date(0) };
const integration = (more: Partial<StoredIntegration> & { queueUrl?: string } = {}): StoredIntegration => ({
  id: 'id',
  settings: integrationSettings.parse({ ...(more.queueUrl === undefined ? {} : { queueUrl: more.queueUrl }) }),
  state: 'active',
  condition: { code: 'WAITING', message: '', since: new Date(0) },
  organizationId: 'o-exampleorgid',
  settingsVersion: '1',
  createdAt: new Date(0),
  ...more,
});
const told = (stored: StoredIntegration): string => describeCondition(stored).message;

describe('the condition of an integration', () => {
  it('says that only syncs see changes where neither a queue nor a webhook brings events', () => {
    expect(told(integration())).toContain('neither an event queue nor a webhook secret, so changes are seen by syncs only');
    expect(told(integration({ webhook }))).toBe('Watching organization o-exampleorgid.');
    expect(told(integration({ queueUrl }))).toBe('Watching organization o-exampleorgid.');
  });

  it('says what still brings changes while the queue cannot be read', () => {
    const denied = new Error('ReceiveMessage was denied.');
    expect(queueFailureOf(denied, integration({ queueUrl }))).toMatchObject({
      code: 'FAILED',
      message: 'The event queue cannot be read, so changes are seen by syncs only: ReceiveMessage was denied.',
    });
    expect(queueFailureOf(denied, integration({ queueUrl, webhook })).message).toContain('by posted events and by syncs only');
  });

  it('says of a pause that posts are kept, where there are any', () => {
    expect(told(integration({ state: 'paused', queueUrl }))).toBe(
      'Paused: nothing is read, and the queue is left alone. Resume it to catch up with a full sync.',
    );
    expect(told(integration({ state: 'paused', webhook }))).toContain('Events that are posted are kept');
    const { organizationId: _never, ...neverConnected } = integration({ state: 'paused', webhook });
    expect(told(neverConnected)).not.toContain('kept');
  });
});
