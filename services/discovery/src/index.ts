export { createDiscovery, type Discovery, type DiscoveryOptions } from './discovery.js';
export { discoveryEnvironment } from './config.js';
export { IntegrationRefused } from './integrations/recognise-organization.js';
export type { Integration } from './integrations/integration.js';
export { createDiscoveryMetrics } from './proof/metrics.js';
export type { FullSyncSummary } from './refresh/full-sync.js';
export { approveDeletions } from './refresh/approve-deletions.js';
export { heldDeletions, type HeldDeletion } from './refresh/sql/endings.js';
