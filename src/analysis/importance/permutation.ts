import { createRng } from "../../math/random.ts";
import type { ForestTree } from "./forest.ts";
import { predict } from "./tree.ts";
import type { Feature } from "./trial-table.ts";

/** How often the values of a feature are exchanged in each tree. */
const ROUNDS = 4;

/**
 * For each tree, how much worse it predicts what it was not grown from when the values of a feature are exchanged among
 * those trials: the rise of the mean squared error, over twice the variance. For a function that the tree knows well
 * this is the total Sobol index: the share of the variance that would be left if all else were known.
 *
 * A feature that is inactive in some trials is exchanged among the others, so that no trial has it which cannot; that
 * it is there at all is to the credit of what it depends on.
 *
 * @returns tree by tree, feature by feature.
 * @see Breiman 2001, "Random forests", Machine Learning 45, 5–32, section 10; Gregorutti, Michel, Saint-Pierre 2017,
 * "Correlation and variable importance in random forests", Statistics and Computing 27, 659–678, proposition 1.
 */
export function permutationImportance(
  forest: readonly ForestTree[],
  features: readonly Feature[],
  values: Float64Array,
  variance: number,
  seed: number | string,
): readonly Float64Array[] {
  return forest.map(({ tree, columns, outOfBag }, at) => {
    const rng = createRng("metalab.permutation", 1, seed, at);
    const used = new Set(tree.feature);
    return Float64Array.from(columns, (_, feature) => {
      const { units } = features[feature]!;
      const rows = outOfBag.filter((row) => !Number.isNaN(units[row]));
      if (!used.has(feature) || rows.length < 2) return 0;
      const error = sumOfSquares(rows, (row) => values[row]! - predict(tree, columns, row));
      let rise = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const mixed = rng.shuffle([...rows]);
        rise +=
          sumOfSquares(rows, (row, i) => values[row]! - predict(tree, columns, row, feature, mixed[i])) -
          error;
      }
      return rise / ROUNDS / outOfBag.length / (2 * variance);
    });
  });
}

/** The share of the variance that the forest predicts for trials that a tree was not grown from. */
export function outOfBagScore(forest: readonly ForestTree[], values: Float64Array, variance: number): number {
  const sums = new Float64Array(values.length);
  const counts = new Int32Array(values.length);
  for (const { tree, columns, outOfBag } of forest) {
    for (const row of outOfBag) {
      sums[row] = sums[row]! + predict(tree, columns, row);
      counts[row] = counts[row]! + 1;
    }
  }
  const seen = Int32Array.from(values.keys()).filter((row) => counts[row]! > 0);
  const error = sumOfSquares(seen, (row) => values[row]! - sums[row]! / counts[row]!);
  return seen.length === 0 ? Number.NaN : 1 - error / seen.length / variance;
}

function sumOfSquares(rows: Int32Array, residual: (row: number, at: number) => number): number {
  let sum = 0;
  for (const [at, row] of rows.entries()) sum += residual(row, at) ** 2;
  return sum;
}
