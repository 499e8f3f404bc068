export { startKafka, startLocalKafka, testKafkaBrokers, type LocalKafka, type TestKafka } from './kafka.js';
export { createTestDatabase, type TestDatabase } from './postgres.js';
