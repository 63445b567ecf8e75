import type { MetricValue } from "../experiment/record.ts";
import type { Block } from "../store/store.ts";

/** Points after which a buffer is packed into the store, which bounds the memory of an endless series. */
export const FLUSH_POINTS = 65_536;

type Columns = Block["columns"];

/** The points of one series that are not in the store yet. */
export class SeriesBuffer {
  readonly name: string;
  /** Where the packed part lies: pairs of offset and length. */
  readonly pointer: number[] = [];
  count = 0;
  #steps = new Float64Array(64);
  #values = new Float64Array(64);
  /** Takes the place of `#values` once a value is not a number. */
  #mixed: MetricValue[] | undefined;
  #lastStep = -1;
  #last: MetricValue = Number.NaN;

  constructor(name: string) {
    this.name = name;
  }

  /** The greatest step, −1 before the first. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /** The value at the greatest step; of equal steps the one given last. */
  get last(): MetricValue {
    return this.#last;
  }

  push(step: number, value: MetricValue): void {
    const at = this.count;
    if (at === this.#steps.length) this.#grow();
    this.#steps[at] = step;
    if (typeof value === "number" && this.#mixed === undefined) this.#values[at] = value;
    else this.#pushMixed(value);
    this.count = at + 1;
    if (step >= this.#lastStep) {
      this.#lastStep = step;
      this.#last = value;
    }
  }

  /** The columns `step` and `value`, and an empty buffer after that. */
  take(): Columns {
    const columns = {
      step: this.#steps.slice(0, this.count),
      value: this.#mixed ?? this.#values.slice(0, this.count),
    };
    this.count = 0;
    this.#mixed = undefined;
    return columns;
  }

  #grow(): void {
    const steps = new Float64Array(this.#steps.length * 2);
    const values = new Float64Array(steps.length);
    steps.set(this.#steps);
    values.set(this.#values);
    this.#steps = steps;
    this.#values = values;
  }

  #pushMixed(value: MetricValue): void {
    this.#mixed ??= Array.from(this.#values.subarray(0, this.count));
    this.#mixed.push(value);
  }
}

/** The points of one track that are not in the store yet. */
export class TrackBuffer {
  readonly name: string;
  readonly pointer: number[] = [];
  count = 0;
  #columns = new Map<string, unknown[]>();

  constructor(name: string) {
    this.name = name;
  }

  push(point: Readonly<Record<string, unknown>>): void {
    for (const field of Object.keys(point)) {
      if (point[field] === undefined) continue;
      let column = this.#columns.get(field);
      if (column === undefined) {
        column = [];
        this.#columns.set(field, column);
      }
      while (column.length < this.count) column.push(undefined);
      column.push(point[field]);
    }
    this.count += 1;
  }

  take(): Columns {
    const columns: Record<string, Float64Array | readonly unknown[]> = {};
    for (const [field, values] of this.#columns) {
      while (values.length < this.count) values.push(undefined);
      const numbers = values.every((value) => typeof value === "number");
      columns[field] = numbers ? Float64Array.from(values as readonly number[]) : values;
    }
    this.count = 0;
    this.#columns = new Map();
    return columns;
  }
}
