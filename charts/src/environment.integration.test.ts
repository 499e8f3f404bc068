import { expect, it } from '@jest/globals';
import { accountMapperEnvironment } from '@orgtrail/account-mapper';
import { discoveryEnvironment } from '@orgtrail/discovery';
import { graphWriterEnvironment } from '@orgtrail/graph-writer';
import { everything } from './everything.js';
import { describeHelms, podsOf, render } from './helm.js';

const schemas = {
  'account-mapper': accountMapperEnvironment,
  discovery: discoveryEnvironment,
  'graph-writer': graphWriterEnvironment,
};
const ofTheAwsSdk =
  /^AWS_(REGION|ENDPOINT_URL|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONFIG_FILE|SHARED_CREDENTIALS_FILE)$|^NODE_EXTRA_CA_CERTS$/;

describeHelms('$name', (helm) => {
  it('sets no variable that the service does not read', () => {
    for (const { pod } of podsOf(render(helm, everything))) {
      for (const { name: service, env } of pod.containers) {
        const known = Object.keys(schemas[service as keyof typeof schemas].shape);
        for (const { name } of env) if (!ofTheAwsSdk.test(name)) expect(known).toContain(name.replace(/_FILE$/, ''));
      }
    }
  });
});
