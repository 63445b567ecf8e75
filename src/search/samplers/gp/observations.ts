import type { FeatureSpace } from "./features.ts";

/** The points that a Gaussian process learns from, in arrays that grow. */
export class Observations {
  readonly space: FeatureSpace;
  /** Features, one row after the other. */
  points: Float64Array;
  losses: Float64Array;
  /** Variance of each loss as far as it is known, in the unit of the losses squared; 0 where it is not. */
  variances: Float64Array;
  count = 0;

  constructor(space: FeatureSpace, capacity = 32) {
    this.space = space;
    this.points = new Float64Array(capacity * space.size);
    this.losses = new Float64Array(capacity);
    this.variances = new Float64Array(capacity);
  }

  add(features: Float64Array, loss: number, variance: number): void {
    if (this.count === this.losses.length) {
      this.points = grown(this.points);
      this.losses = grown(this.losses);
      this.variances = grown(this.variances);
    }
    this.points.set(features, this.count * this.space.size);
    this.losses[this.count] = loss;
    this.variances[this.count] = variance;
    this.count += 1;
  }

  /** Keeps only some of the observations, given by ascending position. */
  retain(kept: readonly number[]): void {
    const { size } = this.space;
    for (const [to, from] of kept.entries()) {
      this.points.copyWithin(to * size, from * size, (from + 1) * size);
      this.losses[to] = this.losses[from]!;
      this.variances[to] = this.variances[from]!;
    }
    this.count = kept.length;
  }

  /** The features of one point; a view. */
  point(index: number): Float64Array {
    const { size } = this.space;
    return this.points.subarray(index * size, (index + 1) * size);
  }
}

function grown(array: Float64Array): Float64Array {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}
