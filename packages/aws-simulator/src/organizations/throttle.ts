import { tooManyRequests } from '../wire/errors.js';

/** Tokens per second, and how many may be saved up. */
type Rate = readonly [perSecond: number, burst: number];

interface Limit {
  account: Rate;
  /** Shared by every caller of the organization. */
  organization?: Rate;
}

/** AWS Organizations user guide, "Quotas", rate limits: autumn 2026. */
const groups: readonly (readonly [Limit, readonly string[]])[] = [
  [{ account: [8, 12], organization: [9, 15] }, ['ListAccounts']],
  [{ account: [6, 10], organization: [7, 12] }, ['ListChildren']],
  [
    { account: [5, 8], organization: [6, 10] },
    [
      'ListParents',
      'ListAccountsForParent',
      'ListOrganizationalUnitsForParent',
      'ListDelegatedAdministrators',
      'ListCreateAccountStatus',
      'ListHandshakesForOrganization',
    ],
  ],
  [{ account: [1, 2], organization: [1, 3] }, ['ListRoots']],
  [{ account: [10, 15], organization: [12, 18] }, ['ListTagsForResource']],
  [{ account: [20, 30], organization: [24, 36] }, ['DescribeAccount']],
  [{ account: [2, 2], organization: [2, 3] }, ['DescribeOrganizationalUnit', 'DescribeCreateAccountStatus']],
  [{ account: [1, 2] }, ['DescribeOrganization', 'CreateOrganizationalUnit']],
  [{ account: [1, 3], organization: [1, 4] }, ['ListAWSServiceAccessForOrganization', 'ListDelegatedServicesForAccount']],
  [{ account: [1, 2], organization: [6, 10] }, ['DescribeHandshake']],
  [{ account: [2, 3] }, ['MoveAccount', 'UpdateOrganizationalUnit', 'DeleteOrganizationalUnit', 'CancelHandshake']],
  [{ account: [4, 6] }, ['TagResource', 'UntagResource']],
  [{ account: [2, 2] }, ['RemoveAccountFromOrganization']],
  [{ account: [0.1, 3] }, ['CreateAccount']],
  [{ account: [0.05, 1] }, ['CloseAccount']],
  [{ account: [3, 5] }, ['InviteAccountToOrganization']],
  [{ account: [1, 2], organization: [5, 5] }, ['AcceptHandshake']],
  [{ account: [1, 1], organization: [5, 5] }, ['DeclineHandshake']],
  [{ account: [1, 2] }, ['RegisterDelegatedAdministrator', 'DeregisterDelegatedAdministrator']],
  [{ account: [1, 1] }, ['LeaveOrganization']],
];

const limits = new Map(groups.flatMap(([limit, names]) => names.map((name) => [name, limit] as const)));

/** The published token buckets, one for each operation and account, and one for each operation and organization. */
export class Throttle {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a token of each bucket, or throws TooManyRequestsException and takes none. */
  admit(operation: string, accountId: string): void {
    const limit = limits.get(operation);
    if (limit === undefined) return;
    const buckets = [this.#bucket(`${operation} ${accountId}`, limit.account)];
    if (limit.organization !== undefined) buckets.push(this.#bucket(operation, limit.organization));
    if (buckets.some(({ tokens }) => tokens < 1)) throw tooManyRequests();
    for (const bucket of buckets) bucket.tokens -= 1;
  }

  #bucket(key: string, [perSecond, burst]: Rate): { tokens: number } {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
