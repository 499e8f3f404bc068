/** A list in the order of its keys that stays in order while single items come, change and go. */
export class Ordered<T> {
  readonly #keyOf: (item: T) => string;
  readonly #items: T[];

  constructor(keyOf: (item: T) => string, items: Iterable<T>) {
    this.#keyOf = keyOf;
    this.#items = [...items].sort((left, right) => compare(keyOf(left), keyOf(right)));
  }

  /** To be read at once: it changes with the organization. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds an item, or replaces the one of the same key. */
  put(item: T): void {
    const key = this.#keyOf(item);
    const at = firstFrom(this.#items, this.#keyOf, key);
    const there = this.#items[at];
    this.#items.splice(at, there !== undefined && this.#keyOf(there) === key ? 1 : 0, item);
  }

  remove(key: string): void {
    const at = firstFrom(this.#items, this.#keyOf, key);
    const there = this.#items[at];
    if (there !== undefined && this.#keyOf(there) === key) this.#items.splice(at, 1);
  }
}

/** Index of the first item whose key is above this one. */
export function firstAfter<T>(items: readonly T[], keyOf: (item: T) => string, key: string): number {
  const at = firstFrom(items, keyOf, key);
  const there = items[at];
  return there !== undefined && keyOf(there) === key ? at + 1 : at;
}

/** Index of the first item whose key is not below this one. */
function firstFrom<T>(items: readonly T[], keyOf: (item: T) => string, key: string): number {
  let from = 0;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const item = items[middle];
    if (item !== undefined && keyOf(item) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** By code units, as AWS-like cursors compare; never by locale. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
