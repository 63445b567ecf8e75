import { snapUnit, type UnitSpace } from "../space/units.ts";

/** A point in two parts: numbers in the unit cube, and which value each category has. */
export interface Genotype {
  /** Coordinates of the numeric parameters; NaN where one is inactive. */
  readonly numbers: Float64Array;
  /** Values of the categories; −1 where one is inactive. */
  readonly picks: Int32Array;
}

/** Which dimensions of a space are numbers and which categories; those with a single value are neither. */
export class Layout {
  readonly space: UnitSpace;
  /** Dimensions that are numbers. */
  readonly numbers: readonly number[];
  /** Dimensions that are categories. */
  readonly categories: readonly number[];
  /** Number of values of each category. */
  readonly counts: readonly number[];
  /** Whether some of the numbers are ordinal. */
  readonly hasOrdinals: boolean;

  /** Number of coefficients of a quadratic model of such points. */
  get coefficients(): number {
    return 1 + 2 * this.numbers.length + this.counts.reduce((sum, count) => sum + count, 0);
  }

  constructor(space: UnitSpace) {
    const free = Array.from(space.dimensions.keys()).filter((at) => space.dimensions[at]!.count > 1);
    this.space = space;
    this.numbers = free.filter((at) => space.dimensions[at]!.kind !== "category");
    this.categories = free.filter((at) => space.dimensions[at]!.kind === "category");
    this.hasOrdinals = this.numbers.some((at) => space.dimensions[at]!.kind === "ordinal");
    this.counts = this.categories.map((at) => space.dimensions[at]!.count);
  }

  /** The genotype of a point, given its vector. */
  read(units: ArrayLike<number>): Genotype {
    const numbers = new Float64Array(this.numbers.length);
    for (let position = 0; position < numbers.length; position += 1) {
      numbers[position] = units[this.numbers[position]!]!;
    }
    const picks = new Int32Array(this.categories.length);
    for (let category = 0; category < picks.length; category += 1) {
      const unit = units[this.categories[category]!]!;
      const count = this.counts[category]!;
      picks[category] = Number.isNaN(unit) ? -1 : Math.min(count - 1, Math.floor(unit * count));
    }
    return { numbers, picks };
  }

  /** The vector of a genotype, without any NaN. */
  write({ numbers, picks }: Genotype): Float64Array {
    const units = new Float64Array(this.space.size).fill(0.5);
    this.numbers.forEach((at, position) => {
      units[at] = numbers[position]!;
    });
    this.categories.forEach((at, category) => {
      units[at] = (picks[category]! + 0.5) / this.counts[category]!;
    });
    return units;
  }

  /** Moves ordinal numbers to the places of their values, in place. */
  snap(numbers: Float64Array): void {
    this.numbers.forEach((at, position) => {
      const dimension = this.space.dimensions[at]!;
      if (dimension.kind === "ordinal") numbers[position] = snapUnit(dimension, numbers[position]!);
    });
  }
}
