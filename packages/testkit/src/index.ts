export { startKafka, startLocalKafka, startSecureKafka, testKafkaBrokers, type LocalKafka, type TestKafka } from './kafka.js';
export { deleteTopic } from './kafka-topics.js';
export { prepareKafkaDistribution } from './kafka-distribution.js';
export { serverProperties } from './kafka-properties.js';
export { createTestCertificates, securityProperties, type KafkaSecurity } from './kafka-security.js';
export { createTestDatabase, type TestDatabase } from './postgres.js';
export { rowsThatName } from './rows-that-name.js';
export {
  describeOrganizationByChildren,
  type DescribedAccount,
  type DescribedOrganization,
  type DescribedOrganizationalUnit,
  type DescribedRoot,
} from './described-organization.js';
export { startMoto, type TestMoto } from './moto.js';
export { buildMotoOrganization, type MotoOrganizationShape } from './moto-organization.js';
