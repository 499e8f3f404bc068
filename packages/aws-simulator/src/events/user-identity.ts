import type { Caller } from '../sts/caller.js';
import { createRandom, seedOf } from '../random.js';
import { isoSeconds } from './times.js';

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An IAM unique id that follows from a name: `AIDA` for users, `AROA` for roles, `ANPA` for policies, `AKIA` and `ASIA` for access keys. */
export function uniqueId(prefix: 'AIDA' | 'AROA' | 'ANPA' | 'AKIA' | 'ASIA', name: string): string {
  return prefix + createRandom(seedOf(`${prefix} ${name}`)).text(16, idAlphabet);
}

/** `userIdentity` of an API call's record, by the kind of principal, shaped like the samples. */
export function userIdentityOf(caller: Caller, now: number): Record<string, unknown> {
  const [, partition = 'aws', , , accountId = caller.accountId, resource = ''] = caller.arn.split(':');
  const [kind, ...rest] = resource.split('/');
  const invokedBy = caller.invokedBy === undefined ? {} : { invokedBy: caller.invokedBy };
  if (kind === 'assumed-role') {
    const [roleName = '', session = ''] = rest;
    const issuer = caller.role?.arn ?? `arn:${partition}:iam::${accountId}:role/${roleName}`;
    const principalId = uniqueId('AROA', issuer);
    return {
      type: 'AssumedRole',
      principalId: `${principalId}:${session}`,
      arn: caller.arn,
      accountId,
      accessKeyId: caller.accessKeyId,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId, arn: issuer, accountId, userName: roleName },
        webIdFederationData: {},
        attributes: { creationDate: isoSeconds(caller.sessionBegan ?? now - 600_000), mfaAuthenticated: 'false' },
      },
      ...invokedBy,
    };
  }
  if (kind === 'root') {
    return {
      type: 'Root',
      principalId: accountId,
      arn: caller.arn,
      accountId,
      accessKeyId: caller.accessKeyId,
      sessionContext: {
        sessionIssuer: {},
        webIdFederationData: {},
        attributes: { creationDate: isoSeconds(now - 600_000), mfaAuthenticated: 'true' },
      },
      ...invokedBy,
    };
  }
  return {
    type: 'IAMUser',
    principalId: caller.userId,
    arn: caller.arn,
    accountId,
    accessKeyId: caller.accessKeyId,
    userName: rest.at(-1) ?? '',
    ...invokedBy,
  };
}
