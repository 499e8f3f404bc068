import type { AwsConnection } from '@orgtrail/aws';
import type { StoredIntegration } from '../integrations/integration.js';
import type { Check, CheckResult } from '../onboarding/doctor/check.js';
import { eventPathChecks } from '../onboarding/doctor/checks/event-path-checks.js';
import { queuePathChecks } from '../onboarding/doctor/checks/queue-checks.js';
import { examineEventPath, type EventPathExamination } from '../onboarding/doctor/examination.js';
import { runChecks } from '../onboarding/doctor/run-checks.js';

/** What the doctor's checks say of the way of the events, without the doctor's other questions. */
export interface EventPathJudgement {
  /** `unknown`: something of it could not be judged, and nothing of the rest is broken. */
  state: 'whole' | 'broken' | 'unknown';
  /** One clause each: what is broken, or what could not be judged, or of what it is whole. */
  findings: readonly string[];
}

/** By check: the clause of a sentence for what was found, good or bad. */
const clauses: Readonly<Record<string, { good(found: string): string; bad(found: string): string }>> = {
  'events.trail': {
    good: (found) => `trail ${found} logs management events`,
    bad: (found) => found,
  },
  'events.rule': {
    good: (found) => `the rule is ${found}`,
    bad: (found) => `the rule that sends events: ${found}`,
  },
  'events.pattern': { good: () => 'its pattern lets all events through', bad: (found) => `the pattern of the rule: ${found}` },
  'events.target': { good: () => 'our queue is its target', bad: (found) => `the rule does not send here: ${found}` },
  'queue.reachable': { good: (found) => `the queue answers (${found})`, bad: (found) => `the queue cannot be read: ${found}` },
  'queue.policy': {
    good: () => 'the queue lets EventBridge in',
    bad: (found) => `the queue does not let EventBridge in: ${found}`,
  },
};
const checks: readonly Check<EventPathExamination>[] = [...eventPathChecks, ...queuePathChecks].filter(({ id }) => id in clauses);
/** Where the rule sends to an API destination, and under which name that rule is, is the customer's: that events arrive is the proof. */
const ofWebhook = new Set(['events.trail']);

/** Asks AWS: at most a handful of calls of EventBridge, SQS and CloudTrail. Never rejects for what AWS answers. */
export async function judgeEventPath(stored: StoredIntegration, aws: AwsConnection): Promise<EventPathJudgement> {
  const postsOnly = stored.settings.queueUrl === null;
  const asked = postsOnly ? checks.filter(({ id }) => ofWebhook.has(id)) : checks;
  return judgementOf(await runChecks(asked, examineEventPath({ stored, aws })), { postsOnly });
}

/** Pure. */
export function judgementOf(
  results: readonly Pick<CheckResult, 'id' | 'status' | 'found' | 'blockedBy'>[],
  { postsOnly = false }: { postsOnly?: boolean } = {},
): EventPathJudgement {
  const clause = ({ id, found }: { id: string; found: string }, kind: 'good' | 'bad'): string =>
    clauses[id]?.[kind](found) ?? found;
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.length > 0) return { state: 'broken', findings: failed.map((result) => clause(result, 'bad')) };
  // What belongs to somebody else, or cannot be seen from here, is as unknown as what AWS did not tell.
  const unknown = results.filter(
    ({ status, blockedBy = [] }) => (status === 'unknown' && blockedBy.length === 0) || status === 'not-applicable',
  );
  const whatIsUnknown = [...new Set(unknown.map(({ id, found }) => (id in clauses ? `${id}: ${found}` : found)))];
  if (whatIsUnknown.length > 0) return { state: 'unknown', findings: whatIsUnknown };
  const good = results.map((result) => clause(result, 'good'));
  return postsOnly
    ? { state: 'unknown', findings: [...good, 'whether a rule posts to our webhook is shown only by events that arrive'] }
    : { state: 'whole', findings: good };
}
