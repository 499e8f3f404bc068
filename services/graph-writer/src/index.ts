export { createGraphWriter, type GraphWriterOptions } from './graph-writer.js';
export { graphWriterEnvironment } from './config.js';
export { type AppliedCause, type AppliedChange, type EntityState } from './applied-change.js';
export type { ChangeKind } from './change.js';
export { highestVersion, readGraph, type GraphEntity, type GraphRelationship, type GraphSnapshot } from './sql/read-graph.js';
export { graphWriterMetrics } from './metric-declarations.js';
export { createGraphFeed, type GraphFeed, type GraphFeedOptions } from './feed/graph-feed.js';
export { graphFeedMetrics } from './feed/metric-declarations.js';
export { migrations as graphMigrations } from './migrations/index.js';
