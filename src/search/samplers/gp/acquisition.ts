import { logImprovement, logNormalCdf, logNormalPdf } from "../../../math/mills.ts";
import type { Posterior } from "./posterior.ts";

/** What the next trial is chosen for. */
export type AcquisitionName = "logei" | "ei" | "lcb" | "pi";

/** What is to be at most `bound`: how likely that is counts into the acquisition. */
export interface Demand {
  readonly posterior: Posterior;
  readonly bound: number;
}

/** Standard deviations below the mean that the lower confidence bound lies. */
const CONFIDENCE = 2;

/**
 * How much a point promises, and the slope of that: the larger, the better.
 *
 * - `logei`, `ei`: logarithm of the expected improvement (Jones et al. 1998; Ament et al. 2023, arXiv:2310.20708).
 *   Both have the same best point; `ei` is kept for those who ask for it by that name.
 * - `pi`: logarithm of the probability of improvement (Kushner 1964).
 * - `lcb`: the lower confidence bound, negated (Cox & John 1992; Srinivas et al. 2010).
 *
 * To it the logarithm of the probability is added that all demands are met (Gardner et al. 2014, equation 3, for the
 * expected improvement).
 */
export class Acquisition {
  readonly #name: AcquisitionName;
  readonly #objective: Posterior | undefined;
  readonly #incumbent: number;
  readonly #demands: readonly Demand[];
  readonly #moments = new Float64Array(2);

  /**
   * @param objective - `undefined` when only the demands count, because nothing meets them yet.
   * @param incumbent - target to improve upon.
   */
  constructor(
    name: AcquisitionName,
    objective: Posterior | undefined,
    incumbent: number,
    demands: readonly Demand[],
  ) {
    this.#name = name;
    this.#objective = objective;
    this.#incumbent = incumbent;
    this.#demands = demands;
  }

  /** The value at a point. */
  value(x: Float64Array): number {
    return this.#evaluate(x, undefined);
  }

  /** The value at a point, and its gradient. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    gradient.fill(0);
    return this.#evaluate(x, gradient);
  }

  #evaluate(x: Float64Array, gradient: Float64Array | undefined): number {
    let value = 0;
    if (this.#objective !== undefined) value += this.#ofObjective(this.#objective, x, gradient);
    for (const demand of this.#demands) value += this.#ofDemand(demand, x, gradient);
    return value;
  }

  #ofObjective(posterior: Posterior, x: Float64Array, gradient: Float64Array | undefined): number {
    posterior.predict(x, this.#moments);
    const mean = this.#moments[0]!;
    const sd = Math.sqrt(this.#moments[1]!);
    if (this.#name === "lcb") {
      if (gradient !== undefined) posterior.addGradient(x, -1, CONFIDENCE / (2 * sd), gradient);
      return CONFIDENCE * sd - mean;
    }
    const z = (this.#incumbent - mean) / sd;
    if (this.#name === "pi") {
      const value = logNormalCdf(z);
      if (gradient !== undefined) {
        const ratio = Math.exp(logNormalPdf(z) - value);
        posterior.addGradient(x, -ratio / sd, (-ratio * z) / (2 * sd * sd), gradient);
      }
      return value;
    }
    const improvement = logImprovement(z);
    if (gradient !== undefined) {
      // d ln EI / d mean = −Φ / (σ h) and d ln EI / d σ = φ / (σ h), with h = φ + z Φ.
      const byMean = -Math.exp(logNormalCdf(z) - improvement) / sd;
      const byVariance = Math.exp(logNormalPdf(z) - improvement) / (2 * sd * sd);
      posterior.addGradient(x, byMean, byVariance, gradient);
    }
    return improvement + Math.log(sd);
  }

  #ofDemand(demand: Demand, x: Float64Array, gradient: Float64Array | undefined): number {
    const { posterior, bound } = demand;
    posterior.predict(x, this.#moments);
    const sd = Math.sqrt(this.#moments[1]!);
    const z = (bound - this.#moments[0]!) / sd;
    const value = logNormalCdf(z);
    if (gradient !== undefined) {
      const ratio = Math.exp(logNormalPdf(z) - value);
      posterior.addGradient(x, -ratio / sd, (-ratio * z) / (2 * sd * sd), gradient);
    }
    return value;
  }
}
