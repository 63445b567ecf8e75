import type { UnitDimension, UnitSpace } from "../../../space/units.ts";

/** How the kernel reads a coordinate. */
const NUMBER = 0;
export const CATEGORY = 1;

/** What the kernel must know about the coordinates of a space. */
export interface FeatureSpace {
  readonly size: number;
  /** {@link NUMBER} or {@link CATEGORY}, for each coordinate. */
  readonly kinds: Uint8Array;
  /** 1 where the parameter is not always there. */
  readonly conditional: Uint8Array;
}

/** The feature of an inactive category. */
const NO_CATEGORY = -1;

export function featureSpaceOf(space: UnitSpace): FeatureSpace {
  const kinds = Uint8Array.from(space.dimensions, ({ kind }) => (kind === "category" ? CATEGORY : NUMBER));
  const conditional = Uint8Array.from(space.dimensions, ({ condition }) => (condition === undefined ? 0 : 1));
  return { size: space.size, kinds, conditional };
}

/**
 * The features of a snapped vector of the unit space: the coordinate of a number (NaN if it is inactive), the index
 * of a category. What is ordered and finite lies at the middle of its value, so that the model sees what is evaluated
 * (Garrido-Merchán & Hernández-Lobato 2020, Neurocomputing 380).
 */
export function featuresOf(space: UnitSpace, units: ArrayLike<number>, features: Float64Array): void {
  for (let at = 0; at < features.length; at += 1) {
    const dimension = space.dimensions[at] as UnitDimension;
    const unit = units[at]!;
    features[at] =
      dimension.kind !== "category" ? unit : Number.isNaN(unit) ? NO_CATEGORY : categoryOf(dimension, unit);
  }
}

/** The index of the category at a coordinate. */
function categoryOf(dimension: UnitDimension, unit: number): number {
  return Math.min(Math.floor(unit * dimension.count), dimension.count - 1);
}
