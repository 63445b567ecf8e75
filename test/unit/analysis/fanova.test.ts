import { describe, expect, test } from "vitest";
import { treeVariance } from "../../../src/analysis/importance/fanova.ts";
import { growTree, predict, type Tree } from "../../../src/analysis/importance/tree.ts";
import { createRng } from "../../../src/math/random.ts";

/** A tree over three features, grown from random rows. */
function randomTree(seed: number, rows: number) {
  const rng = createRng("tree", seed);
  const columns = [0, 1, 2].map(() => Float64Array.from({ length: rows }, () => rng.next()));
  const values = Float64Array.from(
    { length: rows },
    (_, at) => columns[0]![at]! * rng.int(1, 3) - columns[1]![at]!,
  );
  const weights = Int32Array.from({ length: rows }, () => rng.int(0, 2));
  weights[0] = 1;
  return { columns, values, weights };
}

/** Variances by summing over every cell between the cuts of a tree. */
function byCells(tree: Tree) {
  const cuts = [0, 1, 2].map((f) => {
    const own = [...tree.feature.keys()].filter((node) => tree.feature[node] === f);
    return [...new Set([0, 1, ...own.map((node) => tree.threshold[node]!)])].sort((a, b) => a - b);
  });
  const cells = cuts.map((own) =>
    own.slice(1).map((end, at) => ({ at, middle: (own[at]! + end) / 2, wide: end - own[at]! })),
  );
  const [xs, ys, zs] = cells as [(typeof cells)[0], (typeof cells)[0], (typeof cells)[0]];
  const all = xs.flatMap((x) =>
    ys.flatMap((y) =>
      zs.map((z) => ({
        places: [x.at, y.at, z.at],
        wide: x.wide * y.wide * z.wide,
        value: predict(
          tree,
          [x, y, z].map(({ middle }) => Float64Array.of(middle)),
          0,
        ),
      })),
    ),
  );
  const mean = all.reduce((sum, { wide, value }) => sum + wide * value, 0);
  const marginal = (features: readonly number[]) => {
    const groups = new Map<string, { wide: number; sum: number }>();
    for (const { places, wide, value } of all) {
      const key = features.map((f) => places[f]).join();
      const group = groups.get(key) ?? { wide: 0, sum: 0 };
      groups.set(key, { wide: group.wide + wide, sum: group.sum + wide * value });
    }
    return [...groups.values()].reduce(
      (sum, group) => sum + group.wide * (group.sum / group.wide - mean) ** 2,
      0,
    );
  };
  return {
    total: marginal([0, 1, 2]),
    main: [0, 1, 2].map((f) => marginal([f])),
    joint: (i: number, j: number) => marginal([i, j]),
  };
}

describe("the variance of a tree", () => {
  test.each([1, 2, 3, 4])("is that of a sum over all its cells: %d", (seed) => {
    const { columns, values, weights } = randomTree(seed, 25);
    const tree = growTree({
      columns,
      values,
      weights,
      minLeaf: 1,
      order: [0, 1, 2],
      edges: [0, 0, 0],
      next: () => 0.5,
    });
    const found = treeVariance(tree.leaves);
    const cells = byCells(tree);
    expect(found.total).toBeCloseTo(cells.total, 12);
    for (const f of [0, 1, 2]) expect(found.main[f]).toBeCloseTo(cells.main[f]!, 12);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const interaction = cells.joint(i, j) - cells.main[i]! - cells.main[j]!;
      expect(found.pairs[3 * i + j]).toBeCloseTo(interaction, 12);
    }
  });

  test("of a single leaf is 0", () => {
    const tree = growTree({
      columns: [Float64Array.of(0.2, 0.7)],
      values: Float64Array.of(3, 3),
      weights: Int32Array.of(1, 1),
      ...{ minLeaf: 1, order: [0], edges: [0], next: () => 0.5 },
    });
    expect(treeVariance(tree.leaves)).toMatchObject({ total: 0, main: Float64Array.of(0) });
  });
});

describe("a tree", () => {
  test("tells apart all rows that differ, and leaves none below the least weight", () => {
    const { columns, values, weights } = randomTree(7, 40);
    const input = { columns, values, weights, order: [0, 1, 2], edges: [0, 0, 0], next: () => 0.5 };
    const deep = growTree({ ...input, minLeaf: 1 });
    for (const [row, weight] of weights.entries()) {
      if (weight > 0) expect(predict(deep, columns, row)).toBeCloseTo(values[row]!, 12);
    }
    const shallow = growTree({ ...input, minLeaf: 12 });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    expect(shallow.leaves.values.length).toBeLessThanOrEqual(total / 12);
    expect(shallow.leaves.values.length).toBeGreaterThan(1);
  });

  test("splits where it leaves the least squares, and cuts a region at the lower end off as a whole", () => {
    const columns = [Float64Array.of(0.15, 0.15, 0.3, 0.8), Float64Array.of(0.1, 0.4, 0.6, 0.9)];
    const input = {
      columns,
      weights: Int32Array.of(1, 1, 1, 1),
      minLeaf: 1,
      order: [1, 0],
      edges: [0.3, 0],
      next: () => 0.5,
    };
    const tree = growTree({ ...input, values: Float64Array.of(0, 0, 5, 5) });
    // Both features part the rows alike: the one without an edge says more.
    expect([tree.feature[0], tree.threshold[0]]).toEqual([1, 0.5]);
    const alone = { ...input, columns: input.columns.slice(0, 1), order: [0], edges: [0.3] };
    const other = growTree({ ...alone, values: Float64Array.of(0, 0, 5, 5) });
    expect([other.feature[0], other.threshold[0]]).toEqual([0, 0.3]);
  });

  test("takes each of equally good features equally often", () => {
    const rng = createRng("ties");
    const column = Float64Array.of(0.2, 0.8);
    const input = { columns: [column, column, column], weights: Int32Array.of(1, 1), minLeaf: 1 };
    const taken = [0, 0, 0];
    for (let round = 0; round < 600; round += 1) {
      const order = { order: [0, 1, 2], edges: [0, 0, 0], next: rng.next };
      const [feature] = growTree({ ...input, ...order, values: Float64Array.of(1, 2) }).feature;
      taken[feature!] = taken[feature!]! + 1;
    }
    for (const count of taken) expect(Math.abs(count - 200)).toBeLessThan(60);
  });
});
