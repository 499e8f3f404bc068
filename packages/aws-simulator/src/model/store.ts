import { emptyTables, type OrganizationIdentity, type Records, type Tables } from './records.js';
import { OrganizationView } from './view.js';

interface Change {
  /** Epoch milliseconds, never less than that of the change before. */
  readonly at: number;
  readonly table: keyof Records;
  readonly key: string;
  /** `undefined`: there was (is) no record. */
  readonly before: unknown;
  readonly after: unknown;
}

/** The organization as it was after so many of all changes; it only ever goes forward. */
interface Replica {
  readonly tables: Tables;
  readonly view: OrganizationView;
  applied: number;
}

/** How long the past is remembered: no stale read may reach further back. */
const rememberedMs = 15 * 60_000;
/** One for each age that is asked for: that of the reads and that of the tag index. */
const mostReplicas = 4;

/** The organization's records, with enough memory to answer as of a moment ago. */
export class OrganizationStore {
  readonly identity: OrganizationIdentity;
  readonly tables: Tables;
  /** The organization as it is: it follows the records. */
  readonly current: OrganizationView;
  readonly #now: () => number;
  readonly #watchers: ((table: keyof Records, key: string) => void)[] = [];
  readonly #replicas = new Map<number, Replica>();
  #changes: Change[] = [];
  /** How many changes there were before those that are remembered. */
  #forgotten = 0;

  constructor(identity: OrganizationIdentity, tables: Tables, now: () => number) {
    this.identity = identity;
    this.tables = tables;
    this.#now = now;
    this.current = new OrganizationView(identity, tables);
  }

  put<Name extends keyof Records>(name: Name, key: string, record: Records[Name]): void {
    this.#change(name, key, record);
  }

  remove(name: keyof Records, key: string): void {
    this.#change(name, key, undefined);
  }

  /** Hears of every change of a record, after it was made. */
  watch(watcher: (table: keyof Records, key: string) => void): void {
    this.#watchers.push(watcher);
  }

  /** The organization as it was so many milliseconds ago, at most `rememberedMs`. */
  asOf(agoMs: number): OrganizationView {
    if (agoMs <= 0) return this.current;
    const moment = this.#now() - agoMs;
    const wanted = this.#forgotten + countUntil(this.#changes, moment);
    if (wanted === this.#forgotten + this.#changes.length) return this.current;
    let replica = this.#replicas.get(agoMs);
    if (replica === undefined || replica.applied > wanted || replica.applied < this.#forgotten) {
      replica = this.#replicaBefore(wanted);
      this.#replicas.delete(agoMs);
      this.#replicas.set(agoMs, replica);
      const [oldest] = this.#replicas.keys();
      if (this.#replicas.size > mostReplicas && oldest !== undefined) this.#replicas.delete(oldest);
    }
    for (; replica.applied < wanted; replica.applied += 1) {
      const change = this.#changes[replica.applied - this.#forgotten];
      if (change !== undefined) apply(replica, change, change.after);
    }
    return replica.view;
  }

  #change(table: keyof Records, key: string, after: unknown): void {
    const before: unknown = this.tables[table].get(key);
    const at = Math.max(this.#now(), this.#changes.at(-1)?.at ?? 0);
    const change = { at, table, key, before, after };
    this.#changes.push(change);
    const oldest = this.#changes[0];
    if (oldest !== undefined && oldest.at < at - 2 * rememberedMs) {
      const forgotten = countUntil(this.#changes, at - rememberedMs);
      this.#changes = this.#changes.slice(forgotten);
      this.#forgotten += forgotten;
    }
    apply({ tables: this.tables, view: this.current }, change, after);
    for (const watcher of this.#watchers) watcher(table, key);
  }

  #replicaBefore(wanted: number): Replica {
    const tables = emptyTables();
    for (const name of Object.keys(tables) as (keyof Records)[]) copyInto(tables, this.tables, name);
    const replica = { tables, view: new OrganizationView(this.identity, tables), applied: wanted };
    for (const change of this.#changes.slice(wanted - this.#forgotten).reverse()) apply(replica, change, change.before);
    return replica;
  }
}

/** How many changes, of a list in the order of time, were made until that moment. */
function countUntil(changes: readonly Change[], moment: number): number {
  let from = 0;
  let to = changes.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((changes[middle]?.at ?? Infinity) <= moment) from = middle + 1;
    else to = middle;
  }
  return from;
}

function apply({ tables, view }: Pick<Replica, 'tables' | 'view'>, { table: name, key }: Change, record: unknown): void {
  const table = tables[name] as Map<string, unknown>;
  const before = table.get(key);
  if (record === undefined) table.delete(key);
  else table.set(key, record);
  view.follow(name, key, { before, after: record });
}

function copyInto(target: Tables, source: Tables, name: keyof Records): void {
  const to = target[name] as Map<string, unknown>;
  for (const [key, record] of source[name]) to.set(key, record);
}
