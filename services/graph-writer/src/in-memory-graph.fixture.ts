import type { BatchPlan } from './plan-batch.js';
import type { StoredEntity, StoredRelationship, StoredRows, StoredSubject } from './rows.js';

/** Carries out plans as the SQL does, so that the planner can be tested over many batches. */
export class InMemoryGraph {
  readonly subjects = new Map<string, StoredSubject>();
  readonly entities = new Map<string, StoredEntity>();
  readonly relationships = new Map<string, StoredRelationship>();

  get stored(): StoredRows {
    return {
      subjects: [...this.subjects.values()],
      entities: [...this.entities.values()],
      relationships: [...this.relationships.values()],
    };
  }

  carryOut(plan: BatchPlan): void {
    for (const { endedReason: _, ...row } of plan.subjects) this.subjects.set(`${row.scope} ${row.subject}`, row);
    for (const { version: _v, endedReason: _r, cause: _c, ...row } of plan.entities)
      this.entities.set(`${row.scope} ${row.key}`, row);
    for (const { scope, owner } of plan.owners) {
      for (const [id, row] of this.relationships) if (row.scope === scope && row.owner === owner) this.relationships.delete(id);
    }
    for (const { version: _, ...row } of plan.relationships) this.relationships.set(`${row.scope} ${row.key}`, row);
  }

  /** What lives, and how far each subject is: the same for every order of the same changes. */
  get current(): object {
    const sorted = (values: Iterable<object>) => [...values].map((value) => JSON.stringify(value, bigints)).sort();
    return {
      subjects: sorted([...this.subjects.values()].map(({ everLive: _, ...row }) => row)),
      entities: sorted([...this.entities.values()].filter(({ live }) => live)),
      relationships: sorted([...this.relationships.values()].filter(({ live }) => live)),
    };
  }
}

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
