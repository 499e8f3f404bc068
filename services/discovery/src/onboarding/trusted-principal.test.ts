import { describe, expect, it } from '@jest/globals';
import type { StoredIntegration } from '../integrations/integration.js';
import { integrationSettings } from '../integrations/settings.js';
import { principalArn, trustedPrincipal } from './trusted-principal.js';

const stored = (settings: object = {}): StoredIntegration => ({
  id: 'id',
  settings: integrationSettings.parse(settings),
  state: 'active',
  condition: { code: 'WAITING', message: '', since: new Date(0) },
  settingsVersion: '1',
  createdAt: new Date(0),
});
const session = {
  accountId: '444455556666',
  arn: 'arn:aws:sts::444455556666:assumed-role/orgtrail/pod-1',
  trusted: 'arn:aws:iam::444455556666:root',
};
const role = 'arn:aws:iam::444455556666:role/platform/orgtrail';

describe('whom trust policies name', () => {
  it('is the account of a session, whose role has a path that AWS does not tell', () => {
    expect(trustedPrincipal(session, stored(), undefined)).toBe('arn:aws:iam::444455556666:root');
  });

  it('is the role alone where the environment tells it with its path', () => {
    expect(trustedPrincipal(session, stored(), role)).toBe(role);
  });

  it('is what AWS says in another partition, where the environment names one of ours', () => {
    const arn = 'arn:aws-us-gov:iam::777788889999:user/orgtrail';
    const identity = { accountId: '777788889999', arn, trusted: arn };
    expect(trustedPrincipal(identity, stored(), role)).toBe(arn);
  });

  it('is the user itself', () => {
    const arn = 'arn:aws:iam::444455556666:user/orgtrail';
    expect(trustedPrincipal({ accountId: '444455556666', arn, trusted: arn }, stored(), arn)).toBe(arn);
  });

  it.each([
    ['a role of another name', 'arn:aws:iam::444455556666:role/platform/other'],
    ['a role of another account', 'arn:aws:iam::111122223333:role/platform/orgtrail'],
    ['a user of that name', 'arn:aws:iam::444455556666:user/orgtrail'],
  ])('is refused where the environment names %s: nobody would get in', (_who, given) => {
    expect(() => trustedPrincipal(session, stored(), given)).toThrow(/ORGTRAIL_PRINCIPAL_ARN/);
  });

  it('is the intermediate role, which assumes the others', () => {
    const intermediateRole = { roleArn: 'arn:aws:iam::444455556666:role/hub' };
    const identity = { ...session, trusted: intermediateRole.roleArn };
    expect(trustedPrincipal(identity, stored({ roleArn: role, intermediateRole }), role)).toBe(intermediateRole.roleArn);
  });
});

it.each(['arn:aws:sts::444455556666:assumed-role/orgtrail/x', 'arn:aws:iam::444455556666:root', 'orgtrail', ''])(
  'no session, no account and no name is taken for ORGTRAIL_PRINCIPAL_ARN: %p',
  (given) => {
    expect(principalArn.safeParse(given).success).toBe(false);
  },
);
