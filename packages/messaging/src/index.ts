export * from './port.js';
export { createKafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.js';
export { checkKafka, kafkaConnectionOf, kafkaVariables, type KafkaEnvironment } from './kafka/kafka-environment.js';
export { judgeOutcomes, outcomeWindow, type Outcomes } from './judge-outcomes.js';
export { openBus } from './open-bus.js';
export { bytesOf } from './publish-queue.js';
export { createStandingPartitions, describeStand, type StandingPartitions } from './standing-partitions.js';
export { createPostgresBus, type PostgresBusOptions } from './postgres/postgres-bus.js';
export { activeTraceparent, carriedTraceparent, inSpan, type SpanSettings } from './tracing/in-span.js';
