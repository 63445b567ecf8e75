import { type Summary, summarize } from "./stats.ts";
import { studentTCdf, studentTQuantile } from "./student-t.ts";

/** What a t test says of a difference of means. */
export interface TTest {
  /** Estimate of the difference. */
  readonly difference: number;
  /** Its standard error. */
  readonly sem: number;
  /** `difference / sem`; ±Infinity when nothing varies, NaN when there is nothing to say. */
  readonly statistic: number;
  /** Degrees of freedom. */
  readonly df: number;
  /** Probability of a statistic at least as far from 0 if there is no difference. */
  readonly twoSided: number;
}

/**
 * Student's t test of whether the mean of paired differences is 0. All differences 0 give the probability 1.
 *
 * @param differences - without NaN; fewer than two give NaN.
 * @see Student 1908, "The probable error of a mean", Biometrika 6, 1–25.
 */
export function pairedTTest(differences: ArrayLike<number>): TTest {
  const { n, mean, sem } = summarize(differences);
  return tested(mean, sem, n - 1);
}

/**
 * Welch's t test of whether two samples have the same mean, whatever their variances.
 *
 * @see Welch 1947, "The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 34, 28–35, with the degrees of freedom of Satterthwaite 1946, Biometrics Bulletin 2, 110–114.
 */
export function welchTTest(a: Summary, b: Summary): TTest {
  const [va, vb] = [a.sem ** 2, b.sem ** 2];
  const sem = Math.sqrt(va + vb);
  const df = sem === 0 ? a.n + b.n - 2 : (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  return tested(a.mean - b.mean, sem, df);
}

/**
 * The confidence interval of a mean, or of a difference of means, by Student's t.
 *
 * @param confidence - in `(0, 1)`.
 */
export function tInterval(
  mean: number,
  sem: number,
  df: number,
  confidence: number,
): readonly [low: number, high: number] {
  if (sem === 0) return [mean, mean];
  const half = studentTQuantile((1 + confidence) / 2, df) * sem;
  return [mean - half, mean + half];
}

function tested(difference: number, sem: number, df: number): TTest {
  const statistic = difference === 0 && sem === 0 ? 0 : difference / sem;
  return { difference, sem, statistic, df, twoSided: 2 * studentTCdf(-Math.abs(statistic), df) };
}
