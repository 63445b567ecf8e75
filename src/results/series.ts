/** One point of a series. */
export interface SeriesPoint {
  readonly step: number;
  readonly value: number;
}

/** A metric by step, as it was captured. `step` and `value` have the same length. */
export class Series implements Iterable<SeriesPoint> {
  readonly name: string;
  /** Step of each point, in the order of capture. */
  readonly step: Float64Array;
  /** Value of each point; NaN and the infinities are legal. */
  readonly value: Float64Array;

  constructor(name: string, step: Float64Array, value: Float64Array) {
    this.name = name;
    this.step = step;
    this.value = value;
  }

  /** Number of points. */
  get length(): number {
    return this.step.length;
  }

  /** The last point; `undefined` when there is none. */
  get last(): SeriesPoint | undefined {
    return this.at(-1);
  }

  /** The point at an index; a negative one counts from the end. */
  at(index: number): SeriesPoint | undefined {
    const i = index < 0 ? this.length + index : index;
    const step = this.step[i];
    return step === undefined ? undefined : { step, value: this.value[i]! };
  }

  *[Symbol.iterator](): Iterator<SeriesPoint> {
    for (let i = 0; i < this.length; i++) yield { step: this.step[i]!, value: this.value[i]! };
  }
}
