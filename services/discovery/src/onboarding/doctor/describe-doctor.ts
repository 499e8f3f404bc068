import type { Check } from './check.js';
import { installationChecks, integrationChecks } from './checks/index.js';

/** docs/doctor.md, from the checks. */
export function describeDoctor(): string {
  return `# The doctor

\`orgtrail doctor [integration]\` asks AWS, the bus and the database anew, and mends nothing by itself. It runs in discovery, with discovery's credentials and network: what it
says holds for the service, not for your terminal. Without an integration it looks at every one; \`--json\` is for programs. Only the members' roles are not tried anew: there it tells how the last verifications ended
(each is repeated within 12 hours, and at once by \`orgtrail members verify\`).

Each check has an id that stays. It is judged alone: what it builds upon is judged there, and while that is not in order this one is \`unknown\`, so that nothing is reported twice because one check builds upon another.

| status | meaning |
|---|---|
| \`ok\` | as it should be |
| \`failed\` | not as it should be; the report says what it means, and the command or console page that mends it |
| \`unknown\` | nobody knows: something else has to be mended first, or AWS did not answer |
| \`not-applicable\` | what is asked for does not exist here by choice |

Exit code 0 only where every check is \`ok\` or \`not-applicable\`, else 1. The report has no external id, no credentials and no e-mail address in it, so it may be sent on; it
does have account ids, ARNs and queue URLs.

Commands of \`aws\` are meant for credentials that may change the management account; Orgtrail's own may not. A run makes about 40 calls of AWS, mostly one of each kind, out of the budget that syncs have; two runs at
once of one integration are one, and where several replicas run, the one that watches an integration examines it. Two or three AssumeRole calls among them are meant to be denied (session name \`orgtrail-negative-check\`), and a message on the queue may be received once more than it is handled.

## The installation

${table(installationChecks)}

## An integration

${table(integrationChecks)}
`;
}

function table<Examination>(checks: readonly Check<Examination>[]): string {
  const rows = checks.map(
    ({ id, asks, failureMeans, mendedBy, needs }) =>
      `| \`${id}\` | ${asks} | ${failureMeans} | ${mendedBy} | ${needs.map((need) => `\`${need}\``).join(', ')} |`,
  );
  return ['| id | question | a failure means | mended by | needs |', '|---|---|---|---|---|', ...rows].join('\n');
}
