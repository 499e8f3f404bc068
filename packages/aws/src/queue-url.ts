import { eventPathNames } from './event-path-names.js';

/** Of the URL of a queue; no Region where the address is another than AWS's (an emulator's). */
export function parseQueueUrl(queueUrl: string): { region?: string; accountId: string; name: string } {
  const region = regionOfQueue(queueUrl);
  const [, accountId = '', name = ''] = new URL(queueUrl).pathname.split('/');
  return { ...(region === undefined ? {} : { region }), accountId, name };
}

/** Whether it is the URL of the queue that events come to by our names, under whatever host. */
export function isEventQueue(queueUrl: string, place: { region: string; accountId: string }): boolean {
  const { region = place.region, accountId, name } = parseQueueUrl(queueUrl);
  return region === place.region && accountId === place.accountId && name === eventPathNames.queue;
}

/** `https://sqs.<region>.amazonaws.com/…`, or an interface endpoint of a VPC; undefined for any other address. */
export function regionOfQueue(queueUrl: string): string | undefined {
  const { region, legacy, inVpc } = publicQueue.exec(queueUrl)?.groups ?? vpcQueue.exec(queueUrl)?.groups ?? {};
  return region ?? legacy ?? inVpc;
}

/** AWS's own host, for which another may stand: an endpoint of the environment, or one by FIPS. */
export function isPublicQueueHost(queueUrl: string): boolean {
  return publicQueue.test(queueUrl);
}

const publicQueue = /^https:\/\/(?:sqs(?:-fips)?\.(?<region>[a-z0-9-]+)|(?<legacy>[a-z0-9-]+)\.queue)\.amazonaws\./;
const vpcQueue = /^https:\/\/vpce-[a-z0-9-]+\.sqs\.(?<inVpc>[a-z0-9-]+)\.vpce\.amazonaws\./;
