import type { RoleVerifier } from '@orgtrail/aws';
import type { Answer as ApiAnswer, Route as ApiRoute, RouteRequest as ApiRequest } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import type { Doctor } from '../onboarding/doctor/create-doctor.js';

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

export interface RouteRequest extends Omit<ApiRequest, 'param'> {
  /** Of the path. */
  integration: string;
  accountId: string;
  /** Of onboarding. */
  way: string;
}

export interface Answer extends ApiAnswer {
  about?: { integrationId: string; detail?: object };
}

/** A route of discovery's, which all share one context. */
export interface Route extends Omit<ApiRoute, 'handle'> {
  handle(context: RouteContext, request: RouteRequest): Promise<Answer>;
}

/** Where one integration stands: by id, organization id or exact name. */
export const oneIntegration = '/v1/integrations/:integration';
