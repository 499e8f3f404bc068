export { startKafka, startLocalKafka, testKafkaBrokers, type LocalKafka, type TestKafka } from './kafka.js';
