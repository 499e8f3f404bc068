import { describe, expect, it } from '@jest/globals';
import { interpret } from './registry.js';
import { parseRecord, type CloudTrailRecord } from './record.js';

const management = '111122223333';
const context = { managementAccountId: management };
const source = 'organizations.amazonaws.com';

function record(members: object): CloudTrailRecord {
  const parsed = parseRecord({ eventSource: source, eventID: 'e-1', ...members });
  if (!parsed) throw new Error('not a record');
  return parsed;
}

/** What is looked at, as text: `subject parts`, `(departs)`; `everything` for a full sync; the reason of a no-op. */
function looksAt(members: object): string[] {
  const interpretation = interpret(record(members), context);
  if (interpretation.kind === 'no-op') return [interpretation.reason];
  const hints = interpretation.hints.map(
    ({ subject, parts, announcesDeparture }) => `${subject} ${parts.join('+')}${announcesDeparture ? ' (departs)' : ''}`,
  );
  return interpretation.kind === 'full-sync' ? ['everything', ...hints] : hints;
}

const member = ['account:444455556666 core+placement+tags', 'delegation:444455556666 core'];
const departing = ['account:444455556666 core (departs)', 'delegation:444455556666 core'];

describe('membership', () => {
  it.each([
    ['as accountId', { joinedMethod: 'CREATED', accountId: '444455556666' }],
    ['beside the management account', { managementAccountId: management, memberAccountId: '444455556666' }],
    ['deep inside', { account: { details: [{ id: '444455556666' }] }, joinedTime: 1790812800000 }],
    ['inside an ARN', { accountArn: `arn:aws:organizations::${management}:account/o-aa111bb222/444455556666` }],
    ['as a number', { id: 444455556666 }],
    ['beside its GovCloud twin', { id: '444455556666', govCloudAccountId: '777788889999' }],
  ])('finds the account that joined %s', (_, serviceEventDetails) => {
    expect(looksAt({ eventName: 'AccountJoinedOrganization', serviceEventDetails })).toEqual(member);
  });

  it('reads everything when a membership event names no account, or too many to guess', () => {
    const many = ['222222222222', '333333333333', '444444444444', '555555555555'];
    for (const eventName of ['AccountJoinedOrganization', 'AccountDepartedOrganization']) {
      expect(looksAt({ eventName, serviceEventDetails: { managementAccountId: management } })).toEqual(['everything']);
      expect(looksAt({ eventName, serviceEventDetails: { many } })).toEqual(['everything']);
      expect(looksAt({ eventName })).toEqual(['everything']);
    }
  });

  it('announces a departure only when one account can be meant', () => {
    const eventName = 'AccountDepartedOrganization';
    expect(looksAt({ eventName, serviceEventDetails: { departureMethod: 'LEFT', accountId: '444455556666' } })).toEqual(
      departing,
    );
    expect(looksAt({ eventName, serviceEventDetails: { one: '444455556666', other: '555566667777' } })).toEqual([
      ...member,
      'account:555566667777 core+placement+tags',
      'delegation:555566667777 core',
    ]);
  });

  it.each([
    ['AccountDepartedOrganization', { departureMethod: 'LEFT', departureTime: '2026-11-24T12:00:00Z' }],
    ['AccountDepartedOrganization', { departureMethod: 'removed', departureTime: 1790812800000 }],
    ['AccountDepartedOrganization', { departedMethod: 'Cleaned' }],
    ['AccountDepartedOrganization', { departureMethod: 'SOMETHING_OF_NEXT_YEAR' }],
    ['AccountJoinedOrganization', { joinedMethod: 'INVITED' }],
    ['AccountJoinedOrganization', { joinedMethod: 'Created', joinedTime: 'Nov 24, 2026' }],
  ])('%s is read the same, however the way is spelled: %j', (eventName, way) => {
    const expected = eventName === 'AccountJoinedOrganization' ? member : departing;
    const details = { ...way, accountId: '444455556666' };
    expect(looksAt({ eventName, serviceEventDetails: details })).toEqual(expected);
    // As a SIEM writes it, and with whatever type AWS gives it.
    expect(looksAt({ eventName, eventType: 'AwsApiCall', serviceEventDetails: JSON.stringify(details) })).toEqual(expected);
  });

  it.each([
    ['LEFT', { eventName: 'LeaveOrganization', userIdentity: { accountId: '444455556666' } }],
    ['REMOVED', { eventName: 'RemoveAccountFromOrganization', requestParameters: { accountId: '444455556666' } }],
    ['OU_DELETED', { eventName: 'DeleteOrganizationalUnit', requestParameters: { organizationalUnitId: 'ou-a1b2-0123abcd' } }],
    ['LEFT', { eventName: 'AccountDepartedOrganization', serviceEventDetails: { departureMethod: 'Left' } }],
    ['REMOVED', { eventName: 'AccountDepartedOrganization', serviceEventDetails: { departedMethod: 'REMOVED' } }],
    ['CLEANED', { eventName: 'AccountDepartedOrganization', serviceEventDetails: { departureMethod: 'cleaned' } }],
    [undefined, { eventName: 'AccountDepartedOrganization', serviceEventDetails: { departureMethod: 'BY_A_NEW_WAY' } }],
    [undefined, { eventName: 'MoveAccount', requestParameters: { accountId: '444455556666' } }],
  ])('says how who left went: %s, of %j', (departure, members) => {
    const interpretation = interpret(record(members), context);
    expect(interpretation).toMatchObject({ cause: { eventId: 'e-1' } });
    expect('cause' in interpretation && interpretation.cause.departure).toBe(departure);
  });

  it('is seen also where Control Tower moves or creates the account', () => {
    const userIdentity = { invokedBy: 'controltower.amazonaws.com' };
    const requestParameters = { accountId: '444455556666', sourceParentId: 'r-a1b2', destinationParentId: 'ou-a1b2-0123abcd' };
    expect(looksAt({ eventName: 'MoveAccount', userIdentity, requestParameters })).toEqual([
      'account:444455556666 core+placement',
    ]);
  });

  it('takes the caller for the account that leaves, and never the management account', () => {
    const eventName = 'LeaveOrganization';
    expect(looksAt({ eventName, requestParameters: null, userIdentity: { accountId: '444455556666' } })).toEqual(departing);
    expect(looksAt({ eventName, recipientAccountId: '444455556666' })).toEqual(departing);
    expect(looksAt({ eventName, userIdentity: { accountId: management } })).toEqual(['everything']);
    expect(looksAt({ eventName })).toEqual(['everything']);
  });

  it('refreshes the invitation and the account when a handshake is accepted', () => {
    const eventName = 'AcceptHandshake';
    const handshake = { id: 'h-examplehandshakeid111', action: 'invite', parties: [{ type: 'ACCOUNT', id: '444455556666' }] };
    const requestParameters = { handshakeId: 'h-examplehandshakeid111' };
    const invitation = 'invitation:h-examplehandshakeid111 core';
    expect(looksAt({ eventName, responseElements: { handshake } })).toEqual([invitation, ...member]);
    expect(looksAt({ eventName, requestParameters, userIdentity: { accountId: '444455556666' } })).toEqual([
      invitation,
      ...member,
    ]);
    expect(looksAt({ eventName, requestParameters, userIdentity: { accountId: management } })).toEqual([
      'everything',
      invitation,
    ]);
    expect(looksAt({ eventName, responseElements: { handshake: { ...handshake, action: 'APPROVE_ALL_FEATURES' } } })).toEqual([
      invitation,
      'organization core',
    ]);
  });

  it('refreshes the invitation when it is declined or cancelled', () => {
    for (const eventName of ['DeclineHandshake', 'CancelHandshake']) {
      expect(looksAt({ eventName, requestParameters: { handshakeId: 'h-0123abcdef' } })).toEqual([
        'invitation:h-0123abcdef core',
      ]);
      expect(looksAt({ eventName, requestParameters: { handshakeId: '****' } })).toEqual(['everything']);
    }
  });
});

