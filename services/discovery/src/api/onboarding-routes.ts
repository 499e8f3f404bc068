import type { StoredIntegration } from '../integrations/integration.js';
import { findIntegration } from '../integrations/administer.js';
import { roleDocuments } from '../onboarding/role-documents.js';
import { onboardingValues } from '../onboarding/values.js';
import { onboardingWays } from '../onboarding/ways.js';
import { Problem } from './problem.js';
import { oneIntegration as one, type Route, type RouteContext } from './route.js';

/** What an integration needs in the customer's accounts. */
export const onboardingRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${one}/trust-policy`,
    role: 'reader',
    action: 'show trust policy',
    handle: async ({ pool, verifier }, { integration }) => {
      const stored = await findIntegration(pool, integration);
      return { status: 200, body: roleDocuments(stored, await trustedBy(verifier, stored)) };
    },
  },
  {
    method: 'get',
    path: `${one}/onboarding/:way`,
    role: 'reader',
    action: 'show how to connect: cloudformation, console, cli or terraform',
    handle: async ({ pool, verifier, onboardingTemplateUrl }, { integration, way }) => {
      const stored = await findIntegration(pool, integration);
      const generate = Object.entries(onboardingWays).find(([name]) => name === way)?.[1];
      if (!generate) {
        throw new Problem(404, `There is no way "${way.slice(0, 64)}": the ways are ${Object.keys(onboardingWays).join(', ')}.`, {
          code: 'UNKNOWN_WAY',
        });
      }
      const trusted = await trustedBy(verifier, stored);
      const values = onboardingValues(stored, { trusted, templateUrl: onboardingTemplateUrl });
      return { status: 200, body: { way, ...generate(values) } };
    },
  },
];

/** Whom the roles have to name. */
async function trustedBy(verifier: RouteContext['verifier'], stored: StoredIntegration): Promise<string> {
  const roles = verifier(stored);
  try {
    return (await roles.principal()).trusted;
  } catch (error) {
    throw new Problem(502, `AWS did not say who we are: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    roles.destroy();
  }
}
