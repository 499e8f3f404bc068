import type { IncomingMessage } from 'node:http';

/** What the credentials in a request claim. */
export interface Claim {
  accessKeyId: string;
  region: string;
  sessionToken: string | undefined;
}

/** From the Authorization header of Signature Version 4 (or 4A); `undefined` when there is none. Signatures are not checked. */
export function claimOf({ headers }: IncomingMessage): Claim | undefined {
  const scope = /^AWS4-\S+ Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\//.exec(headers.authorization ?? '');
  const [, accessKeyId, region] = scope ?? [];
  if (accessKeyId === undefined || region === undefined) return undefined;
  const token = headers['x-amz-security-token'];
  return { accessKeyId, region, sessionToken: Array.isArray(token) ? token[0] : token };
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
