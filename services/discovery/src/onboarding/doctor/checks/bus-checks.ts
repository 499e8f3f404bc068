import { setTimeout as delay } from 'node:timers/promises';
import { consumerGroups, topics } from '@orgtrail/proto';
import { byAction, failed, ok, type Check } from '../check.js';
import type { InstallationExamination } from '../examination.js';
import { failureOf } from '../failure-of.js';

const legs = [
  { service: 'account-mapper', group: consumerGroups.accountMapper, topic: topics.observations },
  { service: 'graph-writer', group: consumerGroups.graphWriter, topic: topics.graphChanges },
] as const;

/** A consumer that works takes less than this to move. */
const looks = 5;
const lookEveryMs = 1_000;

export const busChecks: readonly Check<InstallationExamination>[] = [
  {
    id: 'bus.reachable',
    asks: 'Does the bus answer?',
    needs: ['database.reachable'],
    failureMeans: 'Nothing that is read reaches the graph; it waits in discovery.',
    mendedBy: 'start Kafka, or correct KAFKA_BROKERS and the variables of its TLS and SASL',
    run: async ({ bus }) => {
      const error = await failureOf(() => bus.ping());
      if (error === undefined) return ok(bus.kind === 'kafka' ? 'Kafka' : 'in the database');
      return failed(
        error instanceof Error ? error.message : 'it does not answer',
        byAction(
          'Start Kafka, and check KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL. The services go on by themselves when it answers.',
        ),
      );
    },
  },
  {
    id: 'bus.topics',
    asks: 'Do the topics of the bus exist?',
    needs: ['bus.reachable'],
    failureMeans: 'What one service publishes reaches no other: the graph stands still.',
    mendedBy: 'start the services again: each creates its topics; or create them by hand',
    run: async ({ bus }) => {
      const missing = await bus.missingTopics(Object.values(topics));
      if (missing.length === 0)
        return ok(`${Object.values(topics).length} topics on ${bus.kind === 'kafka' ? 'Kafka' : 'the database'}`);
      return failed(
        `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
        byAction(
          `Start discovery, account-mapper and graph-writer again: each creates its topics at its start.${
            bus.kind === 'kafka'
              ? ' Where the cluster forbids that, create them with 6 partitions, cleanup.policy=delete and message.timestamp.type=LogAppendTime.'
              : ''
          } Then \`orgtrail integration sync\`: what was not delivered is read again.`,
        ),
      );
    },
  },
  {
    id: 'bus.lag',
    asks: 'Do account-mapper and graph-writer keep up?',
    needs: ['bus.topics'],
    failureMeans: 'A service is away or stuck, so the graph shows an older state.',
    mendedBy: 'start the service that does not move; its log says why it stopped',
    run: async ({ bus }) => {
      const stuck = (await Promise.all(legs.map(async (leg) => ({ ...leg, lag: await lagThatStands(bus, leg) })))).filter(
        ({ lag }) => lag > 0n,
      );
      if (stuck.length === 0) return ok('nothing waits, or what waits becomes less');
      return failed(
        stuck.map(({ service, topic, lag }) => `${service} does not move: ${lag} records of ${topic} wait`).join('; '),
        ...stuck.map(({ service }) => byAction(`Look whether ${service} runs and what its log says last, and start it again.`)),
      );
    },
  },
];

/** 0 when nothing waits or it became less meanwhile. */
async function lagThatStands(bus: InstallationExamination['bus'], { group, topic }: (typeof legs)[number]): Promise<bigint> {
  let highest = 0n;
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) await delay(lookEveryMs);
    const lag = (await bus.lag(group, [topic]))[topic] ?? 0n;
    if (lag === 0n || lag < highest) return 0n;
    highest = lag;
  }
  return highest;
}
