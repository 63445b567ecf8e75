import { bestAt, type Runs } from "./curves.ts";

/** How one optimiser did after a number of evaluations. */
export interface Score {
  readonly sampler: string;
  /** Rank of its median regret among all, 1 for the lowest, averaged over the problems. */
  readonly rank: number;
  /** Geometric mean over the problems of its normalised regret, each at least {@link FLOOR}. */
  readonly geomean: number;
  /** Problem → median regret / median regret of random search after as many evaluations. */
  readonly normalised: ReadonlyMap<string, number>;
}

/** Normalised regrets below this count as this: a problem solved to the last digit must not outweigh the others. */
export const FLOOR = 1e-2;

/**
 * Scores optimisers against each other, on the problems that all of them have runs of.
 *
 * @param runs - of all optimisers to be compared.
 * @param optima - problem → lowest value.
 * @param reference - name of the optimiser whose median regret is 1; its runs are in `runs`.
 */
export function rankAll(
  runs: readonly Runs[],
  optima: ReadonlyMap<string, number>,
  evaluations: number,
  reference: string,
): readonly Score[] {
  const samplers = [...new Set(runs.map(({ sampler }) => sampler))];
  const regrets = new Map<string, Map<string, number>>();
  for (const { problem, sampler, curves } of runs) {
    const optimum = optima.get(problem);
    if (optimum === undefined) continue;
    const row = regrets.get(problem) ?? new Map<string, number>();
    row.set(sampler, median(curves.map((curve) => bestAt(curve, evaluations) - optimum)));
    regrets.set(problem, row);
  }
  const shared = [...regrets].filter(([, row]) => row.size === samplers.length);
  const ranks = new Map(shared.map(([problem, row]) => [problem, ranksOf(row)]));
  return samplers.map((sampler) => {
    const normalised = new Map(
      shared.map(([problem, row]) => [problem, row.get(sampler)! / row.get(reference)!]),
    );
    const logs = [...normalised.values()].map((value) => Math.log(Math.max(FLOOR, value)));
    return {
      sampler,
      rank: mean([...ranks.values()].map((row) => row.get(sampler)!)),
      geomean: Math.exp(mean(logs)),
      normalised,
    };
  });
}

/** Ranks from 1; equal values share the mean of their places. */
export function ranksOf(values: ReadonlyMap<string, number>): Map<string, number> {
  const all = [...values.values()];
  return new Map(
    [...values].map(([name, value]) => {
      const below = all.filter((other) => other < value).length;
      const equal = all.filter((other) => other === value).length;
      return [name, below + (equal + 1) / 2];
    }),
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
