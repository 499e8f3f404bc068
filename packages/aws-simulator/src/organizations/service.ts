import { refusal } from '../sts/permissions.js';
import { accessDenied, AwsError, tooManyRequests } from '../wire/errors.js';
import type { Input } from '../wire/fields.js';
import { toLowerCamelCase } from '../wire/member-names.js';
import { jsonServiceErrors } from '../wire/service-errors.js';
import type { Service, ServiceCall, ServiceOperation } from '../wire/service.js';
import { authorize } from './authorize.js';
import type { Operation } from './operation.js';
import { perform } from './perform.js';
import { operations } from './registry.js';

export const organizationsService: Service = {
  name: 'organizations',
  actions: 'organizations',
  protocol: { json: '1.1', target: 'AWSOrganizationsV20161128' },
  errors: {
    ...jsonServiceErrors,
    broken: () => new AwsError('ServiceException', 'An internal error has occurred.', { status: 500 }),
    slowDown: tooManyRequests,
  },
  operations: new Map([...operations].map(([name, operation]) => [name, onTheWire(name, operation)])),
};

/** Refused writes are logged too, so refusing is part of performing them. */
function onTheWire(name: string, operation: Operation): ServiceOperation {
  return {
    kind: operation.kind,
    admitsItself: true,
    run: ({ aws, caller, input: asSent }: ServiceCall) => {
      const { world, throttle, wireRandom } = aws;
      const input = toLowerCamelCase(asSent) as Input;
      const behaviours = world.behaviours();
      const admit = (): void => {
        const action = `organizations:${name}`;
        if (behaviours.denied.some((denied) => denied === name || denied === action)) {
          throw accessDenied(refusal(caller.arn, action, '*'));
        }
        authorize(name, operation, caller, world.store.current, behaviours);
        if (behaviours.throttling) throttle.admit(name, caller.accountId);
      };
      if (operation.kind === 'write') return perform(world, { name, operation, input, caller, admit });
      admit();
      const view = world.store.asOf(behaviours.staleReadsMs);
      return operation.run({ world: { ...world, random: wireRandom }, behaviours, caller, view }, input);
    },
  };
}
