import { emptyTables, type OrganizationIdentity, type Records, type Tables } from './records.js';
import { OrganizationView } from './view.js';

interface Change {
  at: number;
  undo: (tables: Tables) => void;
}

/** How long the past is remembered: no stale read may reach further back. */
const rememberedMs = 15 * 60_000;

/** The organization's records, with enough memory to answer as of a moment ago. */
export class OrganizationStore {
  readonly identity: OrganizationIdentity;
  readonly tables: Tables;
  readonly #now: () => number;
  #changes: Change[] = [];
  readonly #watchers: ((table: keyof Records, key: string) => void)[] = [];
  #version = 0;
  #current: OrganizationView | undefined;
  #past: { version: number; undone: number; view: OrganizationView } | undefined;

  constructor(identity: OrganizationIdentity, tables: Tables, now: () => number) {
    this.identity = identity;
    this.tables = tables;
    this.#now = now;
  }

  /** The organization as it is. */
  get current(): OrganizationView {
    this.#current ??= new OrganizationView(this.identity, this.tables);
    return this.#current;
  }

  put<Name extends keyof Records>(name: Name, key: string, record: Records[Name]): void {
    const table: Map<string, Records[Name]> = this.tables[name];
    this.#remember(name, key);
    table.set(key, record);
    this.#tell(name, key);
  }

  remove(name: keyof Records, key: string): void {
    this.#remember(name, key);
    this.tables[name].delete(key);
    this.#tell(name, key);
  }

  /** Hears of every change of a record, after it was made. */
  watch(watcher: (table: keyof Records, key: string) => void): void {
    this.#watchers.push(watcher);
  }

  /** The organization as it was so many milliseconds ago, at most `rememberedMs`. */
  asOf(agoMs: number): OrganizationView {
    if (agoMs <= 0) return this.current;
    const moment = this.#now() - agoMs;
    const firstLater = this.#changes.findIndex((change) => change.at > moment);
    if (firstLater === -1) return this.current;
    const undone = this.#changes.length - firstLater;
    if (this.#past?.version !== this.#version || this.#past.undone !== undone) {
      const tables = emptyTables();
      for (const name of Object.keys(tables) as (keyof Records)[]) copyInto(tables, this.tables, name);
      for (const change of this.#changes.slice(firstLater).reverse()) change.undo(tables);
      this.#past = { version: this.#version, undone, view: new OrganizationView(this.identity, tables) };
    }
    return this.#past.view;
  }

  #tell(name: keyof Records, key: string): void {
    for (const watcher of this.#watchers) watcher(name, key);
  }

  #remember(name: keyof Records, key: string): void {
    const before: unknown = this.tables[name].get(key);
    const now = this.#now();
    this.#changes.push({
      at: now,
      undo: (tables) => {
        const table = tables[name] as Map<string, unknown>;
        if (before === undefined) table.delete(key);
        else table.set(key, before);
      },
    });
    const oldest = this.#changes[0];
    if (oldest !== undefined && oldest.at < now - 2 * rememberedMs) {
      this.#changes = this.#changes.filter((change) => change.at >= now - rememberedMs);
    }
    this.#version += 1;
    this.#current = undefined;
  }
}

function copyInto(target: Tables, source: Tables, name: keyof Records): void {
  const to = target[name] as Map<string, unknown>;
  for (const [key, record] of source[name]) to.set(key, record);
}
