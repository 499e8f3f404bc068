import { AwsError } from '../wire/errors.js';
import { queryServiceErrors } from '../wire/service-errors.js';
import { operationsOf, type Service } from '../wire/service.js';
import { messageOperations } from './message-operations.js';
import { queueOperations } from './queue-operations.js';
import { sqsDenied } from './sqs-errors.js';

/** Of awsJson, with the codes that it had in the query protocol. */
export const sqsService: Service = {
  name: 'sqs',
  actions: 'sqs',
  protocol: { json: '1.0', target: 'AmazonSQS' },
  errors: {
    ...queryServiceErrors,
    keepsQueryCodes: true,
    unknownOperation: 'UnknownOperationException',
    denied: sqsDenied,
    slowDown: () => new AwsError('RequestThrottled', 'Rate exceeded', { status: 403 }),
  },
  operations: operationsOf({ ...queueOperations, ...messageOperations }),
};
