import { Experiment, random, uniform } from "metalab";

/** Trivial runs: two drawn numbers in, one metric out. */
export function trivial(trials: number): Experiment {
  return new Experiment({
    name: "trivial",
    params: random({ space: { x: uniform(-10, 10), y: uniform(-10, 10) }, trials, seed: 1 }),
    operation: ({ params: { x, y } }) => ({ value: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2 }),
  }) as unknown as Experiment;
}
