import { createApi, type ApiOptions } from '@orgtrail/service-runtime';
import type { Router } from 'express';
import { discoveryApi } from './discovery-api.js';
import type { RouteContext } from './route.js';

export type DiscoveryApiOptions = RouteContext & Pick<ApiOptions, 'tokens' | 'logger'>;

/** Discovery's API alone. */
export const createDiscoveryApi = ({ tokens, logger, ...context }: DiscoveryApiOptions): Router =>
  createApi({ parts: [discoveryApi(context)], tokens, logger });
