import type { Leaves } from "./tree.ts";

/** How the variance of a tree over the unit cube divides. */
export interface TreeVariance {
  /** Variance in all; 0 for a tree of one leaf. */
  readonly total: number;
  /** Variance of the main effect of each feature. */
  readonly main: Float64Array;
  /** Variance of the interaction of each two features: of `i < j` at `i * features + j`. */
  readonly pairs: Float64Array;
}

/** The places at which a tree cuts a feature, and which of them its leaves lie between. */
interface Segments {
  readonly widths: Float64Array;
  /** First segment of each leaf, and the one after its last. */
  readonly first: Int32Array;
  readonly end: Int32Array;
}

/**
 * The functional analysis of variance of a tree, exactly: marginal means over boxes are sums over leaves, and each
 * leaf adds to whole ranges of the segments between cuts, so that all marginals of a feature cost a pass over leaves.
 *
 * @see Hutter, Hoos, Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", ICML,
 * section 4 (algorithm 2; equations 5 and 6).
 * @param hasPairs - whether interactions are worked out, which takes most of the time; without them they are 0.
 */
export function treeVariance(leaves: Leaves, hasPairs = true): TreeVariance {
  const { features: size, values } = leaves;
  const measure = new Float64Array(values.length).fill(1);
  for (let leaf = 0; leaf < values.length; leaf += 1) {
    for (let f = 0; f < size; f += 1) measure[leaf] = measure[leaf]! * width(leaves, leaf, f);
  }
  let mean = 0;
  for (const [leaf, value] of values.entries()) mean += measure[leaf]! * value;
  // Of deviations from the mean, so that main effects and interactions are plain sums of squares.
  const deviations = values.map((value) => value - mean);
  let total = 0;
  for (const [leaf, deviation] of deviations.entries()) total += measure[leaf]! * deviation ** 2;
  const weights = deviations.map((deviation, leaf) => deviation * measure[leaf]!);
  const segments = Array.from({ length: size }, (_, f) => segmentsOf(leaves, f));
  // Where a tree never cuts, only rounding would be left.
  const main = Float64Array.from(segments, (own, f) =>
    own.widths.length === 1 ? 0 : mainVariance(leaves, weights, own, f),
  );
  const pairs = new Float64Array(size * size);
  for (let i = 0; hasPairs && i < size; i += 1) {
    for (let j = i + 1; j < size; j += 1) {
      if (segments[i]!.widths.length === 1 || segments[j]!.widths.length === 1) continue;
      const joint = jointVariance(leaves, weights, segments, i, j);
      pairs[i * size + j] = Math.max(0, joint - main[i]! - main[j]!);
    }
  }
  return { total, main, pairs };
}

function width({ features, low, high }: Leaves, leaf: number, feature: number): number {
  return high[leaf * features + feature]! - low[leaf * features + feature]!;
}

function segmentsOf({ features, low, high, values }: Leaves, feature: number): Segments {
  const cuts = new Set<number>([0, 1]);
  for (let leaf = 0; leaf < values.length; leaf += 1) cuts.add(low[leaf * features + feature]!);
  const sorted = Float64Array.from(cuts).sort();
  const index = new Map(Array.from(sorted, (cut, at) => [cut, at]));
  const ofAll = (ends: Float64Array) =>
    Int32Array.from(values, (_, leaf) => index.get(ends[leaf * features + feature]!)!);
  const widths = new Float64Array(sorted.length - 1).map((_, at) => sorted[at + 1]! - sorted[at]!);
  return { widths, first: ofAll(low), end: ofAll(high) };
}

function mainVariance(leaves: Leaves, weights: Float64Array, own: Segments, feature: number): number {
  const { widths, first, end } = own;
  const steps = new Float64Array(widths.length + 1);
  for (const [leaf, weight] of weights.entries()) {
    const share = weight / width(leaves, leaf, feature);
    steps[first[leaf]!] = steps[first[leaf]!]! + share;
    steps[end[leaf]!] = steps[end[leaf]!]! - share;
  }
  let [variance, marginal] = [0, 0];
  for (const [at, wide] of widths.entries()) {
    marginal += steps[at]!;
    variance += wide * marginal * marginal;
  }
  return variance;
}

/** Variance of the marginal of two features: main effects and interaction together. */
function jointVariance(
  leaves: Leaves,
  weights: Float64Array,
  segments: readonly Segments[],
  i: number,
  j: number,
): number {
  const [rows, columns] = [segments[i]!, segments[j]!];
  const stride = columns.widths.length + 1;
  const steps = new Float64Array((rows.widths.length + 1) * stride);
  for (const [leaf, weight] of weights.entries()) {
    const share = weight / (width(leaves, leaf, i) * width(leaves, leaf, j));
    const [top, bottom] = [rows.first[leaf]! * stride, rows.end[leaf]! * stride];
    const [left, right] = [columns.first[leaf]!, columns.end[leaf]!];
    steps[top + left] = steps[top + left]! + share;
    steps[top + right] = steps[top + right]! - share;
    steps[bottom + left] = steps[bottom + left]! - share;
    steps[bottom + right] = steps[bottom + right]! + share;
  }
  let variance = 0;
  const above = new Float64Array(stride);
  for (const [row, tall] of rows.widths.entries()) {
    let marginal = 0;
    for (const [column, wide] of columns.widths.entries()) {
      above[column] = above[column]! + steps[row * stride + column]!;
      marginal += above[column]!;
      variance += tall * wide * marginal * marginal;
    }
  }
  return variance;
}
