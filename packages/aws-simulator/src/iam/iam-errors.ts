import { AwsError } from '../wire/errors.js';

export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, { status: 404 });

export const roleNotFound = (name: string): AwsError => noSuchEntity(`The role with name ${name} cannot be found.`);

export const entityAlreadyExists = (message: string): AwsError => new AwsError('EntityAlreadyExists', message, { status: 409 });

export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message, { status: 409 });

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceeded', message, { status: 409 });
