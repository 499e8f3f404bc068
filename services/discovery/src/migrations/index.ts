import { discoverySchema } from './0001-discovery.js';
import { membersSchema } from './0002-members.js';
import { eventArrivalSchema } from './0003-event-arrival.js';
import { webhookSchema } from './0004-webhook.js';
import { lightSyncsSchema } from './0005-light-syncs.js';
import { ownershipSchema } from './0006-ownership.js';
import { proofSchema } from './0007-proof.js';
import { lanesSchema } from './0008-lanes.js';
import { pathsSchema } from './0009-paths.js';
import { examinationsSchema } from './0010-examinations.js';
import { arrivalsSchema } from './0011-arrivals.js';
import { foundBySchema } from './0012-found-by.js';

export const migrations = [
  discoverySchema,
  membersSchema,
  eventArrivalSchema,
  webhookSchema,
  lightSyncsSchema,
  ownershipSchema,
  proofSchema,
  lanesSchema,
  pathsSchema,
  examinationsSchema,
  arrivalsSchema,
  foundBySchema,
] as const;
