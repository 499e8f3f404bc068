import {
  certificateCodes,
  clockCodes,
  credentialCodes,
  deniedCodes,
  networkCodeOf,
  notFoundCodes,
  throttlingCodes,
} from './error-codes.js';

export type AwsErrorKind =
  | 'not-found'
  | 'throttled'
  | 'denied'
  | 'not-in-organization'
  | 'credentials'
  | 'unreachable'
  | 'malformed'
  | 'page-token-expired'
  | 'unavailable'
  | 'invalid';

/** A failed call of AWS, with its policy: `retriable` says whether the same call may succeed later. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly kind: AwsErrorKind;
  readonly retriable: boolean;
  /** `ListAccounts`, `AssumeRole`, … */
  readonly operation: string;
  /** AWS's own code, for example `AccountNotFoundException`. */
  readonly code?: string;
  readonly httpStatus?: number;
  /** For so long AWS does not want to be asked. */
  readonly retryAfterMs?: number;
  constructor(
    message: string,
    options: {
      kind: AwsErrorKind;
      operation: string;
      code?: string | undefined;
      httpStatus?: number | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.operation = options.operation;
    this.retriable = retriableKinds.has(options.kind);
    if (options.code !== undefined) this.code = options.code;
    if (options.httpStatus !== undefined) this.httpStatus = options.httpStatus;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

const retriableKinds: ReadonlySet<AwsErrorKind> = new Set(['throttled', 'unreachable', 'unavailable']);

interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  /** Of a proxy's answer. */
  statusCode?: number;
  /** The name that could not be looked up. */
  hostname?: string;
  /** Of the request, as our request handler notes it. */
  endpointHost?: string;
  Reason?: string;
  $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
  $response?: { statusCode?: number; headers?: Record<string, string> };
}

/** Turns whatever the SDK threw into an `AwsError`. AWS's own sentence is kept; credentials never stand in it. */
export function toAwsError(error: unknown, operation: string): AwsError {
  if (error instanceof AwsError) return error;
  const thrown = (error ?? {}) as SdkError;
  const code = thrown.name ?? '';
  const httpStatus = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode;
  const made = (kind: AwsErrorKind, message: string) =>
    new AwsError(message, { kind, operation, code, httpStatus, cause: error });
  /** `code` is then Node's, since AWS said nothing. */
  const unreached = (kind: AwsErrorKind, message: string, networkCode = thrown.code) =>
    new AwsError(`${operation}: ${message}`, { kind, operation, code: networkCode, httpStatus, cause: error });
  const said = withoutExternalId(thrown.message && thrown.message !== code ? thrown.message : code);

  if (isClockRefusal(error)) {
    return made('unavailable', `${operation}: AWS refused the time of the request (${code}). Set the clock of this machine.`);
  }
  if (credentialCodes.has(code)) {
    const advice =
      code === 'CredentialsProviderError' || code === 'TokenProviderError'
        ? 'No usable AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role is attached.'
        : 'AWS refused the credentials. Check that they are current and belong to the management account (or a delegated administrator).';
    return made('credentials', `${operation}: ${code}. ${advice}`);
  }
  if (notFoundCodes.has(code)) return made('not-found', `${operation}: ${said}`);
  if (throttlingCodes.has(code) || httpStatus === 429)
    return new AwsError(`${operation}: AWS asked to slow down (${code}).`, {
      kind: 'throttled',
      operation,
      code,
      httpStatus,
      retryAfterMs: retryAfterOf(thrown),
      cause: error,
    });
  if (deniedCodes.has(code)) return made('denied', `${operation}: ${said}`);
  if (code === 'AWSOrganizationsNotInUseException')
    return made('not-in-organization', `${operation}: the account is in no organization.`);
  if (code === 'InvalidInputException' && ['INVALID_PAGINATION_TOKEN', 'INVALID_NEXT_TOKEN'].includes(thrown.Reason ?? '')) {
    return made('page-token-expired', `${operation}: the page token is no longer valid.`);
  }
  if (code === 'ConcurrentModificationException') return made('unavailable', `${operation}: ${said}`);
  if (thrown.code === 'ERR_PROXY_INVALID_CONFIG') return unreached('invalid', said);
  const networkCode = networkCodeOf(error);
  if (networkCode !== undefined) return unreached('unreachable', unreachableBecause(networkCode, thrown), networkCode);
  // The SDK could not make sense of the body: an HTML page, a proxy's answer, something that is not this API.
  const unreadable = code === 'SyntaxError' || /deserializ|is not valid json/i.test(thrown.message ?? '');
  // Gateways answer pages too while they are overloaded (502 to 504); any other page comes again however often we ask.
  if (unreadable && !(httpStatus !== undefined && httpStatus > 501)) {
    const status = httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`;
    return made('malformed', `${operation}: the answer is not one of the AWS API${status}.`);
  }
  if (httpStatus !== undefined && httpStatus >= 500) {
    return made('unavailable', `${operation}: AWS answered HTTP ${httpStatus}.`);
  }
  if (
    httpStatus === 404 ||
    code === 'UnknownOperationException' ||
    code === 'UnknownError' ||
    code === '404' ||
    code === 'Unknown'
  ) {
    return made(
      'unavailable',
      `${operation}: this endpoint does not know the operation${httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`}.`,
    );
  }
  return made('invalid', `${operation}: ${said}`);
}

/** `Retry-After` in seconds, the only form that AWS sends. */
function retryAfterOf({ $response }: SdkError): number | undefined {
  const seconds = Number($response?.headers?.['retry-after'] ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

/**
 * AWS refused the time of the request. The SDK's client has heard AWS's time by that, and signs with it from now on: the same call will
 * pass. (It says so of every refusal while clocks differ, also of those that have other reasons.)
 */
function isClockRefusal(error: unknown): boolean {
  const { name = '', message = '', $metadata } = (error ?? {}) as SdkError;
  const isOfTime = clockCodes.has(name) || /signature (expired|not yet current)/i.test(message);
  return isOfTime && $metadata?.clockSkewCorrected === true;
}

/**
 * The same for AssumeRole, wherever it was called from: the SDK assumes roles inside of other calls. A refusal names the role and says
 * what to check, since AWS tells a missing role, a foreign principal and a wrong external id apart to nobody.
 */
export function toAssumeRoleError(error: unknown, roleArn: string): AwsError {
  const failure = toAwsError(error, 'AssumeRole');
  if (failure === error || failure.kind !== 'denied') return failure;
  return new AwsError(
    `AssumeRole: AWS refused the role ${roleArn}. Check that the role exists, that its trust policy names the caller and the external id, and that the caller's own policy allows sts:AssumeRole. AWS said: ${failure.message.replace('AssumeRole: ', '')}`,
    { kind: 'denied', operation: 'AssumeRole', code: failure.code, httpStatus: failure.httpStatus, cause: error },
  );
}

/** STS repeats an external id that it takes for malformed. */
const withoutExternalId = (sentence: string): string =>
  sentence.replace(/value '[^']*' at 'externalId'/gi, "the value at 'externalId'");

function unreachableBecause(networkCode: string, { statusCode, endpointHost, hostname }: SdkError): string {
  if (networkCode === 'ERR_PROXY_TUNNEL') {
    const advice =
      statusCode === 407
        ? 'It asks for a name and a password: write them in HTTPS_PROXY (http://name:password@proxy.example:3128).'
        : 'Check HTTPS_PROXY, and that the proxy lets through to amazonaws.com, port 443.';
    return `the proxy refused the way to AWS${statusCode === undefined ? '' : ` (HTTP ${statusCode})`}. ${advice}`;
  }
  if (certificateCodes.has(networkCode)) {
    return `the certificate that answered is not trusted (${networkCode}). Where a proxy looks into TLS, name its certificate authority in NODE_EXTRA_CA_CERTS.`;
  }
  const where = endpointHost === undefined ? '' : ` at ${endpointHost}`;
  // The proxy's, where there is one.
  const other = hostname === undefined || hostname === endpointHost ? '' : ` ${hostname}`;
  return `AWS could not be reached${where} (${networkCode}${other}).`;
}
