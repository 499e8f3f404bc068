import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startMoto } from '@orgtrail/testkit';
import { deskWith, valuesFor, type Desk } from '../testing/onboarding.fixture.js';
import { connectByCli } from './cli-way.js';

const aws = process.env['ORGTRAIL_TEST_AWS_CLI'];
const moto = aws === undefined ? undefined : await startMoto();

/** An AWS that we did not write: our simulator and our script cannot be wrong about it together. */
(moto ? describe : describe.skip)('the script in moto', () => {
  let desk: Desk | undefined;
  afterEach(() => desk?.remove());
  afterAll(() => moto?.stop());

  it('makes everything, makes nothing twice, and removes everything', () => {
    const values = valuesFor('aws', {
      managementAccountId: '123456789012',
      externalId: '=+,.@:/-_',
      rolePath: '/security/',
      forwardingAccountIds: ['222233334444'],
    });
    const { files } = connectByCli(values);
    desk = deskWith([...files, { name: 'bin/aws', content: `#!/bin/sh\nexec '${aws ?? ''}' "$@"\n`, executable: true }]);
    const run = (command: string): string => {
      const { code, stdout, stderr } = desk?.shell(`PATH="$PWD/bin:$PATH"; ${command}`, {
        AWS_ENDPOINT_URL: moto?.endpoint ?? '',
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'y',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
      }) ?? { code: 1, stdout: '', stderr: '' };
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      return stdout;
    };
    const everything =
      'aws iam list-roles; aws sqs list-queues; aws events list-rules; aws events describe-event-bus --query Policy';
    run('aws organizations create-organization --feature-set ALL');
    const before = run(everything);
    run('./connect-management-account.sh --dry-run');
    expect(run(everything)).toBe(before);

    expect(run('./connect-management-account.sh')).toContain('arn:aws:iam::123456789012:role/security/OrgtrailIntegration');
    const once = run(everything);
    expect(once).toContain('orgtrail-events-undelivered');
    expect(once).toContain('OrgtrailForwarding0b2f0e0e111142228333444455556666222233334444');
    run('./connect-management-account.sh');
    expect(run(everything)).toBe(once);

    run('./connect-management-account.sh --undo');
    expect(run(everything)).toBe(before);
  }, 300_000);
});
