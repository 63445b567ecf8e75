/** What a tree is grown from. */
export interface TreeInput {
  /** Coordinates in `[0, 1]`, feature by feature. */
  readonly columns: readonly Float64Array[];
  readonly values: Float64Array;
  /** How often each row counts; 0 leaves it out. */
  readonly weights: Int32Array;
  /** Weight in a leaf at least, from 1. */
  readonly minLeaf: number;
  /** Features, in the order in which they are looked at: by the widths of their edges. */
  readonly order: readonly number[];
  /** Width of the region at the lower end of each feature that is cut off only as a whole; 0 where there is none. */
  readonly edges: readonly number[];
  /** Uniform numbers, by which one of equally good features of equal edges is chosen; else the narrower edge wins. */
  readonly next: () => number;
}

/** A regression tree over the unit cube. */
export interface Tree {
  /** Feature that each node splits; −1 for a leaf. */
  readonly feature: Int32Array;
  /** Coordinates up to this go left. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Mean at each node. */
  readonly value: Float64Array;
  /** Leaves, as boxes: feature `f` of leaf `l` reaches from `low[l * features + f]` to `high[…]`. */
  readonly leaves: Leaves;
}

/** The parts of the unit cube that a tree tells apart. */
export interface Leaves {
  readonly features: number;
  readonly values: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  /** Rows of the left side. */
  readonly size: number;
}

/** How much better a split must be than an earlier one: more than rounding. */
const BETTER = 1 + 1e-9;

/**
 * Grows a least-squares regression tree until no split is left.
 *
 * Rows are sorted by each feature once; a split divides each order and keeps it, so that a level costs only a pass.
 *
 * @see Breiman, Friedman, Olshen, Stone 1984, "Classification and regression trees", chapter 8.
 */
export function growTree(input: TreeInput): Tree {
  const { columns, values, weights } = input;
  const rows = Int32Array.from(weights.keys()).filter((row) => weights[row]! > 0);
  const orders = columns.map((column) => rows.slice().sort((a, b) => column[a]! - column[b]! || a - b));
  const isLeft = new Uint8Array(values.length);
  const spare = new Int32Array(rows.length);
  const nodes: { feature: number; threshold: number; left: number; right: number; value: number }[] = [];
  const leafValues: number[] = [];
  const lows: Float64Array[] = [];
  const highs: Float64Array[] = [];

  function grow(start: number, end: number, low: Float64Array, high: Float64Array): number {
    const own = rowsOf(start, end);
    let [weight, sum] = [0, 0];
    for (const row of own) {
      weight += weights[row]!;
      sum += weights[row]! * values[row]!;
    }
    const mean = sum / weight;
    const at = nodes.push({ feature: -1, threshold: Number.NaN, left: -1, right: -1, value: mean }) - 1;
    const split = bestSplit(input, orders, start, end, weight, mean);
    if (split === undefined) {
      leafValues.push(mean);
      lows.push(low);
      highs.push(high);
      return at;
    }
    divide(start, end, split);
    const { feature, threshold, size } = split;
    const [inner, outer] = [high.slice(), low.slice()];
    inner[feature] = threshold;
    outer[feature] = threshold;
    const left = grow(start, start + size, low, inner);
    const right = grow(start + size, end, outer, high);
    nodes[at] = { feature, threshold, left, right, value: mean };
    return at;
  }

  function rowsOf(start: number, end: number): Int32Array {
    return (orders[0] ?? rows).subarray(start, end);
  }

  /** Moves the rows of the left side to the front, in every order. */
  function divide(start: number, end: number, { feature, size }: Split): void {
    const sorted = orders[feature]!;
    for (let at = start; at < end; at += 1) isLeft[sorted[at]!] = at < start + size ? 1 : 0;
    for (const order of orders) {
      let [left, right] = [start, 0];
      for (let at = start; at < end; at += 1) {
        const row = order[at]!;
        if (isLeft[row] === 1) order[left++] = row;
        else spare[right++] = row;
      }
      order.set(spare.subarray(0, right), left);
    }
  }

  const size = columns.length;
  grow(0, rows.length, new Float64Array(size), new Float64Array(size).fill(1));
  return {
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float64Array.from(nodes, (node) => node.threshold),
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    value: Float64Array.from(nodes, (node) => node.value),
    leaves: {
      features: size,
      values: Float64Array.from(leafValues),
      low: joined(lows, size),
      high: joined(highs, size),
    },
  };
}

/** The split of a node that leaves the least squares; `undefined` when there is none that helps. */
function bestSplit(
  { columns, values, weights, minLeaf, order, edges, next }: TreeInput,
  orders: readonly Int32Array[],
  start: number,
  end: number,
  total: number,
  mean: number,
): Split | undefined {
  if (total < 2 * minLeaf) return undefined;
  let best: Split | undefined;
  let [bestGain, ties] = [0, 0];
  for (const feature of order) {
    const column = columns[feature]!;
    const sorted = orders[feature]!;
    if (column[sorted[start]!] === column[sorted[end - 1]!]) continue;
    let [ownGain, ownAt] = [0, -1];
    // Sums are of deviations from the node's mean, so that a large offset costs no digits.
    let [weight, sum] = [0, 0];
    for (let at = start; at < end - 1; at += 1) {
      const row = sorted[at]!;
      const w = weights[row]!;
      weight += w;
      sum += w * (values[row]! - mean);
      if (weight < minLeaf || column[row] === column[sorted[at + 1]!]) continue;
      if (total - weight < minLeaf) break;
      const gain = (sum * sum) / weight + (sum * sum) / (total - weight);
      if (gain > ownGain * BETTER) [ownGain, ownAt] = [gain, at];
    }
    if (ownAt < 0 || ownGain * BETTER < bestGain) continue;
    const isTie = best !== undefined && ownGain <= bestGain * BETTER;
    // Small nodes are often split alike by many features; always taking the same one would favour it.
    if (isTie && edges[feature]! > edges[best!.feature]!) continue;
    ties = isTie ? ties + 1 : 1;
    if (isTie && next() * ties >= 1) continue;
    bestGain = ownGain;
    const [here, there] = [column[sorted[ownAt]!]!, column[sorted[ownAt + 1]!]!];
    const edge = edges[feature]!;
    const threshold = here < edge && there >= edge ? edge : (here + there) / 2;
    best = { feature, threshold, size: ownAt + 1 - start };
  }
  return best;
}

/** What a tree says of a row, with the coordinate of one feature taken from another row. */
export function predict(
  tree: Tree,
  columns: readonly Float64Array[],
  row: number,
  swapped = -1,
  from = row,
): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node]!;
    if (feature < 0) return tree.value[node]!;
    const at = columns[feature]![feature === swapped ? from : row]!;
    node = at <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
  }
}

function joined(parts: readonly Float64Array[], size: number): Float64Array {
  const whole = new Float64Array(parts.length * size);
  for (const [at, part] of parts.entries()) whole.set(part, at * size);
  return whole;
}
