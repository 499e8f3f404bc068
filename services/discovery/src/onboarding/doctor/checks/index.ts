import type { Check } from '../check.js';
import type { InstallationExamination, IntegrationExamination } from '../examination.js';
import { arrivalChecks } from './arrival-checks.js';
import { busChecks } from './bus-checks.js';
import { credentialChecks } from './credential-checks.js';
import { databaseChecks } from './database-checks.js';
import { eventPathChecks } from './event-path-checks.js';
import { networkChecks } from './network-checks.js';
import { organizationChecks } from './organization-checks.js';
import { firstPermissionCheck, permissionChecks } from './permission-checks.js';
import { queueChecks } from './queue-checks.js';
import { connectionChecks, identityChecks } from './role-checks.js';

/** In the order in which they are judged: each after what it needs. */
export const installationChecks: readonly Check<InstallationExamination>[] = [
  ...databaseChecks,
  ...busChecks,
  ...networkChecks,
  ...credentialChecks,
];

export const integrationChecks: readonly Check<IntegrationExamination>[] = [
  ...connectionChecks,
  firstPermissionCheck,
  ...identityChecks,
  ...permissionChecks,
  ...queueChecks,
  ...eventPathChecks,
  ...arrivalChecks,
  ...organizationChecks,
];
