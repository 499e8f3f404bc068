/** The contracts between the services, generated from `proto/orgtrail` (run `npm run build`), the topics and the headers that carry them. */
export * from './topics.js';
export * from './cloud-events.js';
export * from './dead-letter-headers.js';
export * as observation from './gen/orgtrail/observation/v1/observation_pb.js';
export * as graph from './gen/orgtrail/graph/v1/graph_change_pb.js';
