export * from './port.js';
export { createKafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.js';
export { createPostgresBus, type PostgresBusOptions } from './postgres/postgres-bus.js';
