import { queryServiceErrors } from '../wire/service-errors.js';
import type { Service } from '../wire/service.js';
import { stsOperations } from './operations.js';

export const stsService: Service = {
  name: 'sts',
  actions: 'sts',
  protocol: { query: '2011-06-15', namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
  errors: queryServiceErrors,
  operations: new Map(
    [...stsOperations].map(([name, run]) => [
      name,
      {
        kind: 'read',
        // Who one is may be asked by anybody; whether a role may be assumed, its trust policy tells.
        free: true,
        run: ({ aws, caller, input }) => {
          const texts = Object.entries(input).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
          return run(
            { caller, identities: aws.identities, now: aws.world.now(), systemNow: aws.world.systemNow() },
            Object.fromEntries(texts),
          );
        },
      },
    ]),
  ),
};
