import { doctorRoutes } from './doctor-routes.js';
import { heldDeletionRoutes } from './held-deletion-routes.js';
import { integrationRoutes } from './integration-routes.js';
import { memberRoutes } from './member-routes.js';
import { onboardingRoutes } from './onboarding-routes.js';
import { proofRoutes } from './proof-routes.js';
import { removedIntegrationRoutes } from './removed-integration-routes.js';
import type { Route } from './route.js';
import { webhookRoutes } from './webhook-routes.js';

/** All of the API. */
export const routes: readonly Route[] = [
  ...integrationRoutes,
  ...removedIntegrationRoutes,
  ...webhookRoutes,
  ...onboardingRoutes,
  ...memberRoutes,
  ...heldDeletionRoutes,
  ...doctorRoutes,
  ...proofRoutes,
];
