import { noncentralTCdf } from "./noncentral-t.ts";
import { normalQuantile } from "./special.ts";
import { studentTQuantile } from "./student-t.ts";

/** What a planned t test is like. */
export interface PlannedTest {
  /** Differences within pairs, or between two samples of one size. */
  readonly design: "paired" | "unpaired";
  /** True difference in standard deviations: of the differences when paired, else of each sample. */
  readonly effect: number;
  /** Probability of finding a difference where there is none, in `(0, 1)`; two-sided. */
  readonly alpha: number;
}

/** Replicates from which the t distribution counts as normal. */
const LARGE = 100_000;

/**
 * The probability that a two-sided t test finds a difference of a given size.
 *
 * @param n - pairs, or values in each of the two samples; at least 2, else NaN.
 * @see Cohen 1988, "Statistical power analysis for the behavioral sciences", 2nd edition, section 2.5.
 */
export function tTestPower({ design, effect, alpha }: PlannedTest, n: number): number {
  if (!(n >= 2)) return Number.NaN;
  const paired = design === "paired";
  const df = paired ? n - 1 : 2 * n - 2;
  const delta = Math.abs(effect) * Math.sqrt(paired ? n : n / 2);
  const limit = -studentTQuantile(alpha / 2, df);
  return 1 - noncentralTCdf(limit, df, delta) + noncentralTCdf(-limit, df, delta);
}

/**
 * The fewest pairs, or values in each of two samples, with which a two-sided t test finds a difference of a given
 * size with a given probability; at least 2, and `Infinity` where there is no difference to find.
 *
 * @param power - in `(0, 1)`.
 */
export function replicatesNeeded(planned: PlannedTest, power: number): number {
  const size = Math.abs(planned.effect);
  if (Number.isNaN(size)) return Number.NaN;
  if (size === 0) return Number.POSITIVE_INFINITY;
  if (size === Number.POSITIVE_INFINITY) return 2;
  const sum = normalQuantile(1 - planned.alpha / 2) + normalQuantile(power);
  const rough = (sum / size) ** 2 * (planned.design === "paired" ? 1 : 2);
  if (rough > LARGE) return Math.ceil(rough);
  // The normal approximation is too few; the t distribution asks for a handful more.
  let low = 1;
  let high = Math.max(2, Math.ceil(rough) + 4);
  while (tTestPower(planned, high) < power) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (tTestPower(planned, middle) < power) low = middle;
    else high = middle;
  }
  return high;
}
