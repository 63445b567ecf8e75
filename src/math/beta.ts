import { logBeta } from "./gamma.ts";

const TINY = 1e-300;

/**
 * The regularized incomplete beta function I_x(a, b): the probability that a beta-distributed number with shapes `a`
 * and `b` is below `x`. Accurate to about 1 part in 10^14, with shapes of 10^6 in 10^10.
 *
 * @param a - above 0.
 * @param b - above 0.
 * @param x - in `[0, 1]`; anything else gives NaN.
 * @param y - `1 − x`, for who knows it with more digits than the difference has.
 * @see DLMF 8.17.22 (the continued fraction), evaluated by Lentz's method as modified by Thompson and Barnett 1986,
 * "Coulomb and Bessel functions of complex arguments and order", Journal of Computational Physics 64, 490–509.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number = 1 - x): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN;
  if (x === 0 || y === 0) return x === 0 ? 0 : 1;
  // The fraction converges quickly below the mean; above it the other tail is taken (DLMF 8.17.4).
  return x > (a + 1) / (a + b + 2) ? 1 - tail(b, a, y, x) : tail(a, b, x, y);
}

/** The function itself, for `x` below about the mean. */
function tail(a: number, b: number, x: number, y: number): number {
  const logX = x > 0.5 ? Math.log1p(-y) : Math.log(x);
  const logY = y > 0.5 ? Math.log1p(-x) : Math.log(y);
  return Math.exp(a * logX + b * logY - logBeta(a, b)) / (a * fraction(a, b, x));
}

/** The reciprocal of the continued fraction of DLMF 8.17.22. */
function fraction(a: number, b: number, x: number): number {
  let value = 1;
  let above = 1;
  let below = 0;
  const limit = 1_000 + 20 * Math.sqrt(Math.max(a, b));
  for (let m = 0; m < limit; m += 1) {
    const even = m === 0 ? 0 : (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    if (m > 0) {
      below = 1 / nonZero(1 + even * below);
      above = nonZero(1 + even / above);
      value *= above * below;
    }
    below = 1 / nonZero(1 + odd * below);
    above = nonZero(1 + odd / above);
    value *= above * below;
    if (Math.abs(above * below - 1) < 1e-16) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
