/** Asks the address in its arguments once who we are, and prints what came of it: Node reads its authorities at the start only. */
import { inspect } from 'node:util';
import { connectToAws } from './connection.js';
import { AwsError } from './errors.js';

const once = new AbortController();
const aws = connectToAws({
  endpoint: process.argv[2] ?? '',
  region: 'us-east-1',
  onCall: () => once.abort(),
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
});
const print = (outcome: object): void => void process.stdout.write(JSON.stringify(outcome));
try {
  const { accountId } = await aws.reader('sync', once.signal).callerIdentity();
  print({ accountId });
} catch (error) {
  if (!(error instanceof AwsError)) throw error;
  print({ kind: error.kind, code: error.code, message: error.message, everything: inspect(error, { depth: 9 }) });
}
aws.destroy();
