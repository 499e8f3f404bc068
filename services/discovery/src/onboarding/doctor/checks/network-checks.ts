import { access, constants } from 'node:fs/promises';
import { connect } from 'node:net';
import { asksAwsDirectly, AwsError, proxySettings } from '@orgtrail/aws';
import { byAction, failed, notApplicable, ok, type Check } from '../check.js';
import type { InstallationExamination } from '../examination.js';
import { failureOf } from '../failure-of.js';

const connectTimeoutMs = 5_000;

export const networkChecks: readonly Check<InstallationExamination>[] = [
  {
    id: 'network.proxy',
    asks: 'Does the proxy that the environment names take connections?',
    needs: [],
    failureMeans: 'AWS is asked through this proxy, so nothing of AWS can be read.',
    mendedBy: 'correct HTTPS_PROXY, or name the hosts that need no proxy in NO_PROXY',
    run: async ({ environment }) => {
      const { https, problem } = proxySettings(environment);
      if (problem !== undefined) return failed('the address of the proxy cannot be used', byAction(problem));
      if (https === undefined) return notApplicable('no proxy is named');
      if (asksAwsDirectly(environment)) return notApplicable('NO_PROXY excepts every address of AWS');
      const failure = await connectionFailure(new URL(https));
      if (failure === undefined) return ok(`${https} takes connections`);
      return failed(
        `${https} takes no connection (${failure})`,
        byAction(
          `Correct HTTPS_PROXY, or let this process reach ${https}; hosts that need no proxy belong into NO_PROXY. Then start again.`,
        ),
      );
    },
  },
  {
    id: 'network.reachable',
    asks: 'Does AWS answer?',
    needs: ['network.proxy'],
    failureMeans: 'Nothing of AWS can be read, and no event is taken in.',
    mendedBy: 'open the way to the endpoints of AWS, or name the proxy in HTTPS_PROXY',
    run: async ({ own, ownIdentity, environment }) => {
      const error = await failureOf(ownIdentity);
      if (certificateProblemOf(error) !== undefined) return ok('a server answers; its certificate is not accepted');
      const mend = byAction(
        `Let this process reach the endpoints of STS, Organizations, SQS, EventBridge, CloudTrail and the tagging API by port 443, or set HTTPS_PROXY. ${
          environment['AWS_ENDPOINT_URL'] === undefined
            ? 'AWS_REGION decides which endpoints.'
            : 'AWS_ENDPOINT_URL is set: it has to be right, or absent.'
        }`,
      );
      if ((error as { name?: unknown } | undefined)?.name === 'TimeoutError') return failed('no answer within 10 s', mend);
      if (error instanceof AwsError && error.kind === 'unreachable') return failed(error.message, mend);
      if (error instanceof AwsError && error.kind === 'malformed') {
        return failed(`something else than AWS answers: ${error.message}`, mend);
      }
      // Without credentials nothing is sent: the next checks tell.
      if (error !== undefined && own.clockSkewMs() === undefined) return notApplicable('AWS was not asked');
      return ok('AWS answers');
    },
  },
  {
    id: 'network.certificates',
    asks: 'Are the certificates on the way to AWS accepted?',
    needs: ['network.reachable'],
    failureMeans: 'Something on the way shows a certificate that nobody here trusts: a proxy that looks inside, or an attacker.',
    mendedBy: "put the company's CA into a file and name it in NODE_EXTRA_CA_CERTS before the start",
    run: async ({ ownIdentity, environment }) => {
      const extra = environment['NODE_EXTRA_CA_CERTS'];
      if (extra !== undefined && extra !== '' && !(await isReadable(extra))) {
        return failed(
          `NODE_EXTRA_CA_CERTS names ${extra}, which cannot be read`,
          byAction(`Put the CA (PEM) into ${extra} and start again: the file is read at the start only.`),
        );
      }
      const error = await failureOf(ownIdentity);
      const problem = certificateProblemOf(error);
      if (problem === undefined) return ok(extra ? 'accepted, with further CAs of NODE_EXTRA_CA_CERTS' : 'accepted');
      return failed(
        `The certificate is not accepted: ${problem}`,
        byAction(
          "Ask the network team whose certificate it is. Where it is the company's own, put their CA (PEM) into a file, name it in NODE_EXTRA_CA_CERTS, and start again. Never switch the check off.",
        ),
      );
    },
  },
];

function connectionFailure({ hostname, port, protocol }: URL): Promise<string | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)), timeout: connectTimeoutMs });
    const end = (failure: string | undefined): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

const isReadable = (file: string): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );

/** What Node says of a certificate, somewhere below the SDK's error. */
function certificateProblemOf(error: unknown): string | undefined {
  for (let cause: unknown = error, depth = 0; cause !== undefined && cause !== null && depth < 8; depth += 1) {
    const { code, cause: next } = cause as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) return code;
    cause = next;
  }
  return undefined;
}
