import { type Distribution, quantileOf, shareOf, valueCount } from "./distribution.ts";
import { paramsAt, type ResolvedSpace } from "./space.ts";
import { type Condition, isActive } from "./when.ts";

/** One parameter as a coordinate in `[0, 1]`. */
export interface UnitDimension {
  readonly name: string;
  /**
   * `"real"`: any coordinate is a value of its own. `"ordinal"`: an ordered, finite set of values, each of which is
   * an interval of coordinates. `"category"`: the same without an order; value `i` of `n` is `[i / n, (i + 1) / n)`.
   */
  readonly kind: "real" | "ordinal" | "category";
  /** Number of values; `Infinity` for a real one. */
  readonly count: number;
  readonly distribution: Distribution;
  /** When the parameter exists; absent for one that always does. */
  readonly condition?: Condition;
}

/**
 * The points of a space as vectors of coordinates in `[0, 1]`, one for each parameter in the order of its
 * definition: the share of its distribution at which the value lies. So a logarithmic or normal parameter is evenly
 * spread over its coordinate, and uniform coordinates are random draws. NaN is the coordinate of a parameter that
 * is inactive.
 */
export class UnitSpace {
  readonly space: ResolvedSpace;
  readonly dimensions: readonly UnitDimension[];
  /** Whether some parameters exist only under a condition. */
  readonly isConditional: boolean;
  /** Number of different points; `Infinity` unless all parameters are finite. Conditions are not looked at. */
  readonly cells: number;
  readonly #index: ReadonlyMap<string, number>;

  constructor(space: ResolvedSpace) {
    this.space = space;
    this.dimensions = Object.freeze(space.entries.map(dimensionOf));
    this.isConditional = this.dimensions.some(({ condition }) => condition !== undefined);
    this.cells = this.dimensions.reduce((product, { count }) => product * count, 1);
    this.#index = new Map(this.dimensions.map(({ name }, at) => [name, at]));
  }

  /** Number of parameters, active or not: the length of every vector. */
  get size(): number {
    return this.dimensions.length;
  }

  /**
   * The vector of a point.
   *
   * @param params - a point of the space.
   */
  encode(params: Readonly<Record<string, unknown>>): Float64Array {
    const units = new Float64Array(this.size).fill(Number.NaN);
    for (let at = 0; at < units.length; at += 1) {
      const { name, distribution, condition } = this.dimensions[at] as UnitDimension;
      const isThere = condition === undefined ? Object.hasOwn(params, name) : isActive(condition, params);
      if (isThere) units[at] = shareOf(distribution, params[name]);
    }
    return units;
  }

  /**
   * The point at a vector. Coordinates of parameters that turn out to be inactive are not looked at, so a vector
   * without any NaN gives a point whatever its conditions.
   */
  decode(units: ArrayLike<number>): Readonly<Record<string, unknown>> {
    return paramsAt(this.space, (name) => units[this.#index.get(name) as number] as number);
  }

  /**
   * The vector of the point that a vector stands for: what is not real is moved to the middle of its value, and
   * what is inactive becomes NaN.
   */
  snap(units: ArrayLike<number>): Float64Array {
    return this.encode(this.decode(units));
  }

  /** The coordinate of a value of a parameter of the space. */
  unitOf(name: string, value: unknown): number {
    return shareOf((this.dimensions[this.indexOf(name)] as UnitDimension).distribution, value);
  }

  /** Which coordinate a parameter has; −1 for a name that the space does not have. */
  indexOf(name: string): number {
    return this.#index.get(name) ?? -1;
  }
}

/** Moves one coordinate to the place where the encoding of its value lies. */
export function snapUnit({ kind, distribution }: UnitDimension, unit: number): number {
  return kind === "real" ? unit : shareOf(distribution, quantileOf(distribution, unit));
}

function dimensionOf(entry: ResolvedSpace["entries"][number]): UnitDimension {
  const { name, distribution, condition } = entry;
  const count = valueCount(distribution);
  const kind = distribution.type === "choice" ? "category" : Number.isFinite(count) ? "ordinal" : "real";
  return Object.freeze({
    name,
    kind,
    count,
    distribution,
    ...(condition === undefined ? {} : { condition }),
  });
}
