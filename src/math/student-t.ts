import { incompleteBeta } from "./beta.ts";
import { logBeta } from "./gamma.ts";
import { normalCdf, normalQuantile } from "./special.ts";

/** Degrees of freedom from which the distribution cannot be told from the normal one. */
const NORMAL_FROM = 1e15;

/**
 * The probability that a number with Student's t distribution is below `t`. Accurate to about
 * 1 part in 10^12, with 10^6 degrees of freedom in 10^10, also in the lower tail.
 *
 * @param df - degrees of freedom, above 0, not necessarily an integer; +∞ gives the normal distribution. Anything
 * else gives NaN.
 * @see DLMF 8.17.2 with x = df / (df + t²): Abramowitz, Stegun 1964, "Handbook of Mathematical Functions", 26.7.1.
 */
export function studentTCdf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN;
  if (df >= NORMAL_FROM) return normalCdf(t);
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  // In terms of the ratio, so that t² does not overflow and 1 − x keeps its digits.
  const ratio = Math.abs(t) / Math.sqrt(df);
  const square = ratio > 1 ? (1 / ratio) ** 2 : ratio ** 2;
  const [x, y] =
    ratio > 1 ? [square / (1 + square), 1 / (1 + square)] : [1 / (1 + square), square / (1 + square)];
  const below = 0.5 * incompleteBeta(df / 2, 0.5, x, y);
  return t > 0 ? 1 - below : below;
}

/**
 * The `t` below which a number with Student's t distribution lies with probability `p`. Accurate to about 1 part in 10^10.
 *
 * @param p - probability in `[0, 1]`; 0 gives −∞, 1 gives +∞, anything else outside gives NaN.
 * @param df - degrees of freedom, above 0; +∞ gives the normal quantile.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentTQuantile(1 - p, df);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (df >= NORMAL_FROM) return normalQuantile(p);
  if (df === 1) return -1 / Math.tan(Math.PI * p);
  if (df === 2) return (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
  return search(p, df);
}

/** Newton's method on ln P(T < t) in ln(−t), kept within a bracket. */
function search(p: number, df: number): number {
  let high = normalQuantile(p);
  let low = 2 * high;
  while (studentTCdf(low, df) > p) {
    high = low;
    low *= 4;
    if (low === Number.NEGATIVE_INFINITY) return low;
  }
  let t = high;
  for (let round = 0; round < 200; round += 1) {
    const below = studentTCdf(t, df);
    if (below > p) high = t;
    else low = t;
    const slope = (density(t, df) * t) / below;
    let next = t * Math.exp((Math.log(p) - Math.log(below)) / slope);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

function density(t: number, df: number): number {
  return Math.exp(-0.5 * Math.log(df) - logBeta(df / 2, 0.5) - ((df + 1) / 2) * Math.log1p((t * t) / df));
}
