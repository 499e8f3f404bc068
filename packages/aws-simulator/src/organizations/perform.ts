import { payloadTime } from '../events/times.js';
import type { Caller } from '../sts/caller.js';
import { AwsError } from '../wire/errors.js';
import type { Input } from '../wire/fields.js';
import { toLowerCamelCase } from '../wire/member-names.js';
import type { World } from '../world.js';
import type { WriteOperation } from './operation.js';

interface Performance {
  name: string;
  operation: WriteOperation;
  /** Members in lowerCamelCase. */
  input: Input;
  caller: Caller;
  /** Throws what refuses the call before the operation sees it. */
  admit?: () => void;
}

/**
 * Does a write and tells of it, for callers on the wire and in the process alike: the event of the call, failed ones too, then what AWS
 * does afterwards. Answers with the API's shape, or `undefined` where AWS answers with nothing.
 */
export function perform(world: World, { name, operation, input, caller, admit }: Performance): object | undefined {
  const { source = 'organizations', requestParameters, responseElements } = operation;
  const call = {
    source,
    name,
    caller,
    requestParameters: requestParameters === undefined ? input : requestParameters(input, world.behaviours()),
  };
  try {
    admit?.();
    const { output, afterwards } = operation.run({ world, caller }, input);
    const shown = output === undefined ? null : (toLowerCamelCase(output, payloadTime) as Input);
    world.events.emitCall({
      ...call,
      responseElements: shown === null || responseElements === undefined ? shown : responseElements(shown),
    });
    afterwards?.();
    return output;
  } catch (error) {
    if (error instanceof AwsError) world.events.emitCall({ ...call, responseElements: null, error });
    throw error;
  }
}
