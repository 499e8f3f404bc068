const toleranceMs = 300_000;

/**
 * What AWS says of a request that was signed too long ago, or too far ahead, by its own clock; `undefined` when it was signed in time. `signedAt` is
 * the header `x-amz-date`.
 */
export function clockComplaint(signedAt: string | undefined, awsNow: number): string | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt ?? '') ?? [];
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (signedAt === undefined || parts.length === 0) return undefined;
  const signed = Date.UTC(year, month - 1, day, hour, minute, second);
  if (signed < awsNow - toleranceMs) {
    return `Signature expired: ${signedAt} is now earlier than ${basic(awsNow - toleranceMs)} (${basic(awsNow)} - 5 min.)`;
  }
  if (signed > awsNow + toleranceMs) {
    return `Signature not yet current: ${signedAt} is still later than ${basic(awsNow + toleranceMs)} (${basic(awsNow)} + 5 min.)`;
  }
  return undefined;
}

/** `20261123T100000Z` */
const basic = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
