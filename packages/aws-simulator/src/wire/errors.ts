/** An error as AWS sends it: a code that the SDK makes an exception class of, and perhaps more members. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members beside the message, such as `Reason`. */
  readonly members: Readonly<Record<string, string>>;
  /** The code of the query protocol, where the service kept it (SQS). */
  readonly queryCode: string | undefined;
  /** The code in CloudTrail, where it differs. */
  readonly cloudTrailCode: string;

  constructor(
    code: string,
    message: string,
    options: { status?: number; members?: Record<string, string>; queryCode?: string; cloudTrailCode?: string } = {},
  ) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.queryCode = options.queryCode;
    this.cloudTrailCode = options.cloudTrailCode ?? code;
  }
}

export const invalidInput = (reason: string, message: string): AwsError =>
  new AwsError('InvalidInputException', message, { members: { Reason: reason } });

export const constraintViolation = (reason: string, message: string): AwsError =>
  new AwsError('ConstraintViolationException', message, { members: { Reason: reason } });

export const accountNotFound = (): AwsError =>
  new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");

export const parentNotFound = (): AwsError =>
  new AwsError('ParentNotFoundException', "You specified a parent that doesn't exist.");

export const organizationalUnitNotFound = (): AwsError =>
  new AwsError('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist.");

export const targetNotFound = (): AwsError =>
  new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");

export const handshakeNotFound = (): AwsError =>
  new AwsError('HandshakeNotFoundException', "You specified a handshake that doesn't exist.");

export const accessDenied = (message = "You don't have permissions to access this resource."): AwsError =>
  new AwsError('AccessDeniedException', message, { cloudTrailCode: 'AccessDenied' });

export const notInUse = (): AwsError =>
  new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');

export const tooManyRequests = (): AwsError =>
  new AwsError('TooManyRequestsException', 'You have sent too many requests in too short a period of time. Try again later.', {
    members: { Type: 'RATE_LIMIT' },
  });
