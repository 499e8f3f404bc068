import { toBinary } from '@bufbuild/protobuf';
import type { Bus } from '@orgtrail/messaging';
import { cloudEventHeaders, observation, topics } from '@orgtrail/proto';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { buildObservation } from './build-observation.js';
import { markPublished } from './sql/mark-published.js';
import { unpublishedSubjects, type UnpublishedSubject } from './sql/unpublished-subjects.js';

const batchSize = 500;

/**
 * Publishes every subject whose newest version the bus has not acknowledged, and notes the acknowledgement (invariant 6). A crash in
 * between publishes again: consumers compare subject versions. Returns how many observations were published.
 */
export async function publishPending(
  pool: pg.Pool,
  bus: Bus,
  integration: Integration,
  onAcknowledged: (subjects: readonly UnpublishedSubject[]) => void = () => undefined,
): Promise<number> {
  let published = 0;
  for (;;) {
    const pending = await unpublishedSubjects(pool, integration.id, batchSize);
    if (pending.length === 0) return published;
    // Read after the subjects: what was stored with e-mail addresses leaves without them as soon as they are withheld.
    const stored = await selectIntegration(pool, integration.id);
    const current = { ...integration, ...stored?.settings };
    await bus.publish(
      topics.observations,
      pending.map((subject) => ({
        key: integration.id,
        value: toBinary(observation.ObservationSchema, buildObservation(current, subject)),
        headers: cloudEventHeaders({
          id: `${integration.id}/${subject.subject}/${subject.subjectVersion.toString()}`,
          source: `/orgtrail/integrations/${integration.id}`,
          type: 'orgtrail.observation.v1',
          time: subject.observedAt,
          subject: subject.subject,
          traceparent: subject.cause?.traceparent,
        }),
      })),
    );
    await markPublished(pool, integration.id, pending);
    onAcknowledged(pending);
    published += pending.length;
    if (pending.length < batchSize) return published;
  }
}
