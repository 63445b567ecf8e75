/**
 * A list that only ever grows, with states that are derived from it item by item.
 *
 * Whoever derives something keeps it with {@link GrowingList.fold}: each item is looked at once, and any list with
 * the same items in the same order gives the same state.
 */
export class GrowingList<T> implements Iterable<T> {
  readonly #items: T[] = [];
  readonly #folded = new WeakMap<object, { count: number; state: unknown }>();

  get length(): number {
    return this.#items.length;
  }

  /** The item at a position; negative positions count from the end. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  /**
   * State derived from the items. Each is looked at once, when the state is next asked for after it was added.
   *
   * @param key - who asks; each key has a state of its own. A state must depend on nothing but its key and the items.
   * @param begin - makes the state for no items.
   * @param step - takes an item in, changing the state or giving a new one.
   */
  fold<S>(key: object, begin: () => S, step: (state: S, item: T, index: number) => S): S {
    let kept = this.#folded.get(key) as { count: number; state: S } | undefined;
    if (kept === undefined) {
      kept = { count: 0, state: begin() };
      this.#folded.set(key, kept);
    }
    while (kept.count < this.#items.length) {
      kept.state = step(kept.state, this.#items[kept.count] as T, kept.count);
      kept.count += 1;
    }
    return kept.state;
  }

  protected append(item: T): void {
    this.#items.push(item);
  }
}
