import type { ServerResponse } from 'node:http';

export interface WebhookAnswer {
  status: 202 | 401 | 404 | 405 | 413 | 415 | 422 | 503;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** EventBridge waits for so long before it sends again. */
const retryAfterSeconds = 5;

const titles = {
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  503: 'Service Unavailable',
} as const;

/** RFC 9457. */
function problem(status: keyof typeof titles, detail: string, more: { code?: string; headers?: Record<string, string> } = {}) {
  const { code, headers } = more;
  const body = JSON.stringify({ type: 'about:blank', title: titles[status], status, detail, ...(code ? { code } : {}) });
  return { status, body, headers: { 'content-type': 'application/problem+json', ...headers } } satisfies WebhookAnswer;
}

const retryLater = { headers: { 'retry-after': String(retryAfterSeconds) } };

/**
 * What a post is answered with. EventBridge sends again after 401, 429 and 5xx, and never after any other 4xx: those are for what sending
 * again cannot mend.
 */
export const answers = {
  accepted: {
    status: 202,
    body: JSON.stringify({ outcome: 'accepted' }),
    headers: { 'content-type': 'application/json' },
  },
  /** The reason is a code of our own, and no word of the post. */
  refused: (reason: string) =>
    problem(422, 'This is no event of the organization, as the integration is set. It is kept in quarantine.', {
      code: reason,
    }),
  unauthorized: problem(401, 'The secret is not valid for this address.'),
  notFound: problem(404, 'There is nothing here. Events go to POST /v1/events/{integrationId}.'),
  notAllowed: problem(405, 'Events are posted.', { headers: { allow: 'POST' } }),
  tooLarge: problem(413, 'The body is larger than an EventBridge event can be.'),
  notJson: problem(415, 'Send the event as JSON, not compressed.'),
  saturated: problem(503, 'More is coming in than can be kept at once. Send it again later.', retryLater),
  notConnected: problem(
    503,
    'The integration was never connected, so nobody knows whose events are its own. Connect it; what is sent again is then taken.',
    { code: 'NOT_CONNECTED', ...retryLater },
  ),
  /** Not 408, after which EventBridge would give up. */
  slow: problem(503, 'The body did not come in time. Send it again.', retryLater),
  unavailable: problem(503, 'The event could not be kept. Send it again later.', retryLater),
} as const satisfies Record<string, WebhookAnswer | ((reason: string) => WebhookAnswer)>;

export function send(response: ServerResponse, { status, body, headers }: WebhookAnswer, options: { close: boolean }): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(options.close ? { connection: 'close' } : {}),
  });
  response.end(body);
}
