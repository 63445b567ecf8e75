import { MersenneTwister } from "./mersenne-twister.ts";

/**
 * The stream that NumPy's `RandomState` draws from: a Mersenne Twister, and the second number of each pair of normal
 * draws, kept for the next.
 */
export class RandomState {
  readonly #bits: MersenneTwister;
  #spareNormal: number | undefined;

  /** @param seed - an integer in [0, 2^32), as `numpy.random.seed` takes it, or several. */
  constructor(seed: number | readonly number[]) {
    this.#bits = new MersenneTwister(seed);
  }

  /** A number in [0, 1). */
  double(): number {
    return this.#bits.double();
  }

  /** An integer in [0, `max`]. */
  upTo(max: number): number {
    return this.#bits.upTo(max);
  }

  /**
   * A standard normal number, by the polar method.
   *
   * @see Marsaglia and Bray 1964, "A convenient method for generating normal variables", SIAM Review 6(3):260.
   */
  normal(): number {
    const spare = this.#spareNormal;
    if (spare !== undefined) {
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.double() - 1;
      const y = 2 * this.double() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = factor * x;
      return factor * y;
    }
  }

  /** A standard exponential number, by inversion. */
  exponential(): number {
    return -Math.log(1 - this.double());
  }

  /**
   * A gamma number of scale 1.
   *
   * @see Marsaglia and Tsang 2000, "A simple method for generating gamma variables", ACM TOMS 26(3):363; for shapes below
   * 1 the rejection of Best 1983, "A note on gamma variate generators with shape parameter less than unity".
   */
  gamma(shape: number): number {
    if (shape === 1) return this.exponential();
    if (shape === 0) return 0;
    return shape < 1 ? this.#smallGamma(shape) : this.#largeGamma(shape);
  }

  #smallGamma(shape: number): number {
    for (;;) {
      const u = this.double();
      const bound = this.exponential();
      if (u <= 1 - shape) {
        const x = u ** (1 / shape);
        if (x <= bound) return x;
      } else {
        const y = -Math.log((1 - u) / shape);
        const x = (1 - shape + shape * y) ** (1 / shape);
        if (x <= bound + y) return x;
      }
    }
  }

  #largeGamma(shape: number): number {
    const b = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * b);
    for (;;) {
      let x: number;
      let root: number;
      do {
        x = this.normal();
        root = 1 + c * x;
      } while (root <= 0);
      const v = root * root * root;
      const u = this.double();
      if (u < 1 - 0.0331 * (x * x) * (x * x)) return b * v;
      if (Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
    }
  }

  /** A chi-square number. */
  chiSquare(df: number): number {
    return 2 * this.gamma(df / 2);
  }
}
