/**
 * Standard normal noise of one evaluation: the same numbers in any language that has 32-bit integers.
 *
 * @param seed - of the run, a 32-bit integer.
 * @param index - of the evaluation, from 0.
 */
export function gauss(seed: number, index: number): number {
  const next = mulberry32((Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b) + 1) | 0);
  const radius = Math.sqrt(-2 * Math.log(Math.max(next(), 1e-12)));
  return radius * Math.cos(2 * Math.PI * next());
}

/** Ettinger's mulberry32: uniform numbers in `[0, 1)` from 32 bits of state. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
