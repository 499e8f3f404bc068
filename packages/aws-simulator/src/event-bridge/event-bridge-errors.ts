import { AwsError } from '../wire/errors.js';

export const invalidEventPattern = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

export const notSimulated = (what: string): AwsError => invalid(`The simulator does not know ${what}.`);

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
