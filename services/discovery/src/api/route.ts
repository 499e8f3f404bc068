import type { RoleVerifier } from '@orgtrail/aws';
import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import type { Doctor } from '../onboarding/doctor/create-doctor.js';
import type { ApiUser, Role } from './tokens.js';

export interface RouteContext {
  pool: pg.Pool;
  /** Asks whom trust policies have to name. */
  verifier(integration: StoredIntegration): RoleVerifier;
  /** Of the management account's template in a bucket (`ORGTRAIL_ONBOARDING_TEMPLATE_URL`). */
  onboardingTemplateUrl?: string | undefined;
  /** Whom we run as, with its path (`ORGTRAIL_PRINCIPAL_ARN`). */
  principalArn?: string | undefined;
  doctor: Pick<Doctor, 'examine'>;
  /** Of AWS's rates: by it the time is told that what is due takes. By default a half. */
  rateShare?: number | undefined;
  /** Something changed that discovery should look at now. */
  wake(): void;
}

export interface RouteRequest {
  user: ApiUser;
  /** Of the path. */
  integration: string;
  accountId: string;
  /** Of onboarding. */
  way: string;
  query: unknown;
  body: unknown;
}

export interface Answer {
  status: number;
  body?: object;
  /** Of an administrator's action, for what is kept of it. Never a secret: names of settings, account ids. */
  about?: { integrationId: string; detail?: object };
}

/** A route, and who may call it. Without a role anybody could: there is none such. */
export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  role: Role;
  /** For the log of administrators' actions, and for `docs/api.md`. */
  action: string;
  handle(context: RouteContext, request: RouteRequest): Promise<Answer>;
}

/** Where one integration stands: by id, organization id or exact name. */
export const oneIntegration = '/v1/integrations/:integration';
