import { partitionOfArn } from '@orgtrail/aws';
import { z } from 'zod';
import type { StoredIntegration } from '../integrations/integration.js';
import { Refused } from '../integrations/refused.js';

/** An IAM role or user, with its path: what a session's ARN does not tell. */
export const principalArn = z
  .string()
  .regex(
    /^arn:[a-z0-9-]+:iam::\d{12}:(role|user)\/(?:[\x21-\x7e]{1,510}\/)?[\w+=,.@-]{1,64}$/,
    'the ARN of a role or user; a right one is arn:aws:iam::444455556666:role/platform/orgtrail',
  );

interface Identity {
  accountId: string;
  /** As GetCallerIdentity tells it. */
  arn: string;
  /** What follows from it alone: the account's root where it is a session. */
  trusted: string;
}

/**
 * Whom trust policies have to name: the intermediate role where there is one, else the role or user that the environment says we run as, else
 * what AWS's answer allows to say (in another partition than ours, too). Refused where the environment names somebody else: that trust would let nobody in.
 */
export function trustedPrincipal(identity: Identity, { settings }: StoredIntegration, given: string | undefined): string {
  if (settings.intermediateRole || given === undefined) return identity.trusted;
  if (partitionOfArn(given) !== partitionOfArn(identity.arn)) return identity.trusted;
  if (isThatPrincipal(identity, given)) return given;
  throw new Refused(
    'conflict',
    `ORGTRAIL_PRINCIPAL_ARN is ${given}, but AWS says that Orgtrail runs as ${identity.arn}. Correct it, or leave it out.`,
    'ANOTHER_PRINCIPAL',
  );
}

function isThatPrincipal({ accountId, arn }: Identity, given: string): boolean {
  if (given === arn) return true;
  const session = /^arn:[^:]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  return (
    session !== undefined && given.split(':')[4] === accountId && given.includes(':role/') && given.split('/').at(-1) === session
  );
}