describe('organizational units, tags and delegation', () => {
  it('follows an organizational unit from its creation to its deletion', () => {
    const organizationalUnitId = 'ou-a1b2-0123abcd';
    expect(
      looksAt({ eventName: 'CreateOrganizationalUnit', responseElements: { organizationalUnit: { id: organizationalUnitId } } }),
    ).toEqual(['ou:ou-a1b2-0123abcd core+placement+tags']);
    expect(looksAt({ eventName: 'UpdateOrganizationalUnit', requestParameters: { organizationalUnitId, name: '****' } })).toEqual(
      ['ou:ou-a1b2-0123abcd core+placement'],
    );
    expect(looksAt({ eventName: 'DeleteOrganizationalUnit', requestParameters: { organizationalUnitId } })).toEqual([
      'ou:ou-a1b2-0123abcd core (departs)',
    ]);
    expect(looksAt({ eventName: 'DeleteOrganizationalUnit', requestParameters: { organizationalUnitId: 'ou-A-1' } })).toEqual([
      'everything',
    ]);
  });

  it.each([
    ['444455556666', ['account:444455556666 tags']],
    ['ou-a1b2-0123abcd', ['ou:ou-a1b2-0123abcd tags']],
    ['r-a1b2', ['root:r-a1b2 tags']],
    ['p-bvdv3rx3', ['irrelevant']],
    ['rp-vdj3leyl', ['irrelevant']],
    ['rt-5ipg3ess', ['irrelevant']],
    ['HIDDEN_DUE_TO_SECURITY_REASONS', ['everything']],
  ])('tags on %s', (resourceId, expected) => {
    expect(looksAt({ eventName: 'TagResource', requestParameters: { resourceId, tags: [] } })).toEqual(expected);
    expect(looksAt({ eventName: 'UntagResource', requestParameters: { resourceId, tagKeys: [] } })).toEqual(expected);
  });

  it('reads the delegation of the account that is registered or deregistered', () => {
    const requestParameters = { accountId: '444455556666', servicePrincipal: 'guardduty.amazonaws.com' };
    for (const eventName of ['RegisterDelegatedAdministrator', 'DeregisterDelegatedAdministrator']) {
      expect(looksAt({ eventName, requestParameters })).toEqual(['delegation:444455556666 core']);
    }
  });
});

