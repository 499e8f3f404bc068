/** The URL of a queue of the same account and endpoint: a queue's URL ends with account and name. */
export function queueUrlBeside(queueUrl: string, queueArn: string): string {
  const [, , , , accountId = '', name = ''] = queueArn.split(':');
  return new URL(`/${accountId}/${name}`, queueUrl).href;
}
