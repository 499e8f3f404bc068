import type { observation } from '@orgtrail/proto';
import { integrationRemoved } from '../scope-changes.js';

type Said = Exclude<keyof typeof observation.EndReason, 'UNSPECIFIED'>;

/** Why a row ended (`ended_reason`). A reason that is added to the contract has to be told here. */
const said: Record<Said, string> = {
  LEFT: 'The account left the organization by itself',
  REMOVED: 'The account was removed from the organization',
  CLEANED: 'AWS removed the account for good, about 90 days after it was closed',
  OU_DELETED: 'The organizational unit was deleted',
  NOT_FOUND: 'AWS answers that it is not there, and no event that was heard says why',
  ABSENT_FROM_COMPLETE_LIST:
    'A complete list that is the only way to read it lacks it: delegations, invitations, a replaced root',
  INVITATION_ACCEPTED: 'The invitation was accepted: its account is a row of its own',
  INVITATION_DECLINED: 'The invitation was declined',
  INVITATION_CANCELED: 'The invitation was canceled',
  INVITATION_EXPIRED: 'The invitation expired',
};

export const endedReasons: Readonly<Record<string, string>> = {
  ...said,
  REPLACED: 'The same subject goes on under another key',
  [integrationRemoved]: 'The integration was removed',
};
