import { AwsError } from '../wire/errors.js';
import { jsonServiceErrors } from '../wire/service-errors.js';
import { operationsOf, type Service } from '../wire/service.js';
import { getResources } from './get-resources.js';

export const taggingService: Service = {
  name: 'tagging',
  actions: 'tag',
  protocol: { json: '1.1', target: 'ResourceGroupsTaggingAPI_20170126' },
  errors: { ...jsonServiceErrors, slowDown: () => new AwsError('ThrottledException', 'Rate exceeded') },
  operations: operationsOf({
    GetResources: {
      kind: 'read',
      run: ({ aws: { world }, caller, region, input }) => {
        const behaviours = world.behaviours();
        return getResources({ view: world.store.asOf(behaviours.tagIndexLagMs), behaviours, caller, region }, input);
      },
    },
  }),
};
