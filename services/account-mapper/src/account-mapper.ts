import { fromBinary } from '@bufbuild/protobuf';
import { encodeGraphChange } from '@orgtrail/graph-model';
import {
  bytesOf,
  createStandingPartitions,
  describeStand,
  judgeOutcomes,
  maxRecordBytes,
  type Batch,
  type Bus,
  type Consumption,
  type IncomingRecord,
  type OutgoingRecord,
  type Outcomes,
} from '@orgtrail/messaging';
import { cloudEventHeaders, consumerGroups, observation, topics, traceparentOf } from '@orgtrail/proto';
import { createInstruments, DegradedError, type Component, type Logger, type Metrics } from '@orgtrail/service-runtime';
import { deadLetterRecord } from './dead-letter-record.js';
import { accountMapperMetrics } from './metric-declarations.js';
import { normalize } from './normalize/normalize.js';
import { ContractViolation } from './normalize/subject-change.js';

export interface AccountMapperOptions {
  bus: Bus;
  logger: Logger;
  meter: Metrics['meter'];
  /** Consumer group. */
  group?: string;
  /** So long a partition stands still before what stopped it becomes dead letters after all. By default 600. */
  standSeconds?: number;
}

/**
 * Reads observations, publishes graph changes with the same key. An offset moves only after the bus took what follows from it. A partition with too many records that
 * cannot be read stands still for a while: a version that can may come meanwhile. Nobody else can tell the mapper to go on, since it has no API and keeps nothing.
 */
export function createAccountMapper({
  bus,
  logger,
  meter,
  group = consumerGroups.accountMapper,
  standSeconds = 600,
}: AccountMapperOptions): Component {
  const { mapped, deadLetters, lag, stopped } = createInstruments(meter, accountMapperMetrics);
  /** By partition, of what the bus took. */
  const outcomesOf = new Map<number, Outcomes>();
  const standing = createStandingPartitions(logger);
  let consumption: Consumption | undefined;
  let reading = false;
  let endGauges: (() => void)[] = [];

  const stoodLongEnough = (batch: Batch): boolean => {
    const stand = standing.of(batch);
    return stand !== undefined && Date.now() - stand.since >= standSeconds * 1000;
  };

  const onBatch = async (batch: Batch): Promise<void> => {
    const { topic, partition } = batch;
    const results = batch.records.map(mapRecord);
    const failures = results.filter((result) => 'error' in result);
    const changes = results.flatMap((result) => ('change' in result ? [result.change] : []));
    const { outcomes, tooMany } = judgeOutcomes(
      outcomesOf.get(partition) ?? [],
      results.map((result) => ('error' in result ? result.error.code : null)),
    );
    if (tooMany && !stoodLongEnough(batch)) {
      const first = batch.records[tooMany.index];
      const reason =
        `Too many observations cannot be read (${tooMany.figures}): discovery or this version is wrong, not the observations. Nothing is lost. Run a version ` +
        `that reads them; else the batch becomes dead letters ${standSeconds / 60} minutes after it was stopped, and it goes on.`;
      standing.standAt({ topic, partition, offset: first?.offset ?? 0n, reason });
      throw new Error(reason);
    }
    const letters = failures.map((failed) => deadLetterRecord({ topic, partition, group, failedAt: Date.now(), ...failed }));
    if (letters.length > 0) await bus.publish(topics.deadLetters, letters);
    if (changes.length > 0) await bus.publish(topics.graphChanges, changes);
    // Only now: what the bus did not take comes again, and is no further record.
    outcomesOf.set(partition, tooMany ? [] : outcomes);
    standing.goOn(batch);
    mapped.add(changes.length);
    deadLetters.add(letters.length);
    for (const { record, error } of failures) {
      logger.error(
        { topic, partition, offset: record.offset.toString(), code: error.code, reason: error.message },
        'A record cannot be processed and becomes a dead letter',
      );
    }
  };

  return {
    name: 'account-mapper',
    start: async () => {
      await bus.ensureTopics([
        { topic: topics.observations, partitions: 6 },
        { topic: topics.graphChanges, partitions: 6 },
        { topic: topics.deadLetters, partitions: 6 },
      ]);
      consumption = bus.consume({ topics: [topics.observations], group, onBatch });
      consumption.ready.then(
        () => (reading = true),
        () => undefined,
      );
      endGauges = [
        lag.observe(async (say) => say(Number((await bus.lag(group, [topics.observations]))[topics.observations] ?? 0n))),
        stopped.observe((say) => say(standing.all().length)),
      ];
    },
    stop: async () => {
      for (const end of endGauges) end();
      await consumption?.stop();
    },
    get done() {
      return consumption?.done;
    },
    checks: {
      bus: () => {
        if (!reading) throw new Error('The observations are not being read yet.');
      },
      partitions: () => {
        const stands = standing.all();
        if (stands.length > 0) throw new DegradedError(stands.map(describeStand).join('\n'));
      },
    },
  };
}

type Result = { change: OutgoingRecord } | { record: IncomingRecord; error: ContractViolation };

function mapRecord(record: IncomingRecord): Result {
  try {
    const change = graphChangeRecord(record);
    if (bytesOf(change) > maxRecordBytes)
      throw new ContractViolation('CONTRACT_VIOLATION', 'The bus does not take so large a graph change.');
    return { change };
  } catch (error) {
    if (error instanceof ContractViolation) return { record, error };
    throw error;
  }
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
