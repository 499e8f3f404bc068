import { appendFileSync } from 'node:fs';
import type { Caller } from '../sts/caller.js';

/** One line of the record: what Orgtrail asked of AWS, as which part of it, in which session. */
export interface RecordedAction {
  /** For example `organizations:ListAccounts`. */
  action: string;
  /** `orgtrail-operator`: with the credentials of the person at the command line. `orgtrail-probe`: only to see whether it is allowed. */
  agent: (typeof agents)[number];
  /** Of an assumed role. */
  session: string | null;
  outcome: 'allowed' | 'denied';
}

export type ActionRecorder = (action: string, caller: Caller, outcome: RecordedAction['outcome']) => void;

/** The lines that this process has written: a test suite starts many simulators, and each combination is worth one line. */
const written = new Set<string>();

/** Appends the actions of calls that Orgtrail makes to a file, each combination once; without a file it does nothing. */
export function createActionRecorder(file: string | undefined): ActionRecorder {
  if (file === undefined || file === '') return () => undefined;
  return (action, { arn, userAgent }, outcome) => {
    const agent = agentOf(userAgent);
    if (agent === undefined) return;
    const session = /:assumed-role\/.*\/([^/]+)$/.exec(arn)?.[1] ?? null;
    const line = `${JSON.stringify({ action, agent, session, outcome } satisfies RecordedAction)}\n`;
    if (written.has(`${file} ${line}`)) return;
    written.add(`${file} ${line}`);
    appendFileSync(file, line);
  };
}

/** Products of the header `User-Agent`, as Orgtrail puts them there; the more telling one first. */
const agents = ['orgtrail-operator', 'orgtrail-probe', 'orgtrail'] as const;

function agentOf(userAgent: string): RecordedAction['agent'] | undefined {
  const products = userAgent.split(' ').map((product) => product.split('/')[0]);
  return products.includes('orgtrail') ? agents.find((agent) => products.includes(agent)) : undefined;
}
