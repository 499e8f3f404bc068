/** Codes of AWS, of the SDK and of Node, by what they mean. */

export const notFoundCodes = new Set([
  'AccountNotFoundException',
  'OrganizationalUnitNotFoundException',
  'ParentNotFoundException',
  'ChildNotFoundException',
  'TargetNotFoundException',
  'RootNotFoundException',
  'AccountNotRegisteredException',
  'HandshakeNotFoundException',
  'ResourceNotFoundException',
  'TrailNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);
export const throttlingCodes = new Set([
  'TooManyRequestsException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
]);
export const deniedCodes = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'AccessDeniedForDependencyException',
  'UnauthorizedOperation',
  'AccessDeniedFault',
  'KmsAccessDenied',
]);
export const credentialCodes = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'InvalidAccessKeyId',
]);
export const clockCodes = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);
/** Certificates that Node does not trust: usually those of a proxy that looks into TLS. */
export const certificateCodes = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
  'NetworkingError',
  'ERR_PROXY_TUNNEL',
  ...certificateCodes,
]);

/** Looks through causes, and through the attempts on several addresses that Node collects in one error. */
export function networkCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, name, message, cause, errors } = error as Record<'code' | 'name' | 'message' | 'cause' | 'errors', unknown>;
  // The SDK wraps what is no `Error` to it, and keeps only the text ("connect ECONNREFUSED 127.0.0.1:443").
  const said = typeof message === 'string' ? (/\b(E[A-Z_]+)\b/.exec(message)?.[1] ?? '') : '';
  const known = [code, name, said].find((candidate) => typeof candidate === 'string' && networkCodes.has(candidate));
  if (typeof known === 'string') return known;
  const inner: unknown[] = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return inner.map(networkCodeOf).find((found) => found !== undefined);
}
