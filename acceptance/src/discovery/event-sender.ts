import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A process of its own that posts events at a rate, whatever comes back, and tells what did. By bare sockets: it shares the machine with what it
 * measures. Orders come in `ORGTRAIL_SENDER`; the result goes to standard output.
 */
export interface SenderOrders {
  port: number;
  path: string;
  header: string;
  secret: string;
  managementAccountId: string;
  accountIds: readonly string[];
  perSecond: number;
  seconds: number;
  connections: number;
  bodyBytes: number;
}

export interface SenderResult {
  /** By status; `none`: no answer came; `unsent`: this process, or the machine, was too slow. */
  answers: Record<string, number>;
  /** Event ids that were answered with 202. */
  kept: string[];
  /** From when a post was due to the answer, sorted: whoever waits for a connection waits for the answer. */
  milliseconds: number[];
  /** How late the latest post was sent, for want of a connection or of time. */
  latestMs: number;
}

interface Post {
  eventId: string;
  accountId: string;
  due: number;
}

const orders = JSON.parse(process.env['ORGTRAIL_SENDER'] ?? '{}') as SenderOrders;
const result: SenderResult = { answers: {}, kept: [], milliseconds: [], latestMs: 0 };
const waiting: Post[] = [];
const idle: Connection[] = [];
let unanswered = 0;

function bytesOf({ eventId, accountId }: Post): string {
  const event = {
    version: '0',
    id: eventId,
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.organizations',
    account: orders.managementAccountId,
    time: new Date().toISOString(),
    region: 'us-east-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      eventID: eventId,
      eventSource: 'organizations.amazonaws.com',
      eventName: 'TagResource',
      eventTime: new Date().toISOString(),
      userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${orders.managementAccountId}:user/acceptance` },
      requestParameters: { resourceId: accountId, tags: [{ key: 'padding', value: '' }] },
    },
  };
  const tag = event.detail.requestParameters.tags[0];
  if (tag) tag.value = 'x'.repeat(Math.max(0, orders.bodyBytes - JSON.stringify(event).length));
  const body = JSON.stringify(event);
  return `POST ${orders.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${orders.header}: ${orders.secret}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

interface Connection {
  send(post: Post): void;
}

function count(answer: string): void {
  result.answers[answer] = (result.answers[answer] ?? 0) + 1;
}

function open(): void {
  const socket: Socket = connect(orders.port, '127.0.0.1');
  let inHand: Post | undefined;
  let heard = '';
  const connection: Connection = {
    send: (post) => {
      inHand = post;
      result.latestMs = Math.max(result.latestMs, performance.now() - post.due);
      socket.write(bytesOf(post));
    },
  };
  const ready = (): void => {
    const next = waiting.shift();
    if (next) connection.send(next);
    else idle.push(connection);
  };
  socket.setNoDelay(true).setEncoding('latin1');
  socket.on('connect', ready);
  socket.on('data', (text: string) => {
    heard += text;
    const [, status, length] = /^HTTP\/1\.1 (\d{3})[^]*?\r\ncontent-length: (\d+)\r\n/i.exec(heard) ?? [];
    const head = heard.indexOf('\r\n\r\n');
    if (status === undefined || head < 0 || heard.length < head + 4 + Number(length) || !inHand) return;
    count(status);
    result.milliseconds.push(performance.now() - inHand.due);
    if (status === '202') result.kept.push(inHand.eventId);
    inHand = undefined;
    heard = '';
    unanswered -= 1;
    ready();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (inHand) {
      count('none');
      unanswered -= 1;
    }
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
    if (!ended) setTimeout(open, 50);
  });
}

let ended = false;
for (let index = 0; index < orders.connections; index += 1) open();
await delay(500);
const begun = performance.now();
const total = orders.perSecond * orders.seconds;
for (let sent = 0; sent < total;) {
  const now = performance.now();
  // Never behind: what is due is sent, however long the last turn took.
  for (; sent < total && begun + (sent * 1000) / orders.perSecond <= now; sent += 1) {
    const accountId = orders.accountIds[sent % orders.accountIds.length] ?? '';
    const post = { eventId: randomUUID(), accountId, due: begun + (sent * 1000) / orders.perSecond };
    unanswered += 1;
    const connection = idle.pop();
    if (connection) connection.send(post);
    else waiting.push(post);
  }
  await delay(2);
}
const giveUp = performance.now() + 10_000;
while (unanswered > 0 && performance.now() < giveUp) await delay(20);
ended = true;
for (let left = unanswered; left > 0; left -= 1) count(left > waiting.length ? 'none' : 'unsent');
result.milliseconds.sort((left, right) => left - right);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
