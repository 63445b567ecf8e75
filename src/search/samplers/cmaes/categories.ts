/**
 * Independent categorical distributions beside the normal one, one for each category: CatCMA, Hamano et al. 2024,
 * arXiv:2405.09962.
 */
export class Categories {
  /** For each category, the probabilities of its values. */
  readonly shares: readonly Float64Array[];
  /** Least probability of a value of each category. */
  readonly margins: Float64Array;

  /** @param counts - number of values of each category, each above 1. */
  constructor(counts: readonly number[]) {
    this.shares = counts.map((count) => new Float64Array(count));
    // Section 4.3 there: with it, 27 % of the draws are forced away from what is best in some category.
    this.margins = Float64Array.from(counts, (count) => (1 - 0.73 ** (1 / counts.length)) / (count - 1));
    this.reset();
  }

  /** Makes all values equally likely. */
  reset(): void {
    for (const shares of this.shares) shares.fill(1 / shares.length);
  }

  /** The value of a category at a uniform number. */
  pick(category: number, uniform: number): number {
    const shares = this.shares[category]!;
    let left = uniform;
    for (let at = 0; at < shares.length - 1; at += 1) {
      left -= shares[at]!;
      if (left < 0) return at;
    }
    return shares.length - 1;
  }

  /**
   * Moves the probabilities of a category along the natural gradient, `q ← q + η Σ w (x − q)`, and then keeps each
   * at the margin or above, so that no value is ever out of reach.
   *
   * @param picked - values of the category in a generation, best first; −1 where it was inactive.
   * @param weights - one for each.
   */
  learn(category: number, picked: ArrayLike<number>, weights: Float64Array, rate: number): void {
    const shares = this.shares[category]!;
    const moves = new Float64Array(shares.length);
    let total = 0;
    for (let at = 0; at < picked.length; at += 1) {
      const value = picked[at]!;
      if (value < 0) continue;
      moves[value] = moves[value]! + weights[at]!;
      total += weights[at]!;
    }
    for (let at = 0; at < shares.length; at += 1) {
      shares[at] = shares[at]! + rate * (moves[at]! - total * shares[at]!);
    }
    raise(shares, Math.min(this.margins[category]!, 1 / shares.length));
  }
}

/** Lifts probabilities to a lower bound; the others pay for it in proportion to what they have above it. */
function raise(shares: Float64Array, margin: number): void {
  let above = 0;
  for (let at = 0; at < shares.length; at += 1) {
    shares[at] = Math.max(shares[at]!, margin);
    above += shares[at]! - margin;
  }
  const left = 1 - margin * shares.length;
  for (let at = 0; at < shares.length; at += 1) {
    shares[at] = margin + (above > 0 ? ((shares[at]! - margin) / above) * left : left / shares.length);
  }
}
