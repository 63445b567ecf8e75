import type { Rng } from "./random.ts";

/**
 * Draws numbers below `available` without replacement: position among the drawn → the number. Draws as far as it was
 * asked for, and keeps what it drew.
 *
 * @param count - how many will be drawn at most.
 * @param start - gives the stream that they are drawn from.
 * @see Fisher and Yates, in the form of Durstenfeld 1964, "Algorithm 235: Random permutation", CACM 7(7):420, with a
 * map in place of the array so that cells not yet moved take no memory.
 */
export function createDrawer(available: number, count: number, start: () => Rng): (index: number) => number {
  const drawn: number[] = [];
  /** Cells of the virtual array 0, 1, …, available − 1 that no longer hold their own number. */
  const moved = new Map<number, number>();
  let rng: Rng | undefined;
  return (index) => {
    while (drawn.length <= index) {
      rng ??= start();
      const first = drawn.length;
      const pick = rng.int(first, available - 1);
      drawn.push(moved.get(pick) ?? pick);
      if (pick !== first) moved.set(pick, moved.get(first) ?? first);
      moved.delete(first);
      if (drawn.length === count) moved.clear();
    }
    return drawn[index]!;
  };
}
