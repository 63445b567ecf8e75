import { createRng } from "./random.ts";

/** Trials that share one stream of a name. Seeding a stream costs about as much as a thousand draws from it. */
const BLOCK = 1_024;

/** Blocks of draws that are kept, 8 kB a name each: enough that walking several places at once seeds nothing twice. */
const KEPT_BLOCKS = 16;

/**
 * The uniform numbers of trials: trial → name → share in `[0, 1)`. Each name draws from streams of its own, so the
 * numbers of one do not depend on which others there are, nor on the order of asking.
 */
export function createShares(seed: number | string): (index: number) => (name: string) => number {
  const kept = new Map<number, Map<string, Float64Array>>();
  let number = -1;
  let block = new Map<string, Float64Array>();
  let offset = 0;

  function open(wanted: number): void {
    number = wanted;
    block = kept.get(wanted) ?? new Map<string, Float64Array>();
    // Taken out and put in again, so that the first key is the one that was left alone for longest.
    kept.delete(wanted);
    kept.set(wanted, block);
    if (kept.size > KEPT_BLOCKS) kept.delete(kept.keys().next().value as number);
  }

  function share(name: string): number {
    let draws = block.get(name);
    if (draws === undefined) {
      const rng = createRng("metalab.random", 1, seed, name, number);
      draws = new Float64Array(BLOCK);
      for (let at = 0; at < BLOCK; at += 1) draws[at] = rng.next();
      block.set(name, draws);
    }
    return draws[offset] as number;
  }

  return (index) => {
    offset = index % BLOCK;
    const wanted = (index - offset) / BLOCK;
    if (wanted !== number) open(wanted);
    return share;
  };
}
