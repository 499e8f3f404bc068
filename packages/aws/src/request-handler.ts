import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ClockSkew } from './clock-skew.js';
import { proxySettings } from './proxy-environment.js';

type Answer = ReturnType<NodeHttpHandler['handle']>;

/** What all clients of AWS send with: through the proxy that the environment names, and with an eye on AWS's clock. */
export function createRequestHandler({
  environment = process.env,
  clockSkew,
}: {
  environment?: Readonly<Record<string, string | undefined>>;
  clockSkew?: ClockSkew;
} = {}): NodeHttpHandler {
  const proxy = proxySettings(environment);
  const agent = { keepAlive: true, maxSockets: 50, proxyEnv: proxy.environment };
  return new ObservingHandler(
    { proxyProblem: proxy.problem, clockSkew },
    {
      connectionTimeout: 5_000,
      requestTimeout: 20_000,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  );
}

class ObservingHandler extends NodeHttpHandler {
  readonly #proxyProblem: string | undefined;
  readonly #clockSkew: ClockSkew | undefined;

  constructor(
    { proxyProblem, clockSkew }: { proxyProblem: string | undefined; clockSkew: ClockSkew | undefined },
    options: ConstructorParameters<typeof NodeHttpHandler>[0],
  ) {
    super(options);
    this.#proxyProblem = proxyProblem;
    this.#clockSkew = clockSkew;
  }

  override async handle(...given: Parameters<NodeHttpHandler['handle']>): Answer {
    // Told with the first call and not when the connection is made: the doctor has to be able to say it.
    if (this.#proxyProblem !== undefined) {
      throw Object.assign(new Error(this.#proxyProblem), { code: 'ERR_PROXY_INVALID_CONFIG' });
    }
    const begunAt = Date.now();
    const answer = await super.handle(...given).catch((error: unknown) => {
      throw withEndpointHost(error, given[0].hostname);
    });
    this.#clockSkew?.heard({ date: answer.response.headers['date'], begunAt, endedAt: Date.now() });
    return answer;
  }
}

/** Node's errors name an address at most, and that may be the proxy's. */
function withEndpointHost(error: unknown, endpointHost: string): unknown {
  return typeof error === 'object' && error !== null ? Object.assign(error, { endpointHost }) : error;
}
