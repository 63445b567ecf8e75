import type { Rng } from "../../../math/random.ts";
import type { FeatureSpace } from "./features.ts";
import { Learner } from "./learner.ts";
import type { Observations } from "./observations.ts";
import { PLAIN } from "./transform.ts";

/** Weight of the sum beside the maximum (Knowles 2006, equation 2). */
const AUGMENTATION = 0.05;

/**
 * Learns several objectives as one: the augmented Chebyshev function under weights that are drawn for each trial, so
 * that the trials spread over the front (ParEGO: Knowles 2006, IEEE Trans. Evol. Comput. 10).
 */
export function scalarized(space: FeatureSpace, objectives: readonly Observations[], rng: Rng): Learner {
  const count = objectives[0]?.count ?? 0;
  const draws = objectives.map(() => -Math.log(1 - rng.next()));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  const ranges = objectives.map(({ losses }) => rangeOf(losses.subarray(0, count)));
  const learner = new Learner(space, [PLAIN], count);
  const first = objectives[0] as Observations;
  for (let at = 0; at < count; at += 1) {
    let worst = 0;
    let sum = 0;
    for (const [index, { losses }] of objectives.entries()) {
      const { low, width } = ranges[index] as { low: number; width: number };
      const share = (draws[index]! / total) * Math.min(Math.max((losses[at]! - low) / width, 0), 1);
      worst = Math.max(worst, share);
      sum += share;
    }
    learner.add(first.point(at), worst + AUGMENTATION * sum, 0);
  }
  return learner;
}

function rangeOf(values: Float64Array): { low: number; width: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, width: high > low ? high - low : 1 };
}
