import { logImprovement, logNormalCdf, logNormalPdf } from "../../../math/mills.ts";
import type { Posterior } from "./posterior.ts";

/** What the next trial is chosen for. */
export type AcquisitionName = "logei" | "ei" | "lcb" | "pi";

/** Something that a point may promise; what it promises of several is the product, so logarithms are added. */
export interface Term {
  /**
   * The value at a point, the larger the better.
   *
   * @param gradient - if given, the gradient is added to it.
   */
  evaluate(x: Float64Array, gradient: Float64Array | undefined): number;
}

/** How much a point promises: the sum of some terms. */
export class Acquisition {
  readonly #terms: readonly Term[];

  constructor(terms: readonly Term[]) {
    this.#terms = terms;
  }

  /** The value at a point. */
  value(x: Float64Array): number {
    let value = 0;
    for (const term of this.#terms) value += term.evaluate(x, undefined);
    return value;
  }

  /** The value at a point, and its gradient. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    gradient.fill(0);
    let value = 0;
    for (const term of this.#terms) value += term.evaluate(x, gradient);
    return value;
  }
}

/** Standard deviations below the mean that the lower confidence bound lies. */
const CONFIDENCE = 2;

/**
 * How much better than `incumbent` a point may be.
 *
 * - `logei`, `ei`: logarithm of the expected improvement (Jones et al. 1998; Ament et al. 2023, arXiv:2310.20708).
 *   Both have the same best point; `ei` is kept for those who ask for it by that name.
 * - `pi`: logarithm of the probability of improvement (Kushner 1964).
 * - `lcb`: the lower confidence bound, negated (Cox & John 1992; Srinivas et al. 2010).
 */
export function improvement(name: AcquisitionName, posterior: Posterior, incumbent: number): Term {
  if (name === "pi") return probability(posterior, incumbent);
  const moments = new Float64Array(2);
  return {
    evaluate(x, gradient) {
      posterior.predict(x, moments);
      const mean = moments[0]!;
      const sd = Math.sqrt(moments[1]!);
      if (name === "lcb") {
        if (gradient !== undefined) posterior.addGradient(x, -1, CONFIDENCE / (2 * sd), gradient);
        return CONFIDENCE * sd - mean;
      }
      const z = (incumbent - mean) / sd;
      const value = logImprovement(z);
      if (gradient !== undefined) {
        // d ln EI / d mean = −Φ / (σ h) and d ln EI / d σ = φ / (σ h), with h = φ + z Φ.
        const byMean = -Math.exp(logNormalCdf(z) - value) / sd;
        const byVariance = Math.exp(logNormalPdf(z) - value) / (2 * sd * sd);
        posterior.addGradient(x, byMean, byVariance, gradient);
      }
      return value + Math.log(sd);
    },
  };
}

/**
 * Logarithm of the probability that the function is at most `bound`. As a factor of the expected improvement it
 * accounts for a constraint (Gardner et al. 2014, "Bayesian optimization with inequality constraints", equation 3).
 */
export function probability(posterior: Posterior, bound: number): Term {
  const moments = new Float64Array(2);
  return {
    evaluate(x, gradient) {
      posterior.predict(x, moments);
      const sd = Math.sqrt(moments[1]!);
      const z = (bound - moments[0]!) / sd;
      const value = logNormalCdf(z);
      if (gradient !== undefined) {
        const ratio = Math.exp(logNormalPdf(z) - value);
        posterior.addGradient(x, -ratio / sd, (-ratio * z) / (2 * sd * sd), gradient);
      }
      return value;
    },
  };
}
