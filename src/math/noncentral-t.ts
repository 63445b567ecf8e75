import { logGamma } from "./gamma.ts";
import { normalCdf } from "./special.ts";

/** Log density below its peak at which the distribution is cut off. */
const DEPTH = 38;

/**
 * The probability that a number with the noncentral t distribution is below `t`: that of (Z + δ) / √(V / df), where Z
 * is standard normal and V chi-squared with `df` degrees of freedom. Accurate to about 1e-12.
 *
 * The normal probability given u = ln √(V / df), over the density of u, by the trapezoidal rule: the integrand
 * is smooth and vanishes at both ends, so that the rule converges exponentially.
 *
 * @param df - degrees of freedom, above 0.
 * @param delta - noncentrality δ, a finite number. Anything else gives NaN.
 * @see Johnson, Kotz, Balakrishnan 1995, "Continuous univariate distributions", volume 2, eq. 31.1.
 */
export function noncentralTCdf(t: number, df: number, delta: number): number {
  if (!(df > 0) || Number.isNaN(t) || !Number.isFinite(delta)) return Number.NaN;
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  if (df >= 1e8) return normalCdf(t - delta);
  const start = end(df, -1);
  const stop = end(df, 1);
  // Fine enough for the density and, where t is far out, for the normal probability too.
  const steps = Math.min(20_000, Math.max(240, Math.ceil(4 * (stop - start) * (1 + Math.abs(t)))));
  const step = (stop - start) / steps;
  const logScale = Math.LN2 + (df / 2) * Math.log(df / 2) - logGamma(df / 2) - df / 2;
  let sum = 0;
  for (let at = 0; at <= steps; at += 1) {
    const u = start + at * step;
    sum += Math.exp(logScale + shape(u, df)) * normalCdf(t * Math.exp(u) - delta);
  }
  return Math.min(1, sum * step);
}

/** Log density of u, less that at its peak, which is at 0. */
function shape(u: number, df: number): number {
  return df * (u - Math.expm1(2 * u) / 2);
}

/** Where the density has become nothing, on one side. */
function end(df: number, side: 1 | -1): number {
  let near = 0;
  let far = side / Math.sqrt(df);
  while (shape(far, df) > -DEPTH) far *= 2;
  for (let round = 0; round < 20; round += 1) {
    const middle = (near + far) / 2;
    if (shape(middle, df) > -DEPTH) near = middle;
    else far = middle;
  }
  return far;
}
