import type { History, ObservedTrial } from "../../history.ts";
import { tierOf } from "../../ranking.ts";

/** The trials of a history from the best to the worst. */
export interface Order {
  /** All but the failed, which say nothing of their params. Equals are in the order of the history. */
  readonly trials: readonly ObservedTrial[];
  /** How many of them, from the first, have losses and meet the constraints. */
  readonly feasible: number;
}

interface Growing extends Order {
  readonly trials: ObservedTrial[];
  feasible: number;
}

/**
 * The order of the trials, kept up to date at O(log n) comparisons a trial. Complete trials go by their loss (with
 * several objectives the first); then come the pruned, those that got further first; then those that break
 * constraints, by how many and how far; then those that could not be evaluated.
 */
export function orderOf(history: History, key: object): Order {
  return history.fold(
    key,
    (): Growing => ({ trials: [], feasible: 0 }),
    (state, trial) => {
      const tier = tierOf(trial);
      if (trial.state === "failed") return state;
      state.trials.splice(placeOf(state.trials, trial), 0, trial);
      if (tier < VIOLATED) state.feasible += 1;
      return state;
    },
  );
}

const PRUNED = 1;
const VIOLATED = 2;
const INFEASIBLE = 3;

/** Behind all trials that are better or equally good. */
function placeOf(trials: readonly ObservedTrial[], trial: ObservedTrial): number {
  let low = 0;
  let high = trials.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBetter(trial, trials[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBetter(a: ObservedTrial, b: ObservedTrial): boolean {
  const tier = tierOf(a);
  const other = tierOf(b);
  if (tier !== other) return tier < other;
  if (tier >= INFEASIBLE) return false;
  if (tier === VIOLATED) {
    const [count, sum] = violationOf(a);
    const [otherCount, otherSum] = violationOf(b);
    return count !== otherCount ? count < otherCount : sum < otherSum;
  }
  if (tier === PRUNED && a.step !== b.step) return (a.step ?? -1) > (b.step ?? -1);
  return a.losses[0]! < b.losses[0]!;
}

/** How many constraints are not met, and how far they are from it together. */
function violationOf({ violations = [] }: ObservedTrial): readonly [count: number, sum: number] {
  let count = 0;
  let sum = 0;
  for (const violation of violations) {
    if (violation <= 0) continue;
    count += 1;
    sum += Number.isNaN(violation) ? Number.POSITIVE_INFINITY : violation;
  }
  return [count, sum];
}
