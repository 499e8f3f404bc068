import { cloudFormationService } from '../cloudformation/cloudformation.js';
import { cloudTrailService } from '../cloudtrail/service.js';
import { eventBridgeService } from '../event-bridge/service.js';
import { iamService } from '../iam/iam.js';
import { organizationsService } from '../organizations/service.js';
import { sqsService } from '../sqs/service.js';
import { stsService } from '../sts/service.js';
import { taggingService } from '../tagging/service.js';
import type { Service } from './service.js';

/** All services of the simulated AWS. An operation's bare name means the first of them that has it. */
export const services: readonly Service[] = [
  organizationsService,
  stsService,
  sqsService,
  taggingService,
  eventBridgeService,
  cloudTrailService,
  iamService,
  cloudFormationService,
];
