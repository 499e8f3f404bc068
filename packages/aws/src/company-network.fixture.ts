/** Reads a little by each API with the role in its arguments, and prints what came of it: Node reads its authorities at the start only. */
import { connectToAws } from './connection.js';
import { AwsError } from './errors.js';
import { createRoleVerifier } from './role-verifier.js';

const [roleArn = '', queueUrl = '', member = ''] = process.argv.slice(2);
const once = new AbortController();
const outcome: Record<string, unknown> = {};
const attempt = async (name: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    outcome[name] = (await work()) ?? null;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    outcome[name] = { kind: error.kind, code: error.code, message: error.message };
  }
};

// A failure is shown at once, and not tried again.
const aws = connectToAws({ roleArn, externalId: 'id', onCall: ({ outcome: came }) => came === 'failed' && once.abort() });
const reader = aws.reader('event', once.signal);
await attempt('identity', async () => (await reader.callerIdentity()).accountId);
if (!once.signal.aborted) {
  await attempt('organization', async () => (await reader.describeOrganization()).id);
  await attempt('tags', async () => {
    for await (const page of reader.readTagIndex()) return page.length;
    return 0;
  });
  await attempt('rule', () => aws.eventPath().rule('orgtrail'));
  await attempt('trails', () => aws.eventPath().trails());
  if (queueUrl !== '') await attempt('queue', () => aws.queue(queueUrl).receive({ waitSeconds: 0 }));
}
if (member !== '') {
  const partition = roleArn.split(':')[1];
  const verifier = createRoleVerifier({ partition });
  const [organizationId, accountId] = ['o-exampleorgid', '111122223333'];
  outcome['member'] = await verifier.verify({ roleArn: member, externalId: 'id', organizationId, accountId, negative: false });
  verifier.destroy();
}
process.stdout.write(JSON.stringify(outcome));
aws.destroy();
