import type { Explanation } from './event-kind.js';
import { irrelevantEvents } from './irrelevant.js';
import { eventKinds } from './registry.js';

/** docs/events.md, from what the registry knows. */
export function describeEvents(): string {
  const known = eventKinds.map(
    ({ name, source, looksAt, explains }) => `| ${name} | ${serviceOf(source)} | ${looksAt} | ${describeExplanation(explains)} |`,
  );
  const ignored = irrelevantEvents.map(({ source, why, names }) => `| ${names.join(', ')} | ${serviceOf(source)} | ${why} |`);
  return `# Events

An event never brings content into the graph: it is redacted, partial, late, repeated or lost. It tells which parts of which subject to
read again, and who did it. An event is known by its source and its name; its detail-type is not looked at. Calls that failed
(\`errorCode\`), reads (List…, Describe…, Get…) and unknown names do nothing and are counted.

"Everything" is a full sync: the event changes the tree and does not say where, because it names no id or none of a valid form.

This page is generated from the event registry.

## What is looked at

| Event | Source | Looks at | Can explain |
|---|---|---|---|
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
