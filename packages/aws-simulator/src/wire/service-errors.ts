import { accessDenied, AwsError } from './errors.js';
import type { ServiceErrors } from './service.js';

/** As the services of awsJson 1.1 say it. */
export const jsonServiceErrors: ServiceErrors = {
  credentials: {
    missing: 'MissingAuthenticationTokenException',
    unknown: 'UnrecognizedClientException',
    expired: 'ExpiredTokenException',
    skewed: 'InvalidSignatureException',
    status: 400,
  },
  unknownOperation: 'UnknownOperationException',
  denied: (message) => accessDenied(message),
  broken: () => new AwsError('InternalFailure', internal, { status: 500 }),
  slowDown: () => new AwsError('ThrottlingException', 'Rate exceeded'),
};

/** As the services of the query protocol say it. */
export const queryServiceErrors: ServiceErrors = {
  credentials: {
    missing: 'MissingAuthenticationToken',
    unknown: 'InvalidClientTokenId',
    expired: 'ExpiredToken',
    skewed: 'SignatureDoesNotMatch',
    status: 403,
  },
  unknownOperation: 'InvalidAction',
  denied: (message) => new AwsError('AccessDenied', message, { status: 403 }),
  broken: () => new AwsError('InternalFailure', internal, { status: 500 }),
  slowDown: () => new AwsError('Throttling', 'Rate exceeded'),
};

const internal = 'An internal error has occurred.';
