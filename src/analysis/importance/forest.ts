import { createRng } from "../../math/random.ts";
import { growTree, type Tree } from "./tree.ts";
import type { Feature } from "./trial-table.ts";

/** How a forest is grown. */
export interface ForestOptions {
  readonly trees: number;
  /** Draws in a leaf at least. */
  readonly minLeaf: number;
  readonly seed: number | string;
}

/** A tree and what it was grown from. */
export interface ForestTree {
  readonly tree: Tree;
  /** Coordinates in `[0, 1]` of every trial, feature by feature, as this tree sees them. */
  readonly columns: readonly Float64Array[];
  /** Trials that it was not grown from. */
  readonly outOfBag: Int32Array;
}

/**
 * A random forest for regression: each tree fits a bootstrap sample of the trials, all features being looked at in
 * each split.
 *
 * The domain of a feature is `[0, 1]` with uniform measure. Where it may be inactive, that is a region of its own at
 * the lower end, as wide as the share of such trials. Values without an order are put in the order of their mean in
 * the tree's own sample, so that what is left out of it says nothing of it (Fisher 1958, Journal of the American
 * Statistical Association 53, 789–798, for why an order is enough).
 *
 * @see Breiman 2001, "Random forests", Machine Learning 45, 5–32.
 */
export function growForest(
  features: readonly Feature[],
  values: Float64Array,
  { trees, minLeaf, seed }: ForestOptions,
): readonly ForestTree[] {
  const n = values.length;
  // Of equal splits that of a feature which is always there says more than whether another is there.
  const order = [...features.keys()].sort((a, b) => features[a]!.inactive - features[b]!.inactive || a - b);
  const fixed = features.map((feature) => (feature.isCategory ? undefined : placed(feature, feature.units)));
  return Array.from({ length: trees }, (_, at) => {
    const { next } = createRng("metalab.forest", 1, seed, at);
    const weights = new Int32Array(n);
    for (let draw = 0; draw < n; draw += 1) {
      const row = Math.floor(next() * n);
      weights[row] = weights[row]! + 1;
    }
    const columns = features.map(
      (feature, f) => fixed[f] ?? placed(feature, ordered(feature, values, weights)),
    );
    const tree = growTree({
      columns,
      values,
      weights,
      minLeaf,
      order,
      edges: features.map((f) => f.inactive),
      next,
    });
    const outOfBag = Int32Array.from(weights.keys()).filter((row) => weights[row] === 0);
    return { tree, columns, outOfBag };
  });
}

/** Coordinates with the inactive region at the lower end. */
function placed({ inactive }: Feature, units: Float64Array): Float64Array {
  return units.map((unit) => (Number.isNaN(unit) ? inactive / 2 : inactive + (1 - inactive) * unit));
}

/** Categories as shares, by their mean over a sample; those that are not in it lie at the mean of all. */
function ordered(feature: Feature, values: Float64Array, weights: Int32Array): Float64Array {
  const { count, units } = feature;
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  let [sum, size] = [0, 0];
  for (const [row, weight] of weights.entries()) {
    const code = units[row]!;
    sum += weight * values[row]!;
    size += weight;
    if (Number.isNaN(code)) continue;
    sums[code] = sums[code]! + weight * values[row]!;
    sizes[code] = sizes[code]! + weight;
  }
  const means = sums.map((total, code) => (sizes[code]! > 0 ? total / sizes[code]! : sum / size));
  const order = Array.from(means.keys()).sort((a, b) => means[a]! - means[b]! || a - b);
  const rank = new Float64Array(count);
  for (const [place, code] of order.entries()) rank[code] = (place + 0.5) / count;
  return units.map((code) => (Number.isNaN(code) ? code : rank[code]!));
}
