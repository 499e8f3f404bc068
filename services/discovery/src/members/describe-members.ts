import { negativeCheckSessionName, verificationSessionName } from '@orgtrail/aws';
import { causeTexts, statusTexts } from './causes.js';
import { decisionTable, dimensions, type Decision, type MemberCause } from './decision-table.js';

const questions: Record<(typeof dimensions)[number], string> = {
  account: "What AWS says about the account's state",
  deletion: 'Whether its ending waits for an operator',
  skipTag: 'Whether it carries the skip tag',
  scope: 'Whether the include and exclude lists have it',
  organizationalUnits: 'Whether an OU above carries the skip tag (only with `skipOrganizationalUnits`)',
  tags: 'How its tags were read',
  verification: 'What the last verification of its role showed',
};

/** docs/members.md, from the decision table and the causes. */
export function describeMembers(): string {
  const rows = dimensions.flatMap((dimension, position) =>
    Object.entries(decisionTable[dimension] as Record<string, Decision | 'next'>).map(([value, cell]) => {
      const decided =
        cell === 'next' ? 'the next question' : `**${cell.status}**${cell.cause === undefined ? '' : ` ${cell.cause}`}`;
      return `| ${position + 1}. ${dimension} | ${value} | ${decided} |`;
    }),
  );
  const cells = dimensions.reduce((product, dimension) => product * Object.keys(decisionTable[dimension]).length, 1);
  const causes = (Object.keys(causeTexts) as MemberCause[]).sort().map((cause) => `| ${cause} | ${causeTexts[cause]} |`);
  const statuses = Object.entries(statusTexts).map(([status, text]) => `| ${status} | ${text} |`);
  return `# Members

With *Configure Organization Accounts* on, every account of the organization but the management account has a member integration: the
management role's name **and path** in that account (or a role given by \`orgtrail members set-role\`), the same external id, and a status of its own. Nothing
is copied: members are derived anew from what was observed and from the settings, in the transaction that merges what was read.

## Status

| status | meaning |
|---|---|
${statuses.join('\n')}

## How it is decided

Seven questions, in this order; the first answer that decides, decides. ${cells} cells in all, and the compiler asks for each value.

${dimensions.map((dimension, position) => `${position + 1}. \`${dimension}\`: ${questions[dimension]}.`).join('\n')}

| question | answer | then |
|---|---|---|
${rows.join('\n')}

Only tags read by ListTagsForResource start a member, and those of a new account only when they were read 30 s after it appeared; the bulk tag
index may stop a member, never start one.

## The skip tag

Default \`j1-integration\` = \`SKIP\`: the key exactly so, the value without regard to case and surrounding blanks. Set or removed, it takes effect as soon as the
event reached the queue and the account's tags were read. Near misses (\`J1-Integration\`, \`j1_integration\`, a key that is literally \`j1-integration:SKIP\`, another or no
value) skip nothing and are shown as warnings. With \`skipOrganizationalUnits\` the tag on an OU or the root skips the accounts below it. An account
that leaves the organization loses its tags in AWS: when it returns it is not skipped any more, and its member says so.

## Verification

Positive: AssumeRole with the external id, GetCallerIdentity must give the account, DescribeOrganization the organization. Negative: without an
external id and with a random wrong one AssumeRole must be refused; after a rotation also with the former one. Negative checks are made at
first, after a change of the role or the external id, and then every 30 days (\`negativeCheckDays\`).

In the CloudTrail of the member account the calls have the user agent \`orgtrail\` and the session names \`${verificationSessionName}\` (positive) and
\`${negativeCheckSessionName}\` (negative: these are meant to be denied, so exclude that name from alarms about denied AssumeRole calls). A session lasts
15 minutes at most, may call organizations:DescribeOrganization only, and is dropped after the check: never stored, logged or sent.

At most 20 members a second are verified, over all replicas. A role that works is verified again after about 12 h. One that fails is tried again after 1 min, 2 min, 4 min
and so on up to 1 h, and at once after \`orgtrail members verify\` or an event about its account. A role that worked and is refused once is asked again after a
minute before its member fails. What says nothing about the role (AWS throttles, is away, our own credentials expired) changes no decision.

## Causes

| cause | what it means, and what to do |
|---|---|
${causes.join('\n')}

## E-mail addresses

E-mail addresses belong to configured members. With *Configure Organization Accounts* off no address is kept or published from then on; a full sync follows by itself
and takes them out of the rows. \`orgtrail integration purge-email\` erases what was stored before: rows, tombstones and history of the graph, discovery's own
tables. Records on the bus and dead letters keep theirs for their retention (7 days by default).
`;
}
