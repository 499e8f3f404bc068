type UserAgent = [product: string, version: string][];

/** Fixed and documented: customers look for it in their CloudTrail. */
export const userAgent: UserAgent = [['orgtrail', '0.1.0']];

/** Calls of `enable-events` stand out: they change things, which the product never does. */
export const operatorUserAgent: UserAgent = [...userAgent, ['orgtrail-operator', '0.1.0']];

/** Calls that only try whether they are allowed: they prove no need of a permission. */
export const probeUserAgent: UserAgent = [...userAgent, ['orgtrail-probe', '0.1.0']];
