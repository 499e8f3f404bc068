import type { ProofShape } from '../api/proof-shapes.js';
import { printable } from './printable.js';
import { formatTable } from './table.js';

/** A short report for people: the two sentences, then the figures behind them. */
export function formatProof(proof: ProofShape): string {
  const { integration, inSync, events } = proof;
  const [, ...further] = inSync.doubts;
  return [
    `Integration ${printable(integration.name) || integration.id}${integration.organizationId === undefined ? '' : ` (${integration.organizationId})`}`,
    '',
    printable(inSync.sentence),
    ...further.map(({ sentence }) => `  - ${printable(sentence)}`),
    printable(events.sentence),
    '',
    ...syncLines(proof.syncs),
    ...unannouncedLines(proof.unannounced),
    ...tagIndexLines(proof.tagIndex),
    ...delayLines(proof.delays),
    ...budgetLines(proof.budget),
  ]
    .join('\n')
    .trimEnd();
}

function syncLines({ last, lastComplete }: ProofShape['syncs']): string[] {
  if (last === undefined) return ['Syncs: none has ended yet.', ''];
  const because = last.because.length === 0 ? '' : `: ${printable(last.because.join('; ').replace(/\.$/, ''))}`;
  const outcome = last.outcome === 'complete' && because !== '' ? 'complete but for what could not be read' : last.outcome;
  const complete =
    lastComplete === undefined
      ? 'no full sync has been complete yet'
      : `the last complete full one ended ${age(lastComplete.ageSeconds)} ago`;
  return [`Syncs: the last one (${last.kind}) ended ${age(last.ageSeconds)} ago, ${outcome}${because}; ${complete}.`, ''];
}

function unannouncedLines({ windowSeconds, held, lastSync, day, month }: ProofShape['unannounced']): string[] {
  const kinds = [...new Set([lastSync, day, month].flatMap((counts) => Object.keys(counts)))].sort();
  const waiting =
    held === 0 ? [] : [`Not counted yet, and announced by no event: held endings, ${held} (\`orgtrail held-deletions\`).`];
  if (kinds.length === 0) return ['Changes that no event announced: none in 30 days.', ...waiting, ''];
  const rows = kinds.flatMap((kind) =>
    (['missed', 'open', 'explained', 'unannounceable'] as const).flatMap((outcome) => {
      const counts = [lastSync, day, month].map((found) => found[kind]?.[outcome] ?? 0);
      return counts.some((count) => count > 0) ? [[kind, told(outcome, windowSeconds), ...counts.map(String)]] : [];
    }),
  );
  return [
    'Changes that syncs found before any event named them:',
    formatTable(['kind', 'event', 'last sync', '24 h', '30 d'], rows),
    ...waiting,
    '',
  ];
}

function told(outcome: 'missed' | 'open' | 'explained' | 'unannounceable', windowSeconds: number): string {
  const window = `${Math.round(windowSeconds / 60)} min`;
  switch (outcome) {
    case 'missed':
      return 'none came: missed';
    case 'open':
      return `may still come: younger than ${window}`;
    case 'explained':
      return 'came late';
    case 'unannounceable':
      return 'AWS announces none';
  }
}

function tagIndexLines([newest]: ProofShape['tagIndex']): string[] {
  if (newest === undefined) return [];
  return [
    `Bulk tag index: in the last sync that compared it, ${newest.differing} of ${newest.compared} subjects differed from tags read one by one.`,
    '',
  ];
}

const parts = [
  ['aws', 'AWS: what happened to the queue'],
  ['queue', 'in the queue'],
  ['ours', 'ours: taken in to published'],
] as const;

function delayLines(delays: ProofShape['delays']): string[] {
  const rows = parts.flatMap(([part, name]) => {
    const figures = delays[part];
    return figures ? [[name, seconds(figures.p50), seconds(figures.p95), seconds(figures.max), String(figures.events)]] : [];
  });
  if (rows.length === 0) return ['Delay of events: none was timed in 24 h (figures come every half minute).', ''];
  return ['Delay of events, 24 h:', formatTable(['part', 'half', '95 %', 'longest', 'events'], rows), ''];
}

function budgetLines({ lastHour, lastFullSync }: ProofShape['budget']): string[] {
  const total = Object.values(lastFullSync ?? {}).reduce((sum, calls) => sum + calls, 0);
  const ofSync = lastFullSync === undefined ? [] : [`The last full sync took ${total} calls of AWS.`];
  if (lastHour.length === 0) return [...ofSync, 'AWS was not called in the last hour.'];
  const rows = lastHour.map(({ operation, calls, throttled, share }) => [
    printable(operation),
    String(calls),
    share < 0.001 && calls > 0 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`,
    String(throttled),
  ]);
  return [...ofSync, 'Calls of AWS in the last hour:', formatTable(['operation', 'calls', 'of our share', 'throttled'], rows)];
}

function age(inSeconds: number): string {
  if (inSeconds < 120) return `${inSeconds} s`;
  if (inSeconds < 7200) return `${Math.floor(inSeconds / 60)} min`;
  return inSeconds < 172_800 ? `${Math.floor(inSeconds / 3600)} h` : `${Math.floor(inSeconds / 86_400)} d`;
}

const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`);
