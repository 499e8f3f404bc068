import { jsonServiceErrors } from '../wire/service-errors.js';
import { operationsOf, type Service } from '../wire/service.js';
import { trailOperations } from './operations.js';

export const cloudTrailService: Service = {
  name: 'cloudtrail',
  actions: 'cloudtrail',
  protocol: { json: '1.1', target: 'CloudTrail_20131101' },
  errors: jsonServiceErrors,
  operations: operationsOf(trailOperations),
};
