import { poisson } from "./discrete.ts";
import type { RandomState } from "./random-state.ts";

/** One number of a distribution; the further arguments are its parameters, in NumPy's order. */
export type Draw = (random: RandomState, ...parameters: readonly number[]) => number;

/** @see Jöhnk 1964 for small parameters; else the ratio of gamma numbers. */
export function beta(random: RandomState, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = random.gamma(a);
    const y = random.gamma(b);
    return x / (x + y);
  }
  for (;;) {
    const u = random.double();
    const v = random.double();
    const x = u ** (1 / a);
    const y = v ** (1 / b);
    if (x + y > 1) continue;
    if (x + y > 0) return x / (x + y);
    // Both powers are too small for a number: their logarithms are not.
    const logX = Math.log(u) / a;
    const logY = Math.log(v) / b;
    const most = Math.max(logX, logY);
    return Math.exp(logX - most - Math.log(Math.exp(logX - most) + Math.exp(logY - most)));
  }
}

export function f(random: RandomState, dfnum: number, dfden: number): number {
  return (random.chiSquare(dfnum) * dfden) / (random.chiSquare(dfden) * dfnum);
}

export function gumbel(random: RandomState, loc: number, scale: number): number {
  for (;;) {
    const u = 1 - random.double();
    if (u < 1) return loc - scale * Math.log(-Math.log(u));
  }
}

export function laplace(random: RandomState, loc: number, scale: number): number {
  for (;;) {
    const u = random.double();
    if (u >= 0.5) return loc - scale * Math.log(2 - u - u);
    if (u > 0) return loc + scale * Math.log(u + u);
  }
}

export function logistic(random: RandomState, loc: number, scale: number): number {
  for (;;) {
    const u = random.double();
    if (u > 0) return loc + scale * Math.log(u / (1 - u));
  }
}

/** All orders of magnitude from `low` to `high` equally likely; takes one number of the stream. */
export function loguniform(random: RandomState, low: number, high: number): number {
  const bottom = Math.log(low);
  const value = Math.exp(bottom + (Math.log(high) - bottom) * random.double());
  return Math.min(high, Math.max(low, value));
}

export function noncentralChiSquare(random: RandomState, df: number, nonc: number): number {
  if (nonc === 0) return random.chiSquare(df);
  if (df > 1) {
    const rest = random.chiSquare(df - 1);
    const shifted = random.normal() + Math.sqrt(nonc);
    return rest + shifted * shifted;
  }
  return random.chiSquare(df + 2 * poisson(random, nonc / 2));
}

export function noncentralF(random: RandomState, dfnum: number, dfden: number, nonc: number): number {
  const numerator = noncentralChiSquare(random, dfnum, nonc) * dfden;
  return numerator / (random.chiSquare(dfden) * dfnum);
}

export function standardT(random: RandomState, df: number): number {
  const normal = random.normal();
  return (Math.sqrt(df / 2) * normal) / Math.sqrt(random.gamma(df / 2));
}

/** The ratio of two normal numbers. */
export function standardCauchy(random: RandomState): number {
  const numerator = random.normal();
  return numerator / random.normal();
}

export function triangular(random: RandomState, left: number, mode: number, right: number): number {
  const base = right - left;
  const leftBase = mode - left;
  const u = random.double();
  return u <= leftBase / base
    ? left + Math.sqrt(u * leftBase * base)
    : right - Math.sqrt((1 - u) * (right - mode) * base);
}

/** @see Best and Fisher 1979, "Efficient simulation of the von Mises distribution", Applied Statistics 28(2):152. */
export function vonmises(random: RandomState, mu: number, kappa: number): number {
  if (kappa < 1e-8) return Math.PI * (2 * random.double() - 1);
  const s = kappa < 1e-5 ? 1 / kappa + kappa : envelope(kappa);
  let w: number;
  for (;;) {
    const z = Math.cos(Math.PI * random.double());
    w = (1 + s * z) / (s + z);
    const y = kappa * (s - w);
    const v = random.double();
    if (y * (2 - y) - v >= 0 || Math.log(y / v) + 1 - y >= 0) break;
  }
  const angle = Math.acos(w);
  const turned = (random.double() < 0.5 ? -angle : angle) + mu;
  const wrapped = ((Math.abs(turned) + Math.PI) % (2 * Math.PI)) - Math.PI;
  return turned < 0 ? -wrapped : wrapped;
}

function envelope(kappa: number): number {
  const r = 1 + Math.sqrt(1 + 4 * kappa * kappa);
  const rho = (r - Math.sqrt(2 * r)) / (2 * kappa);
  return (1 + rho * rho) / (2 * rho);
}

/** @see Michael, Schucany and Haas 1976, "Generating random variates using transformations with multiple roots". */
export function wald(random: RandomState, mean: number, scale: number): number {
  const half = mean / (2 * scale);
  const normal = random.normal();
  const y = mean * normal * normal;
  const x = mean + half * (y - Math.sqrt(4 * scale * y + y * y));
  return random.double() <= mean / (mean + x) ? x : (mean * mean) / x;
}
