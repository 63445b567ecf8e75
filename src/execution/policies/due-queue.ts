interface Due<T> {
  readonly value: T;
  readonly dueMs: number;
  /** Place in the order of coming. */
  readonly order: number;
}

/** What waits for its time: the earliest comes first, equal ones in the order in which they came. A binary heap. */
export class DueQueue<T> {
  readonly #heap: Due<T>[] = [];
  #count = 0;

  get length(): number {
    return this.#heap.length;
  }

  /** The earliest time; infinite when nothing waits. */
  get nextMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  add(value: T, dueMs: number): void {
    const heap = this.#heap;
    const added: Due<T> = { value, dueMs, order: this.#count++ };
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(added, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = added;
  }

  /** Takes out the earliest; `undefined` when nothing waits. */
  take(): T | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.value;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first.value;
  }
}

function isBefore<T>(a: Due<T>, b: Due<T>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
