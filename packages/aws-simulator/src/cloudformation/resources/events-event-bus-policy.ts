import { isObject } from '../../iam/policy-document.js';
import { invalid } from '../cloudformation-errors.js';
import { busOf } from './events-rule.js';
import type { Properties } from './properties.js';
import type { ResourcePlace, ResourceType } from './resource-type.js';
import { alreadyExists } from './sqs-queue.js';

/** A statement of the default bus's policy, written as in a policy (`Statement`). The older form is not simulated. */
export const eventsEventBusPolicy: ResourceType = {
  name: 'AWS::Events::EventBusPolicy',
  properties: ['EventBusName', 'Statement', 'StatementId'],
  replacedBy: ['StatementId', 'EventBusName'],

  create(place, properties) {
    const sid = properties.text('StatementId');
    if (busOf(place, properties).statements.some(({ Sid }) => Sid === sid)) throw alreadyExists(sid);
    put(place, properties);
    return { physicalId: `default|${sid}`, attributes: {} };
  },

  update(place, made, properties) {
    put(place, properties);
    return made;
  },

  delete: (place, _made, properties) => busOf(place, properties).removeStatement(properties.text('StatementId')),
};

function put(place: ResourcePlace, properties: Properties): void {
  const { Statement } = properties.values;
  if (!isObject(Statement)) throw invalid('required key [Statement] not found');
  busOf(place, properties).putStatement({ ...Statement, Sid: properties.text('StatementId') });
}
