import { Problem } from '@orgtrail/service-runtime';
import type { StoredIntegration } from '../integrations/integration.js';
import { findIntegration } from '../integrations/administer.js';
import { roleDocuments } from '../onboarding/role-documents.js';
import { trustedPrincipal } from '../onboarding/trusted-principal.js';
import { onboardingValues } from '../onboarding/values.js';
import { onboardingWays } from '../onboarding/ways.js';
import { oneIntegration as one, type Route, type RouteContext } from './route.js';

/** What an integration needs in the customer's accounts. */
export const onboardingRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${one}/trust-policy`,
    role: 'reader',
    action: 'show trust policy',
    handle: async (context, { integration }) => {
      const stored = await findIntegration(context.pool, integration);
      return { status: 200, body: roleDocuments(stored, await trustedBy(context, stored)) };
    },
  },
  {
    method: 'get',
    path: `${one}/onboarding/:way`,
    role: 'reader',
    action: 'show how to connect: cloudformation, console, cli or terraform',
    handle: async (context, { integration, way }) => {
      const stored = await findIntegration(context.pool, integration);
      const generate = Object.entries(onboardingWays).find(([name]) => name === way)?.[1];
      if (!generate) {
        throw new Problem(404, `There is no way "${way.slice(0, 64)}": the ways are ${Object.keys(onboardingWays).join(', ')}.`, {
          code: 'UNKNOWN_WAY',
        });
      }
      const trusted = await trustedBy(context, stored);
      const values = onboardingValues(stored, { trusted, templateUrl: context.onboardingTemplateUrl });
      return { status: 200, body: { way, ...generate(values) } };
    },
  },
];

/** Whom the roles have to name. */
async function trustedBy({ verifier, principalArn }: RouteContext, stored: StoredIntegration): Promise<string> {
  const roles = verifier(stored);
  try {
    const identity = await roles.principal().catch((error: unknown) => {
      throw new Problem(502, `AWS did not say who we are: ${error instanceof Error ? error.message : String(error)}`);
    });
    return trustedPrincipal(identity, stored, principalArn);
  } finally {
    roles.destroy();
  }
}
