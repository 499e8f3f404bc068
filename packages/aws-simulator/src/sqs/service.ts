import { AwsError } from '../wire/errors.js';
import { queryServiceErrors } from '../wire/service-errors.js';
import type { Service, ServiceOperation } from '../wire/service.js';
import { sqsOperations } from './operations.js';

/** Of awsJson, with the codes that it had in the query protocol. */
export const sqsService: Service = {
  name: 'sqs',
  actions: 'sqs',
  protocol: { json: '1.0', target: 'AmazonSQS' },
  errors: {
    ...queryServiceErrors,
    keepsQueryCodes: true,
    unknownOperation: 'UnknownOperationException',
    denied: (message) => denied(message),
    slowDown: () => new AwsError('RequestThrottled', 'Rate exceeded', { status: 403 }),
  },
  operations: new Map(
    [...sqsOperations].map(([name, run]): [string, ServiceOperation] => [
      name,
      {
        kind: 'read',
        run: ({ aws: { world, wireRandom, sqs }, caller, input, signal }) => {
          if (caller.accountId !== world.store.identity.managementAccountId) {
            throw denied(`User: ${caller.arn} is not authorized to perform: sqs:${name}`);
          }
          return run({ ...sqs, behaviours: world.behaviours, random: wireRandom, signal }, input);
        },
      },
    ]),
  ),
};

const denied = (message: string): AwsError => new AwsError('AccessDenied', message, { status: 403, queryCode: 'AccessDenied' });
