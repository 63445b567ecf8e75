import { logGamma } from "./gamma.ts";
import { noncentralTCdf } from "./noncentral-t.ts";
import { findRoot } from "./root.ts";
import { type Summary, summarize } from "./stats.ts";

/** A difference in units of standard deviations. */
export interface EffectSize {
  readonly value: number;
  /** Ends of its confidence interval; NaN where nothing varies, or next to nothing. */
  readonly low: number;
  readonly high: number;
}

/**
 * Cohen's d_z of paired differences: their mean in units of their standard deviation. The interval inverts the
 * noncentral t distribution.
 *
 * @param differences - without NaN.
 * @param confidence - in `(0, 1)`.
 * @see Cohen 1988, "Statistical power analysis for the behavioral sciences", 2nd edition, eq. 2.3.5.
 * @see Cumming, Finch 2001, "A primer on the understanding, use, and calculation of confidence intervals that are
 * based on central and noncentral distributions", Educational and Psychological Measurement 61, 532–574.
 */
export function cohensDz(differences: ArrayLike<number>, confidence: number): EffectSize {
  const { n, mean, sd } = summarize(differences);
  const value = ratio(mean, sd);
  return { value, ...bounds(value, Math.sqrt(n), n - 1, confidence, 1) };
}

/**
 * Hedges' g of two samples: the difference of their means in units of their pooled standard deviation, without
 * the bias of small samples. The interval inverts the noncentral t distribution, so it takes equal variances.
 *
 * @param confidence - in `(0, 1)`.
 * @see Hedges 1981, "Distribution theory for Glass's estimator of effect size and related estimators", Journal of
 * Educational Statistics 6, 107–128, eq. 6e with the exact factor.
 */
export function hedgesG(a: Summary, b: Summary, confidence: number): EffectSize {
  const df = a.n + b.n - 2;
  const squares = (a.n > 1 ? (a.n - 1) * a.sd ** 2 : 0) + (b.n > 1 ? (b.n - 1) * b.sd ** 2 : 0);
  const d = ratio(a.mean - b.mean, Math.sqrt(squares / df));
  const unbiased = Math.exp(logGamma(df / 2) - logGamma((df - 1) / 2)) / Math.sqrt(df / 2);
  const factor = df > 1 ? unbiased : Number.NaN;
  const root = Math.sqrt((a.n * b.n) / (a.n + b.n));
  return { value: d * factor, ...bounds(d, root, df, confidence, factor) };
}

function ratio(difference: number, sd: number): number {
  return difference === 0 && sd === 0 ? 0 : difference / sd;
}

/** The noncentralities for which a t as large, or as small, is just unlikely, in units of the effect. */
function bounds(
  effect: number,
  root: number,
  df: number,
  confidence: number,
  factor: number,
): { readonly low: number; readonly high: number } {
  const t = effect * root;
  if (!Number.isFinite(t) || !(df > 0)) return { low: Number.NaN, high: Number.NaN };
  const at = (probability: number) => (noncentrality(t, df, probability) / root) * factor;
  return { low: at((1 + confidence) / 2), high: at((1 - confidence) / 2) };
}

/** Farther than this from t no noncentrality is looked for. */
const FARTHEST = 1e12;

/** The δ with P(T < t) = `probability`, which falls as δ rises. */
function noncentrality(t: number, df: number, probability: number): number {
  const above = (delta: number) => noncentralTCdf(t, df, delta) - probability;
  let reach = 4 + Math.abs(t) / Math.sqrt(df);
  while (!(above(t - reach) > 0 && above(t + reach) < 0)) {
    reach *= 2;
    // Of a t that is beyond what the distribution can be worked out for there is no interval.
    if (reach > FARTHEST) return Number.NaN;
  }
  return findRoot(above, t - reach, t + reach, 1e-10);
}
