import { normalCdf } from "./special.ts";

/** From here on the continued fraction of Mills' ratio is exact after a few dozen terms. */
const TAIL = 3;

/** `ln φ(x)` of the standard normal density. */
export function logNormalPdf(x: number): number {
  return -(x * x) / 2 - 0.9189385332046728;
}

/** `ln Φ(x)`, accurate in the lower tail too. */
export function logNormalCdf(x: number): number {
  if (x > -TAIL) return Math.log(normalCdf(x));
  return logNormalPdf(x) - Math.log(continuation(-x) - x);
}

/**
 * `ln (φ(z) + z Φ(z))`: the logarithm of the expected improvement of a standard normal variable over `−z`. Accurate
 * for all z, also where the sum is all cancellation (Ament et al. 2023, arXiv:2310.20708, equation 9).
 */
export function logImprovement(z: number): number {
  if (z > -TAIL) return Math.log(Math.exp(logNormalPdf(z)) + z * normalCdf(z));
  // φ + z Φ = φ (1 − x M(x)) at x = −z with Mills' ratio M = 1 / (x + c), and 1 − x M = c M.
  const c = continuation(-z);
  return logNormalPdf(z) + Math.log(c) - Math.log(c - z);
}

/** `c` in Mills' ratio `(1 − Φ(x)) / φ(x) = 1 / (x + c)`: Laplace's continued fraction 1/(x + 2/(x + 3/(x + …))). */
function continuation(x: number): number {
  let fraction = x;
  for (let term = x > 12 ? 12 : 90; term >= 2; term -= 1) fraction = x + term / fraction;
  return 1 / fraction;
}
