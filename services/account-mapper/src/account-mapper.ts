import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { encodeGraphChange } from '@orgtrail/graph-model';
import type { Batch, Bus, Consumption, IncomingRecord, OutgoingRecord } from '@orgtrail/messaging';
import { cloudEventHeaders, consumerGroups, graph, observation, topics, traceparentOf } from '@orgtrail/proto';
import { createInstruments, type Component, type Logger, type Metrics } from '@orgtrail/service-runtime';
import { accountMapperMetrics } from './metric-declarations.js';
import { normalize } from './normalize/normalize.js';
import { ContractViolation } from './normalize/subject-change.js';
import { createPoisonPolicy } from './poison-policy.js';

export interface AccountMapperOptions {
  bus: Bus;
  logger: Logger;
  meter: Metrics['meter'];
  /** Consumer group. */
  group?: string;
}

/** Reads observations, publishes graph changes with the same key. An offset moves only after the bus took what follows from it. */
export function createAccountMapper({
  bus,
  logger,
  meter,
  group = consumerGroups.accountMapper,
}: AccountMapperOptions): Component {
  const { mapped, deadLetters, lag } = createInstruments(meter, accountMapperMetrics);
  const poison = createPoisonPolicy();
  let consumption: Consumption | undefined;
  let sickness: Error | undefined;
  let reading = false;
  let done: Promise<void> | undefined;
  let endLag: (() => void) | undefined;

  const onBatch = async (batch: Batch): Promise<void> => {
    const changes: OutgoingRecord[] = [];
    const letters: OutgoingRecord[] = [];
    for (const record of batch.records) {
      try {
        changes.push(graphChangeRecord(record));
        poison.processed();
      } catch (error) {
        if (!(error instanceof ContractViolation)) throw error;
        letters.push(deadLetterRecord(batch, record, group, error));
        logger.error(
          {
            topic: batch.topic,
            partition: batch.partition,
            offset: record.offset.toString(),
            code: error.code,
            reason: error.message,
          },
          'A record cannot be processed and becomes a dead letter',
        );
        try {
          poison.deadLettered();
        } catch (tooMany) {
          sickness = tooMany as Error;
          throw tooMany;
        }
      }
    }
    if (letters.length > 0) await bus.publish(topics.deadLetters, letters);
    if (changes.length > 0) await bus.publish(topics.graphChanges, changes);
    mapped.add(changes.length);
    deadLetters.add(letters.length);
  };

  return {
    name: 'account-mapper',
    start: async () => {
      await bus.ensureTopics([
        { topic: topics.observations, partitions: 6 },
        { topic: topics.graphChanges, partitions: 6 },
        { topic: topics.deadLetters, partitions: 6 },
      ]);
      let stopForSickness: (error: Error) => void = () => undefined;
      const sick = new Promise<never>((_resolve, reject) => {
        stopForSickness = reject;
      });
      consumption = bus.consume({
        topics: [topics.observations],
        group,
        onBatch: async (batch) => {
          try {
            await onBatch(batch);
          } catch (error) {
            if (sickness) stopForSickness(sickness);
            throw error;
          }
        },
      });
      consumption.ready.then(
        () => (reading = true),
        () => undefined,
      );
      done = Promise.race([consumption.done, sick]);
      endLag = lag.observe(async (say) => say(Number((await bus.lag(group, [topics.observations]))[topics.observations] ?? 0n)));
    },
    stop: async () => {
      endLag?.();
      await consumption?.stop();
    },
    get done() {
      return done;
    },
    checks: {
      bus: () => {
        if (!reading) throw new Error('The observations are not being read yet.');
      },
    },
  };
}

function graphChangeRecord(record: IncomingRecord): OutgoingRecord {
  if (record.value === null) throw new ContractViolation('UNPARSABLE', 'The record has no value.');
  const observed = parse(record.value);
  const change = normalize(observed);
  return {
    key: observed.integrationId,
    value: encodeGraphChange(change),
    headers: cloudEventHeaders({
      id: `${change.integrationId}/${change.subject}/${change.subjectVersion.toString()}`,
      source: '/orgtrail/account-mapper',
      type: 'orgtrail.graph-change.v1',
      time: new Date(record.timestamp),
      subject: change.subject,
      traceparent: traceparentOf(record.headers),
    }),
  };
}

function parse(value: Uint8Array): observation.Observation {
  try {
    return fromBinary(observation.ObservationSchema, value);
  } catch {
    throw new ContractViolation('UNPARSABLE', 'The value is not an orgtrail.observation.v1.Observation.');
  }
}

function deadLetterRecord(batch: Batch, record: IncomingRecord, group: string, error: ContractViolation): OutgoingRecord {
  return {
    key: `${batch.topic}/${batch.partition}`,
    value: toBinary(
      graph.DeadLetterSchema,
      create(graph.DeadLetterSchema, {
        topic: batch.topic,
        partition: batch.partition,
        offset: record.offset,
        group,
        code: error.code,
        message: error.message,
        recordKey: new TextEncoder().encode(record.key ?? ''),
        recordValue: record.value ?? new Uint8Array(),
        headers: record.headers,
        failedAt: timestampFromMs(Date.now()),
      }),
    ),
  };
}
