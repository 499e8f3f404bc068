import { setTimeout as delay } from 'node:timers/promises';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { createAwsClients } from './aws-clients.js';
import { createCaller } from './caller.js';
import type { AwsConnectionOptions } from './connection.js';
import { AwsError } from './errors.js';
import { planEventPath, type EventPathPlan, type EventPathState, type EventPathWanted } from './event-path-plan.js';
import { createEventPathReader, isMissing } from './event-path-reader.js';
import { takesAway, type EventPathStep } from './event-path-steps.js';
import { planEventPathUndo } from './event-path-undo.js';
import { applyStep } from './event-path-write-calls.js';
import { accountIdOf, partitionOf, required } from './parse.js';
import { organizationsRegion, partitionOfRegion } from './partitions.js';
import { readEventPathState } from './read-event-path-state.js';
import { createRequestHandler } from './request-handler.js';
import { eventPathOperatorActions } from './role-actions.js';
import { operatorUserAgent } from './user-agent.js';

export interface EventPathWriterOptions extends Pick<
  AwsConnectionOptions,
  'endpoint' | 'region' | 'credentials' | 'onCall' | 'clock'
> {
  /** Between tries to make a queue that was deleted a moment ago. Default: real time. */
  wait?: (milliseconds: number) => Promise<void>;
}

/** Makes the way that events take, with the credentials of whoever runs it. Every method rejects with an `AwsError`. */
export interface EventPathWriter {
  /** Reads what stands and says what is left to do. Changes nothing. */
  plan(wanted: EventPathWanted): Promise<EventPathPlan>;
  /** What removes it again. Changes nothing. */
  planUndo(wanted: Pick<EventPathWanted, 'managementAccountId' | 'integrationId'>): Promise<EventPathPlan>;
  /**
   * Takes the steps in their order; `onStep` hears of each before it is taken. Whoever is interrupted plans again: what was done is then no
   * step. Answers with the URL of the queue of events, found or made; undefined where the plan did neither.
   */
  apply(plan: EventPathPlan, onStep?: (step: EventPathStep) => void): Promise<string | undefined>;
  /** Calls so far, by operation. */
  calls(): Record<string, number>;
  destroy(): void;
}

/** SQS gives a name out again a minute after its queue was deleted. */
const queueNameTries = { everyMs: 5_000, times: 14 };

export function createEventPathWriter(options: EventPathWriterOptions): EventPathWriter {
  const region = options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const partition = partitionOfRegion(region);
  const home = organizationsRegion(partition);
  const wait = options.wait ?? ((milliseconds: number) => delay(milliseconds));
  const clients = createAwsClients({
    settings: {
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      customUserAgent: operatorUserAgent,
      maxAttempts: 1,
      requestHandler: createRequestHandler(),
    },
    region: home,
    declared: eventPathOperatorActions,
  });
  const caller = createCaller({ rateShare: 0.5, onCall: options.onCall, now: options.clock ?? (() => performance.now()) });
  const call = <T>(operation: string, send: () => Promise<T>): Promise<T> => caller.call(operation, 'sync', send);
  const context = { ...clients, sqs: clients.queuesIn(home), region: home, call };
  const reader = createEventPathReader(context);

  const readState = async (managementAccountId: string): Promise<EventPathState> => {
    const operation = 'GetCallerIdentity';
    const identity = await call(operation, () => clients.sts.send(new GetCallerIdentityCommand({})));
    const accountId = accountIdOf(identity.Account, operation);
    if (accountId !== managementAccountId) {
      throw new AwsError(
        `The credentials at hand are of account ${accountId}, but events have to be enabled in the management account ${managementAccountId}. Use credentials of that account (AWS_PROFILE).`,
        { kind: 'credentials', operation },
      );
    }
    const theirs = partitionOf(required(identity.Arn, 'Arn', operation), operation);
    if (theirs !== partition) {
      throw new AwsError(
        `The credentials at hand are of partition ${theirs}, but Region ${region} is of ${partition}. Set AWS_REGION to ${organizationsRegion(theirs)}.`,
        { kind: 'credentials', operation },
      );
    }
    return readEventPathState({ partition, region: home, accountId }, { ...context, reader });
  };

  const take = async (step: EventPathStep): Promise<string | undefined> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await applyStep(step, context);
      } catch (error) {
        if (takesAway(step) && isMissing(error)) return undefined;
        if (!isDeletedRecently(error) || tried >= queueNameTries.times) throw error;
        await wait(queueNameTries.everyMs);
      }
    }
  };

  return {
    plan: async (wanted) => planEventPath(await readState(wanted.managementAccountId), wanted),
    planUndo: async (wanted) => planEventPathUndo(await readState(wanted.managementAccountId), wanted),
    apply: async ({ steps, queueUrl }, onStep) => {
      // Not asked for again: SQS may not find a queue by its name in the first second.
      let made: string | undefined;
      for (const step of steps) {
        onStep?.(step);
        const answer = await take(step);
        if (step.kind === 'create-queue' && step.purpose === 'events') made = answer;
      }
      return made ?? queueUrl;
    },
    calls: () => caller.counts(),
    destroy: () => clients.destroy(),
  };
}

const isDeletedRecently = (error: unknown): boolean =>
  error instanceof AwsError && (error.code ?? '').endsWith('QueueDeletedRecently');
