import type { Evidence, Explanation } from './event-kind.js';
import { irrelevantEvents } from './irrelevant.js';
import { eventKinds } from './registry.js';

/** docs/events.md, from what the registry knows. */
export function describeEvents(): string {
  const known = eventKinds.map(
    ({ name, source, loggedIn, evidence, looksAt, explains }) =>
      `| ${[name, serviceOf(source), looksAt, describeExplanation(explains), loggedIn, describeEvidence(evidence)].join(' | ')} |`,
  );
  const ignored = irrelevantEvents.map(({ source, why, names }) => `| ${names.join(', ')} | ${serviceOf(source)} | ${why} |`);
  return `# Events

An event never brings content into the graph: it is redacted, partial, late, repeated or lost. It tells which parts of which subject to
read again, and who did it. An event is known by its source and its name; its detail-type is not looked at. Calls that failed
(\`errorCode\`), reads (List…, Describe…, Get…) and unknown names do nothing and are counted.

"Everything" is a full sync: the event changes the tree and does not say where, because it names no id or none of a valid form.

AWS logs an event on the event bus of one account and Region. Those of Organizations and Account Management come in us-east-1 (in other
partitions in the home Region of Organizations), those of Control Tower in the home Region of the landing zone. A call is logged in the account
that makes it: what a delegated administrator or a member does reaches Orgtrail only where that account forwards its events, and is listed in
\`forwardingAccountIds\`; else a sync finds it. A copy that AWS logs in a second account has an id of its own, and asks for the same read.

This page is generated from the event registry.

## What is looked at

\`sample\`: published records of this kind are tests. Otherwise AWS's pages describe it, and what is named here is read tolerantly: both
spellings of a field, any case of a value, an account's id wherever it stands.

| Event | Source | Looks at | Can explain | Where AWS logs it | Evidence |
|---|---|---|---|---|---|
${known.join('\n')}

## Known, and without effect

| Event | Source | Why |
|---|---|---|
${ignored.join('\n')}
`;
}

function serviceOf(source: string): string {
  return source.replace(/\.amazonaws\.com$/, '');
}

function describeExplanation({ created, ended, updated = {} }: Explanation): string {
  const parts = Object.entries(updated).map(([part, fields]) => (fields === 'any' ? part : `${part} (${fields.join(', ')})`));
  return [...(created ? ['created'] : []), ...(ended ? ['ended'] : []), ...parts].join(', ');
}

function describeEvidence(evidence: Evidence): string {
  return evidence === 'sample' ? '`sample`' : `unverified: ${evidence.unverified}`;
}
