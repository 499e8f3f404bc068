import { createServer } from 'node:http';
import { closeServer } from '../close-server.js';
import type { Component } from '../component.js';
import { createHttpApp } from '../create-http-app.js';
import { ConfigError } from '../errors.js';
import { listen } from '../listen.js';
import { createApi, type ApiOptions } from './create-api.js';
import { isLoopbackAddress } from './loopback.js';
import { Problem, sendProblem } from './problem.js';

/** The administration API on an address of its own. Throws a `ConfigError` for a public address without tokens. */
export function createApiServer(options: ApiOptions & { host: string; port: number }): Component {
  if (options.tokens.length === 0 && options.host !== 'localhost' && !isLoopbackAddress(options.host)) {
    throw new ConfigError([
      `API_HOST=${options.host}: without API_TOKENS the API listens on a loopback address only. Set API_TOKENS (or API_TOKENS_FILE), or API_HOST=127.0.0.1.`,
    ]);
  }
  const app = createHttpApp();
  app.use(createApi(options));
  app.use((_request, response) => sendProblem(response, new Problem(404, 'There is nothing here. The API is under /v1.')));
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  return {
    name: 'API server',
    start: async () => {
      await listen(server, { host: options.host, port: options.port, variable: 'API_PORT' });
    },
    stop: () => closeServer(server),
  };
}
