import { AwsError } from '@orgtrail/aws';
import { byAction, failed, notApplicable, ok, unknown, type Check } from '../check.js';
import type { InstallationExamination } from '../examination.js';
import { failureOf } from '../failure-of.js';

/** AWS refuses signatures that are five minutes off. */
const longestSkewSeconds = 60;

/** What every signed call of ours needs. */
export const credentialChecks: readonly Check<InstallationExamination>[] = [
  {
    id: 'clock.skew',
    asks: `Is our clock within ${longestSkewSeconds} s of AWS's?`,
    needs: ['network.certificates'],
    failureMeans: 'Ages and delays are wrong, and beyond five minutes AWS refuses every signed call.',
    mendedBy: 'set the clock of the machine by NTP',
    run: async ({ own, ownIdentity }) => {
      await failureOf(ownIdentity);
      const skewMs = own.clockSkewMs();
      if (skewMs === undefined) return notApplicable('AWS was not asked');
      const seconds = Math.round(skewMs / 1000);
      if (Math.abs(seconds) <= longestSkewSeconds) return ok(`${Math.abs(seconds)} s apart`);
      return failed(
        `our clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} AWS's`,
        byAction('On the machine (or the node of the cluster): `timedatectl set-ntp true`, or `chronyc makestep`.'),
      );
    },
  },
  {
    id: 'credentials.valid',
    asks: 'Does AWS know our own credentials?',
    needs: ['network.certificates'],
    failureMeans: 'No role can be assumed.',
    mendedBy: 'give the process valid credentials: workload identity, AWS_PROFILE or the AWS_ variables',
    run: async ({ ownIdentity }) => {
      try {
        const { arn } = await ownIdentity();
        return ok(arn);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind !== 'credentials' && error.kind !== 'denied') return unknown(error.message);
        return failed(
          error.message,
          byAction(
            'Give discovery credentials that AWS takes: workload identity (EKS), an instance role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; then start it again.',
          ),
        );
      }
    },
  },
];
