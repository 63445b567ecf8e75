/** The points of one metric of a run, in the order in which they were reported. Only ever grows. */
export class ReportedPoints {
  #steps = new Float64Array(64);
  #values = new Float64Array(64);
  count = 0;

  push(step: number, value: number): void {
    if (this.count === this.#steps.length) {
      this.#steps = grown(this.#steps);
      this.#values = grown(this.#values);
    }
    this.#steps[this.count] = step;
    this.#values[this.count] = value;
    this.count += 1;
  }

  /** Steps of the points from a position on; a view that holds until the next point. */
  steps(from = 0): Float64Array {
    return this.#steps.subarray(from, this.count);
  }

  /** Values of the points from a position on; a view that holds until the next point. */
  values(from = 0): Float64Array {
    return this.#values.subarray(from, this.count);
  }
}

function grown(full: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * full.length);
  larger.set(full);
  return larger;
}
