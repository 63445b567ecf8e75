import { logImprovement, logNormalCdf, logNormalPdf } from "../../../math/mills.ts";
import type { Term } from "./acquisition.ts";
import type { Posterior } from "./posterior.ts";

/** A point of a front of two objectives. */
export type Pair = readonly [first: number, second: number];

/** A logarithm, and its derivatives by the mean and the standard deviation of a normal variable. */
interface Slopes {
  log: number;
  byMean: number;
  bySd: number;
}

/**
 * Logarithm of the expected hypervolume improvement of two objectives (Emmerich et al. 2006; exact by strips as Yang
 * et al. 2019, "Efficient computation of expected hypervolume improvement using box decomposition algorithms", J.
 * Global Optim. 75, do): with the front `(a_i, b_i)` by ascending `a`, `a_0 = −∞`, `b_0` and `a_{k+1}` those of the
 * reference point,
 *
 * `EHVI = Σ_i (E (a_{i+1} − f)⁺ − E (a_i − f)⁺) · E (b_i − g)⁺`,
 *
 * for the volume that a point (f, g) adds is the integral over x > f of how far g lies below the front at x.
 *
 * @param front - no point of it dominates another.
 * @param reference - what is worse in one objective does not count.
 */
export function hypervolumeImprovement(
  posteriors: readonly [Posterior, Posterior],
  front: readonly Pair[],
  reference: Pair,
): Term {
  const sorted = [...front].sort((p, q) => p[0] - q[0]);
  const ends = [...sorted.map(([first]) => first), reference[0]];
  const heights = [reference[1], ...sorted.map(([, second]) => second)];
  const first = new Float64Array(2);
  const second = new Float64Array(2);
  const logs = new Float64Array(ends.length);
  const slopes = Array.from({ length: 4 }, () => new Float64Array(ends.length));
  return {
    evaluate(x, gradient) {
      posteriors[0].predict(x, first);
      posteriors[1].predict(x, second);
      const sds: Pair = [Math.sqrt(first[1]!), Math.sqrt(second[1]!)];
      let before: Slopes = { log: Number.NEGATIVE_INFINITY, byMean: 0, bySd: 0 };
      let most = Number.NEGATIVE_INFINITY;
      for (let strip = 0; strip < ends.length; strip += 1) {
        const upTo = gain(ends[strip]!, first[0]!, sds[0]);
        const width = difference(upTo, before);
        const height = gain(heights[strip]!, second[0]!, sds[1]);
        before = upTo;
        logs[strip] = width.log + height.log;
        slopes[0]![strip] = width.byMean;
        slopes[1]![strip] = width.bySd;
        slopes[2]![strip] = height.byMean;
        slopes[3]![strip] = height.bySd;
        most = Math.max(most, logs[strip]!);
      }
      let sum = 0;
      const total = [0, 0, 0, 0];
      for (let strip = 0; strip < ends.length; strip += 1) {
        const weight = Math.exp(logs[strip]! - most);
        if (!(weight > 0)) continue;
        sum += weight;
        for (let at = 0; at < 4; at += 1) total[at]! += weight * slopes[at]![strip]!;
      }
      if (gradient !== undefined && sum > 0) {
        posteriors[0].addGradient(x, total[0]! / sum, total[1]! / sum / (2 * sds[0]), gradient);
        posteriors[1].addGradient(x, total[2]! / sum, total[3]! / sum / (2 * sds[1]), gradient);
      }
      return most + Math.log(sum);
    },
  };
}

/** `ln E (end − f)⁺` of a normal `f`. */
function gain(end: number, mean: number, sd: number): Slopes {
  const z = (end - mean) / sd;
  const improvement = logImprovement(z);
  return {
    log: improvement + Math.log(sd),
    byMean: -Math.exp(logNormalCdf(z) - improvement) / sd,
    bySd: Math.exp(logNormalPdf(z) - improvement) / sd,
  };
}

/** `ln (e^a − e^b)` for `a ≥ b`. */
function difference(a: Slopes, b: Slopes): Slopes {
  if (b.log === Number.NEGATIVE_INFINITY) return a;
  const share = Math.exp(b.log - a.log);
  if (!(share < 1)) return { log: Number.NEGATIVE_INFINITY, byMean: 0, bySd: 0 };
  return {
    log: a.log + Math.log1p(-share),
    byMean: (a.byMean - share * b.byMean) / (1 - share),
    bySd: (a.bySd - share * b.bySd) / (1 - share),
  };
}