describe('account management and Control Tower', () => {
  const caller = { userIdentity: { accountId: '777788889999' } };
  const byAccountManagement = { eventSource: 'account.amazonaws.com', ...caller };

  it.each(['PutAccountName', 'AcceptPrimaryEmailUpdate', 'CloseAccount'])(
    '%s is about the named account, else about the caller',
    (eventName) => {
      const named = { ...byAccountManagement, eventName, requestParameters: { accountId: '444455556666', accountName: '****' } };
      expect(looksAt(named)).toEqual(['account:444455556666 core']);
      expect(looksAt({ ...byAccountManagement, eventName, requestParameters: { accountName: '****' } })).toEqual([
        'account:777788889999 core',
      ]);
      // Named, but unreadable: the caller would be the wrong account.
      expect(looksAt({ ...named, requestParameters: { accountId: '4444555566667777' } })).toEqual(['everything']);
    },
  );

  it('looks at the account that Control Tower finished, and at its OU', () => {
    const status = {
      organizationalUnit: { organizationalUnitName: 'Custom', organizationalUnitId: 'ou-a1b2-l3zc8b3h' },
      account: { accountName: 'LifeCycle1', accountId: '444455556666' },
      state: 'SUCCEEDED',
    };
    const finished = (state: string) => ({
      eventSource: 'controltower.amazonaws.com',
      eventName: 'UpdateManagedAccount',
      serviceEventDetails: { updateManagedAccountStatus: { ...status, state } },
    });
    expect(looksAt(finished('SUCCEEDED'))).toEqual([
      'account:444455556666 core+placement+tags',
      'ou:ou-a1b2-l3zc8b3h core+placement',
    ]);
    expect(looksAt(finished('FAILED'))).toEqual(['irrelevant']);
  });
});

describe('the rest', () => {
  it('refreshes the organization, or everything when the organization itself comes or goes', () => {
    expect(looksAt({ eventName: 'EnableAllFeatures' })).toEqual(['organization core']);
    expect(looksAt({ eventName: 'CreateOrganization' })).toEqual(['everything', 'organization core']);
    expect(looksAt({ eventName: 'DeleteOrganization' })).toEqual(['everything']);
  });

  it('does nothing for unknown names, reads and failed calls', () => {
    expect(looksAt({ eventName: 'SomethingOfNextYear' })).toEqual(['unknown-event']);
    expect(looksAt({ eventName: '__proto__' })).toEqual(['unknown-event']);
    expect(looksAt({ eventName: 'SomethingOfNextYear', readOnly: true })).toEqual(['read-only']);
    expect(looksAt({ eventName: 'ListAccounts' })).toEqual(['read-only']);
    expect(
      looksAt({ eventName: 'MoveAccount', errorCode: 'AccessDenied', requestParameters: { accountId: '444455556666' } }),
    ).toEqual(['failed-call']);
    expect(looksAt({ eventSource: 'ec2.amazonaws.com', eventName: 'MoveAccount' })).toEqual(['unknown-event']);
  });

  it('a mask is never an id', () => {
    for (const mask of ['****', 'HIDDEN_DUE_TO_SECURITY_REASONS', 'XXXXXXXXXXXX']) {
      expect(looksAt({ eventName: 'MoveAccount', requestParameters: { accountId: mask } })).toEqual(['everything']);
      expect(
        looksAt({ eventName: 'AccountJoinedOrganization', serviceEventDetails: { accountId: mask, accountName: mask } }),
      ).toEqual(['everything']);
    }
  });
});
