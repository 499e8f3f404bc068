import { createHash } from 'node:crypto';
import type { IncomingMessage as Request, ServerResponse } from 'node:http';
import type { Integration } from '../integrations/integration.js';
import { largestEventBytes } from '../intake/envelope.js';
import type { IncomingMessage } from '../intake/read-message.js';
import type { TakenIn } from '../intake/take-in.js';
import { answers, send, type WebhookAnswer } from './answers.js';
import type { GroupCommit, Submission } from './group-commit.js';
import type { KnownSecrets } from './known-secrets.js';
import { readBody, type ByteBudget } from './read-body.js';

/** The one place for the secret: not the address, which proxies write into their logs. */
export const secretHeader = 'x-orgtrail-webhook-secret';

export interface PostContext {
  secrets: KnownSecrets;
  group: GroupCommit<Integration, IncomingMessage, TakenIn[]>;
  budget: ByteBudget;
  /** From the headers to the answer, whatever happens: EventBridge waits for 5 s. */
  answerWithinMs: number;
  isStopping(): boolean;
  onAnswer(status: number, milliseconds: number): void;
}

/** Whoever gets these has shown no secret: his connection is not kept. */
const strangers: ReadonlySet<number> = new Set([401, 404, 405]);

const eventsPath = /^\/v1\/events\/([^/?#]{1,64})\/?(?:[?#]|$)/;

/** Answers one post: who sent it is settled before its body is read, and only what is committed is answered with 202. */
export async function receivePost(request: Request, response: ServerResponse, context: PostContext): Promise<void> {
  const begun = performance.now();
  let submission: Submission<TakenIn[]> | undefined;
  const answer = (given: WebhookAnswer): void => {
    if (response.headersSent) return;
    clearTimeout(deadline);
    // What is left of a body is not worth waiting for.
    send(response, given, { close: context.isStopping() || !request.complete || strangers.has(given.status) });
    context.onAnswer(given.status, performance.now() - begun);
  };
  const deadline = setTimeout(() => {
    submission?.abandon();
    answer(submission ? answers.unavailable : answers.slow);
  }, context.answerWithinMs);
  response.once('close', () => clearTimeout(deadline));

  const sender = senderOf(request, context);
  if ('status' in sender) {
    answer(sender);
    return;
  }
  const body = await readBody(request, { most: largestEventBytes, budget: context.budget });
  switch (body.kind) {
    case 'too-large':
      answer(answers.tooLarge);
      return;
    case 'no-room':
      answer(answers.saturated);
      return;
    case 'broken':
      return;
    case 'read':
  }
  try {
    if (response.headersSent) return;
    submission = context.group.submit(sender.integration, { id: idOf(body.text), body: body.text }, body.bytes);
    const verdict = await submission.verdict;
    if (verdict.kind === 'committed') answer(answerTo(verdict.result));
    else answer(verdict.kind === 'saturated' ? answers.saturated : answers.unavailable);
  } finally {
    context.budget.give(body.bytes);
  }
}

/** The integration that may be posted to, or why not. */
function senderOf(request: Request, { secrets, isStopping }: PostContext): WebhookAnswer | { integration: Integration } {
  const [, integrationId] = eventsPath.exec(request.url ?? '') ?? [];
  if (integrationId === undefined) return answers.notFound;
  if (request.method !== 'POST') return answers.notAllowed;
  const secret = request.headers[secretHeader];
  const sender = secrets.sender(integrationId.toLowerCase(), typeof secret === 'string' ? secret : '');
  if (sender.kind === 'unknown') return answers.unauthorized;
  if (sender.kind === 'not-connected') return answers.notConnected;
  if (sender.kind === 'not-yet' || isStopping()) return answers.unavailable;
  return isPlainJson(request) ? sender : answers.notJson;
}

function isPlainJson({ headers }: Request): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  return (
    encoding === 'identity' && /^[\w.+-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? 'application/json')
  );
}

/** The same post again is the same message. */
function idOf(body: string): string {
  return `post-${createHash('sha256').update(body).digest('hex')}`;
}

/** Only a post of which nothing was taken in is refused: whatever else it holds is in the database. */
function answerTo(taken: readonly TakenIn[]): WebhookAnswer {
  const refusal = taken.find(({ outcome }) => outcome === 'refused');
  const isRefused = refusal !== undefined && taken.every(({ outcome }) => outcome === 'refused');
  return isRefused ? answers.refused(refusal.reason ?? 'refused') : answers.accepted;
}
