import { jsonServiceErrors } from '../wire/service-errors.js';
import { operationsOf, type Service } from '../wire/service.js';
import { apiDestinationOperations } from './api-destination-operations.js';
import { busOperations } from './bus-operations.js';
import { ruleOperations } from './rule-operations.js';
import { targetOperations } from './target-operations.js';

export const eventBridgeService: Service = {
  name: 'events',
  actions: 'events',
  protocol: { json: '1.1', target: 'AWSEvents' },
  errors: jsonServiceErrors,
  operations: operationsOf({ ...ruleOperations, ...targetOperations, ...busOperations, ...apiDestinationOperations }),
};
