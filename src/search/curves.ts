import { GrowingList } from "./growing-list.ts";
import type { Direction } from "./objective.ts";

/** What one run reported of the objective, step by step. */
export interface Curve {
  /** Number of the trial; negative for what the store knew before the search began. */
  readonly trial: number;
  readonly replicate: number;
  /** Steps at which the objective was reported: strictly rising. */
  readonly steps: Float64Array;
  /** The objective at each step. Smaller is better: what is to be maximized is negated. Without NaN. */
  readonly losses: Float64Array;
  /** Whether the run came to its end, and was not pruned. */
  readonly isComplete: boolean;
}

/** Steps and losses of a curve. */
export type CurvePoints = Pick<Curve, "steps" | "losses">;

/**
 * Puts reported points into the form that pruners take: in the order of their steps, of equal steps the one reported
 * last, smaller is better. NaN counts as an infinite loss.
 *
 * @param steps - as they were reported, in any order.
 * @param values - the metric at each.
 */
export function curvePoints(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  direction: Direction,
): CurvePoints {
  const sign = direction === "maximize" ? -1 : 1;
  const lossOf = (at: number): number => {
    const loss = sign * values[at]!;
    return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
  };
  if (isRising(steps)) {
    return { steps: Float64Array.from(steps), losses: Float64Array.from(steps, (_, at) => lossOf(at)) };
  }
  const order = Array.from({ length: steps.length }, (_, at) => at);
  order.sort((a, b) => steps[a]! - steps[b]! || a - b);
  const kept = order.filter((at, place) => steps[order[place + 1] ?? -1] !== steps[at]);
  return {
    steps: Float64Array.from(kept, (at) => steps[at]!),
    losses: Float64Array.from(kept, lossOf),
  };
}

function isRising(steps: ArrayLike<number>): boolean {
  for (let at = 1; at < steps.length; at += 1) if (steps[at]! <= steps[at - 1]!) return false;
  return true;
}

/** Position of the first step at or after a given one; the number of steps when all are before it. */
export function firstFrom(steps: Float64Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The curves of the runs that have ended, in the order in which the search was told of them. Only ever grows.
 *
 * As with {@link History}, what a pruner derives from the curves it keeps with `fold()`.
 */
export class CurveHistory extends GrowingList<Curve> {
  /** Appends a curve. One without points says nothing, and is left out. */
  add(curve: Curve): void {
    if (curve.steps.length > 0) this.append(curve);
  }
}
