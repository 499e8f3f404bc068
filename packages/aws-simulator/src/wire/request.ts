import type { IncomingMessage } from 'node:http';

/** What the credentials in a request claim. */
export interface Claim {
  accessKeyId: string;
  region: string;
  /** The name of the service that the request is signed for. */
  service: string;
  /** `20261123T100000Z`, as it was signed. */
  signedAt: string | undefined;
  sessionToken: string | undefined;
}

/** From the Authorization header of Signature Version 4; `undefined` when there is none. Signatures are not checked. */
export function claimOf({ headers }: IncomingMessage): Claim | undefined {
  const scope = /^AWS4-\S+ Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\//.exec(headers.authorization ?? '');
  const [, accessKeyId, region, service] = scope ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return {
    accessKeyId,
    region,
    service,
    signedAt: [headers['x-amz-date']].flat()[0],
    sessionToken: [headers['x-amz-security-token']].flat()[0],
  };
}

const largestBody = 2 * 1024 * 1024;

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new RangeError('The request is larger than any that AWS takes.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
