import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import type { QueueAttributes } from './queue-attributes.js';
import { placeIn, type Queue } from './queues.js';
import { text } from './request.js';
import { sqsDenied } from './sqs-errors.js';

interface QueueCall extends ServiceCall {
  queue: Queue;
  attributes: QueueAttributes;
}

/** An operation on the queue of `QueueUrl`, in the Region that the call was signed for. */
export function onQueue(
  kind: ServiceOperation['kind'],
  run: (call: QueueCall) => object | undefined | Promise<object | undefined>,
  action?: string,
): ServiceOperation {
  const placeOf = ({ input, region }: ServiceCall) => placeIn(text(input, 'QueueUrl'), region);
  return {
    kind,
    ...(action === undefined ? {} : { action }),
    resourceOf: (call) => call.aws.queues.arnOf(placeOf(call)),
    run: (call) => {
      const place = placeOf(call);
      // A queue's policy might let others in: that is not simulated.
      if (place.accountId !== call.caller.accountId) {
        throw sqsDenied(`User: ${call.caller.arn} is not authorized to perform this action on ${call.aws.queues.arnOf(place)}`);
      }
      const queue = call.aws.queues.at(place);
      return run({ ...call, queue, attributes: call.aws.queues.attributesOf(queue) });
    },
  };
}
