import { expect, it } from '@jest/globals';
import { everything } from './everything.js';
import { chart, describeHelms, refusedPaths, required, run } from './helm.js';

const secretless = { ...everything.kafka, existingSecret: '' };

describeHelms('$name', (helm) => {
  it.each([
    ['nothing', required],
    ['every value', everything],
  ])('lints the chart with %s more than required', (_name, values) => {
    const { ok, stdout } = run(helm, ['lint', chart, '--strict'], values);
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(ok).toBe(true);
  });

  // The wording is Helm's and changes with it; the place is ours.
  it.each<[string, Record<string, unknown>, string]>([
    ['no image repository: no images are published yet', { image: {} }, 'image.repository'],
    ['no database', { database: {} }, 'database.existingSecret'],
    ['a value that does not exist', { replicaCount: 3 }, ''],
    ['a misspelt value of a service', { discovery: { replica: 3 } }, 'discovery'],
    ['a security context: it is not a value', { discovery: { securityContext: { runAsUser: 0 } } }, 'discovery'],
    ['replicas that are no number', { graphWriter: { replicas: 'abc' } }, 'graphWriter.replicas'],
    ['a log level that does not exist', { accountMapper: { logLevel: 'loud' } }, 'accountMapper.logLevel'],
    ['a digest that is none', { discovery: { image: { digest: 'sha256:abc' } } }, 'discovery.image.digest'],
    ['a tag that is none', { image: { repository: 'r', tag: 'a b' } }, 'image.tag'],
    ['a broker without a port', { kafka: { brokers: ['kafka'] } }, 'kafka.brokers.0'],
    [
      'a SASL mechanism that Kafka does not have',
      { kafka: { ...everything.kafka, sasl: { mechanism: 'login' } } },
      'kafka.sasl.mechanism',
    ],
    ['SASL without a Secret', { kafka: secretless }, 'kafka.existingSecret'],
    ['SASL without brokers', { kafka: { ...everything.kafka, brokers: [] } }, 'kafka.brokers'],
    [
      'a password in the clear: SASL plain without TLS',
      { kafka: { brokers: ['kafka:9092'], existingSecret: 'kafka', sasl: { mechanism: 'plain' } } },
      'kafka.tls.enabled',
    ],
    [
      'a CA that nobody would look at',
      { kafka: { brokers: ['kafka:9092'], existingSecret: 'kafka', caFromSecret: true } },
      'kafka.tls.enabled',
    ],
    ['TLS without brokers', { kafka: { tls: { enabled: true } } }, 'kafka.brokers'],
    ['a CA of AWS without its Secret', { aws: { caFromSecret: true } }, 'aws.filesSecret'],
    ['a role that is none', { integration: { enabled: true, roleArn: 'orgtrail' } }, 'integration.roleArn'],
    ['an account id that is none', { integration: { forwardingAccountIds: ['12'] } }, 'integration.forwardingAccountIds.0'],
    ['a grace period shorter than the drain', { terminationGracePeriodSeconds: 10 }, 'terminationGracePeriodSeconds'],
    [
      'an address of the database in the environment',
      { discovery: { extraEnv: [{ name: 'DATABASE_URL', value: 'x' }] } },
      'discovery.extraEnv.0.name',
    ],
    ['a block that was taken away: null is how Helm removes a default', { kafka: null }, ''],
    ['a part of a service that was taken away', { discovery: { serviceAccount: null } }, 'discovery'],
    ['a name that Kubernetes does not take', { fullnameOverride: 'Orgtrail_1' }, 'fullnameOverride'],
  ])('refuses %s', (_what, values, place) => {
    expect(refusedPaths(helm, { ...required, ...values })).toContain(place);
  });

  it('takes the values that come with it, once the two that are required are given', () => {
    expect(refusedPaths(helm, required)).toEqual([]);
    expect(refusedPaths(helm, {})).toEqual(expect.arrayContaining(['image.repository', 'database.existingSecret']));
  });
});
