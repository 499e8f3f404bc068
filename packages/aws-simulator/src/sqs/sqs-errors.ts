import { AwsError } from '../wire/errors.js';

export const sqsError = (code: string, message: string, queryCode = `AWS.SimpleQueueService.${code}`): AwsError =>
  new AwsError(`com.amazonaws.sqs#${code}`, message, { queryCode });

export const sqsDenied = (message: string): AwsError =>
  new AwsError('AccessDenied', message, { status: 403, queryCode: 'AccessDenied' });

export const queueDoesNotExist = (): AwsError =>
  sqsError('QueueDoesNotExist', 'The specified queue does not exist.', 'AWS.SimpleQueueService.NonExistentQueue');

export const queueNameExists = (difference: string): AwsError =>
  sqsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${difference}`,
    'QueueAlreadyExists',
  );

export const queueDeletedRecently = (): AwsError =>
  sqsError(
    'QueueDeletedRecently',
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );

export const receiptHandleIsInvalid = (): AwsError =>
  sqsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 'ReceiptHandleIsInvalid');

export const messageNotInFlight = (): AwsError => sqsError('MessageNotInflight', 'The message referred to is not in flight.');

export const missingParameter = (name: string): AwsError =>
  sqsError('MissingParameter', `The request must contain the parameter ${name}.`, 'MissingParameter');

export const invalidParameterValue = (message: string): AwsError =>
  sqsError('InvalidParameterValue', message, 'InvalidParameterValue');

export const invalidAttributeName = (name: string): AwsError =>
  sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`, 'InvalidAttributeName');

export const invalidAttributeValue = (name: string): AwsError =>
  sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`, 'InvalidAttributeValue');
