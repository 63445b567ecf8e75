import { expect, test } from "vitest";
import type { ParamSource } from "../../../src/experiment/source.ts";
import { concat, grid, manual, product, random, sample } from "../../../src/experiment/sources.ts";
import { choice, loguniform, uniform } from "../../../src/space/distribution.ts";
import { when } from "../../../src/space/space.ts";

const all = <P>(source: { readonly length: number; at(index: number): P }) =>
  Array.from({ length: source.length }, (_, index) => source.at(index));
const code = (wanted: string) => expect.objectContaining({ code: wanted, name: "DefinitionError" });

test("a grid has every combination, the last axis fastest", () => {
  const source = grid({ lr: [0.1, 1], kind: ["a", "b", "c"] });
  expect(all(source)).toEqual([
    { lr: 0.1, kind: "a" },
    { lr: 0.1, kind: "b" },
    { lr: 0.1, kind: "c" },
    { lr: 1, kind: "a" },
    { lr: 1, kind: "b" },
    { lr: 1, kind: "c" },
  ]);
  expect(source).toMatchObject({ kind: "grid", length: 6, names: ["lr", "kind"] });
  expect(source.indexOf({ kind: "b", lr: 1 })).toBe(4);
  expect(source.indexOf({ kind: "b", lr: 2 })).toBe(-1);
});

test("a conditional axis takes part only where its condition holds", () => {
  const source = grid({ optimizer: ["sgd", "adam"], momentum: when({ optimizer: "sgd" }, [0, 0.9]) });
  expect(all(source)).toEqual([
    { optimizer: "sgd", momentum: 0 },
    { optimizer: "sgd", momentum: 0.9 },
    { optimizer: "adam" },
  ]);
});

test("a grid of 10^12 cells costs nothing to hold", () => {
  const axis = Array.from({ length: 1000 }, (_, index) => index);
  const source = grid({ a: axis, b: axis, c: axis, d: axis });
  expect(source.length).toBe(10 ** 12);
  expect(source.at(10 ** 12 - 2)).toEqual({ a: 999, b: 999, c: 999, d: 998 });
});

test("a grid cannot change after it was made", () => {
  const layers = [[32], [64]];
  const source = grid({ layers });
  layers[0]?.push(1);
  layers.push([7]);
  expect(all(source)).toEqual([{ layers: [32] }, { layers: [64] }]);
  expect(() => (source.at(0).layers as number[]).push(1)).toThrow(TypeError);
});

test("a manual source gives its points as they were", () => {
  const points = [
    { lr: 0.1, list: [1] },
    { lr: 1, list: [2], wd: 3 },
  ];
  const source = manual(points);
  points[0]?.list.push(9);
  expect(all(source)).toEqual([
    { lr: 0.1, list: [1] },
    { lr: 1, list: [2], wd: 3 },
  ]);
  expect(source).toMatchObject({ kind: "manual", length: 2, names: ["lr", "list", "wd"] });
});

test.each([
  [[], "METALAB_MANUAL_EMPTY", /no points/],
  [{ lr: 1 }, "METALAB_MANUAL_POINT", /takes an array/],
  [[{ lr: 1 }, 3], "METALAB_MANUAL_POINT", /point 1 .*got 3/],
  [[{ lr: 1 }, [1]], "METALAB_MANUAL_POINT", /point 1/],
  // biome-ignore lint/suspicious/noSparseArray: the mistake is the test
  [[{ lr: 1 }, , { lr: 2 }], "METALAB_MANUAL_POINT", /point 1 .*got undefined/],
  [[{ "": 1 }], "METALAB_PARAM_NAME", /point 0/],
  [[JSON.parse('{"__proto__":1}')], "METALAB_PARAM_NAME", /point 0/],
  [[{ lr: 1 }, { a: { fn: () => 1 } }], "METALAB_VALUE_UNIDENTIFIABLE", /point 1\.a\.fn/],
  [[{ lr: undefined }], "METALAB_VALUE_UNIDENTIFIABLE", /point 0\.lr/],
])("manual(%j) is refused with %s", (points, wanted, message) => {
  expect(() => manual(points as never)).toThrowError(code(wanted));
  expect(() => manual(points as never)).toThrowError(message);
});

test("a long manual source is described by count and fingerprint", () => {
  const points = (length: number) => Array.from({ length }, (_, index) => ({ index }));
  expect(manual(points(1000)).describe()).toEqual({ kind: "manual", points: points(1000) });
  const described = manual(points(1001)).describe();
  expect(described).toEqual({
    kind: "manual",
    count: 1001,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(manual([...points(1000), { index: -1 }]).describe()).not.toEqual(described);
});

test("random points lie in the space and are the same in any order of asking", () => {
  const make = () =>
    random({ space: { lr: loguniform(1e-4, 1e-1), kind: choice(["a", "b"]) }, trials: 5000, seed: 123 });
  const forwards = all(make());
  for (const { lr, kind } of forwards) {
    expect(lr >= 1e-4 && lr <= 1e-1 && (kind === "a" || kind === "b")).toBe(true);
  }
  const source = make();
  for (let index = 4999; index >= 0; index -= 7) expect(source.at(index)).toEqual(forwards[index]);
  for (const index of [0, 4999, 1024, 1023, 3, 2048]) expect(source.at(index)).toEqual(forwards[index]);
});

test("walking over more blocks than are kept gives the same points", () => {
  const source = random({ space: { x: uniform(0, 1) }, trials: 100_000, seed: 1 });
  const places = Array.from({ length: 60 }, (_, block) => block * 1024 + 5);
  const first = places.map((index) => source.at(index).x);
  expect(places.map((index) => source.at(index).x)).toEqual(first);
  expect(new Set(first).size).toBe(places.length);
});

test("raising trials and adding or changing another param keep all draws", () => {
  const few = random({ space: { a: uniform(0, 1) }, trials: 30, seed: 7 });
  const more = random({
    space: { first: choice([1, 2, 3]), a: uniform(0, 1), z: when({ first: 1 }, uniform(0, 1)) },
    trials: 3000,
    seed: 7,
  });
  expect(all(few).map(({ a }) => a)).toEqual(
    all(more)
      .slice(0, 30)
      .map(({ a }) => a),
  );
});

test("a conditional param is there only where its condition holds, with the draw it always had", () => {
  const space = (values: readonly number[]) => ({
    kind: choice([0, 1, 2]),
    x: when({ kind: values }, uniform(0, 1)),
  });
  const narrow = all(random({ space: space([1]), trials: 300, seed: 1 }));
  const wide = all(random({ space: space([1, 2]), trials: 300, seed: 1 }));
  narrow.forEach((point, index) => {
    expect("x" in point).toBe(point.kind === 1);
    if (point.kind === 1) expect(wide[index]).toEqual(point);
  });
});

test("seeds, names and kinds of seed give unrelated draws", () => {
  const first = (seed: number | string | undefined, name: string) =>
    random({ space: { [name]: uniform(0, 1) }, trials: 1, ...(seed === undefined ? {} : { seed }) }).at(0)[
      name
    ];
  const draws = [
    first(0, "a"),
    first(1, "a"),
    first("1", "a"),
    first(11, "a"),
    first(0, "b"),
    first(0, "aa"),
  ];
  expect(new Set(draws).size).toBe(draws.length);
  expect(first(undefined, "a")).toBe(first(0, "a"));
});

test("draws of two params are uncorrelated, within a trial and between neighbours", () => {
  const points = all(random({ space: { a: uniform(0, 1), b: uniform(0, 1) }, trials: 20_000, seed: 0 }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(Math.abs(mean(points.map(({ a }) => a)) - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(mean(points.map(({ a, b }) => (a - 0.5) * (b - 0.5))) * 12)).toBeLessThan(0.03);
  const lagged = points.slice(1).map(({ a }, index) => (a - 0.5) * ((points[index]?.a ?? 0.5) - 0.5));
  expect(Math.abs(mean(lagged) * 12)).toBeLessThan(0.03);
});

test.each([
  [{ space: { a: uniform(0, 1) } }, "METALAB_RANDOM_TRIALS", /got undefined/],
  [{ space: { a: uniform(0, 1) }, trials: 0 }, "METALAB_RANDOM_TRIALS", /got 0/],
  [{ space: { a: uniform(0, 1) }, trials: 1.5 }, "METALAB_RANDOM_TRIALS", /positive integer/],
  [{ space: { a: uniform(0, 1) }, trials: "3" }, "METALAB_RANDOM_TRIALS", /got "3"/],
  [{ space: { a: uniform(0, 1) }, trials: 3, seed: 0.5 }, "METALAB_SEED", /got 0.5/],
  [{ space: { a: uniform(0, 1) }, trials: 3, seed: null }, "METALAB_SEED", /got null/],
  [{ space: { a: uniform(0, 1) }, n_trials: 3 }, "METALAB_UNKNOWN_OPTION", /got "n_trials"\. Use "trials"/],
  [{ space: { a: uniform(0, 1) }, nTrials: 3 }, "METALAB_UNKNOWN_OPTION", /Use "trials"/],
  [{ space: { a: uniform(0, 1) }, trails: 3 }, "METALAB_UNKNOWN_OPTION", /Did you mean "trials"/],
  [{ space: {}, trials: 3 }, "METALAB_SPACE_EMPTY", /random/],
  [{ space: { a: [1, 2] }, trials: 3 }, "METALAB_SPACE_DISTRIBUTION", /choice/],
  [7, "METALAB_OPTIONS", /got 7/],
])("random(%j) is refused with %s", (options, wanted, message) => {
  expect(() => random(options as never)).toThrowError(code(wanted));
  expect(() => random(options as never)).toThrowError(message);
});

test("concat gives the points of its sources one after the other", () => {
  const source = concat(manual([{ a: 1 }, { a: 2 }]), grid({ a: [3], b: [4, 5] }), manual([{ a: 6 }]));
  expect(all(source)).toEqual([{ a: 1 }, { a: 2 }, { a: 3, b: 4 }, { a: 3, b: 5 }, { a: 6 }]);
  expect(source.names).toEqual(["a", "b"]);
});

test("concat skips an empty source", () => {
  const empty: ParamSource = { kind: "none", length: 0, at: () => ({}), describe: () => ({ kind: "none" }) };
  expect(all(concat(empty, manual([{ a: 1 }]), empty, empty, manual([{ a: 2 }]), empty))).toEqual([
    { a: 1 },
    { a: 2 },
  ]);
});

test("product gives every pair, the later source faster", () => {
  const source = product(
    manual([{ a: 1 }, { a: 2 }]),
    grid({ b: [1, 2], c: ["x"] }),
    manual([{ d: 1 }, { d: 2 }]),
  );
  expect(source.length).toBe(8);
  expect(all(source).map(({ a, b, c, d }) => `${a}${b}${c}${d}`)).toEqual([
    "11x1",
    "11x2",
    "12x1",
    "12x2",
    "21x1",
    "21x2",
    "22x1",
    "22x2",
  ]);
  expect(Object.keys(source.at(0))).toEqual(["a", "b", "c", "d"]);
});

test("product refuses sources with a param of the same name", () => {
  const rare = manual([{ a: 1 }, { a: 2, lr: 3 }]);
  expect(() => product(grid({ lr: [1] }), rare)).toThrowError(code("METALAB_PRODUCT_OVERLAP"));
  expect(() => product(grid({ lr: [1] }), rare)).toThrowError(/sources 0 and 1 both have a param "lr"/);
  const foreign: ParamSource = {
    kind: "mine",
    length: 1,
    at: () => ({ lr: 1 }),
    describe: () => ({ kind: "mine" }),
  };
  expect(() => product(foreign, grid({ lr: [1] }))).toThrowError(code("METALAB_PRODUCT_OVERLAP"));
});

test("combinations that cannot be counted are refused", () => {
  const huge = random({ space: { a: uniform(0, 1) }, trials: Number.MAX_SAFE_INTEGER });
  expect(() => concat(huge, huge)).toThrowError(code("METALAB_SOURCE_LENGTH"));
  expect(() => product(huge, grid({ b: [1, 2] }))).toThrowError(code("METALAB_SOURCE_LENGTH"));
});

test.each([
  ["concat", () => concat(...([] as unknown as [ParamSource])), "METALAB_SOURCE_EMPTY"],
  ["product", () => product(...([] as unknown as [ParamSource])), "METALAB_SOURCE_EMPTY"],
  ["concat", () => concat(manual([{ a: 1 }]), [{ a: 1 }] as never), "METALAB_SOURCE"],
  ["product", () => product({ a: [1] } as never), "METALAB_SOURCE"],
  ["sample", () => sample({ a: [1] } as never, 1), "METALAB_SOURCE"],
])("%s refuses what is not a source (%#)", (name, make, wanted) => {
  expect(make).toThrowError(code(wanted));
  expect(make).toThrowError(new RegExp(`^${name}\\(\\)`));
});

test("a sample has no point twice, and all of them when as many are asked for", () => {
  const source = grid({ a: [1, 2, 3, 4, 5], b: [1, 2, 3, 4] });
  const drawn = all(sample(source, 20, 1)).map((point) => source.indexOf(point));
  expect(drawn.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(drawn).not.toEqual(drawn.toSorted((a, b) => a - b));
});

test("a larger sample begins with the smaller one, in any order of asking", () => {
  const source = grid({ a: Array.from({ length: 1000 }, (_, index) => index), b: [0, 1] });
  const few = all(sample(source, 10, "x"));
  const many = sample(source, 500, "x");
  expect(many.at(499)).toEqual(sample(source, 500, "x").at(499));
  expect(all(many).slice(0, 10)).toEqual(few);
  expect(all(sample(source, 10, "y"))).not.toEqual(few);
});

test("a sample of 10^12 cells takes memory for its own points only", () => {
  const axis = Array.from({ length: 1000 }, (_, index) => index);
  const source = grid({ a: axis, b: axis, c: axis, d: axis });
  const drawn = all(sample(source, 1000, 1)).map((point) => source.indexOf(point));
  expect(new Set(drawn).size).toBe(1000);
  const mean = drawn.reduce((sum, cell) => sum + cell / 10 ** 12, 0) / 1000;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.04);
});

test("every ordered pair of cells is drawn about equally often", () => {
  const source = manual([{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }]);
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 12_000; seed++) {
    const pair = all(sample(source, 2, seed))
      .map(({ a }) => a)
      .join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  // 12 pairs, 1,000 expected each, standard deviation 30.
  expect(counts.size).toBe(12);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test.each([0, 5, 1.5, Number.NaN, "2", undefined])("a sample of %j out of 4 is refused", (count) => {
  const source = manual([{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }]);
  expect(() => sample(source, count as number, 1)).toThrowError(code("METALAB_SAMPLE_COUNT"));
});

test("descriptions are plain JSON and tell sources apart", () => {
  const a = grid({ x: [1, 2], y: [Number.NaN] });
  const b = manual([{ z: 1 }]);
  const descriptions = [
    a,
    b,
    grid({ y: [Number.NaN], x: [1, 2] }),
    grid({ x: [2, 1], y: [Number.NaN] }),
    grid({ x: [1, 2], y: when({ x: 1 }, [Number.NaN]) }),
    random({ space: { x: uniform(0, 1) }, trials: 2, seed: 1 }),
    random({ space: { x: uniform(0, 1) }, trials: 2, seed: "1" }),
    random({ space: { x: uniform(0, 1) }, trials: 3, seed: 1 }),
    concat(a, b),
    concat(b, a),
    product(a, b),
    sample(a, 1, 1),
    sample(a, 2, 1),
    sample(a, 1, 2),
  ].map((source) => source.describe());
  for (const description of descriptions)
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(new Set(descriptions.map((description) => JSON.stringify(description))).size).toBe(
    descriptions.length,
  );
});

test.each([-1, 4, 0.5, Number.NaN])("no source has a point %d of 4", (index) => {
  const points = manual([{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }]);
  for (const source of [
    points,
    grid({ a: [1, 2, 3, 4] }),
    random({ space: { a: uniform(0, 1) }, trials: 4 }),
    concat(points),
    product(points),
    sample(points, 4),
  ]) {
    expect(() => source.at(index)).toThrowError(
      code(source.kind === "grid" ? "METALAB_GRID_INDEX" : "METALAB_SOURCE_INDEX"),
    );
  }
});

test("golden: random points and a sample", () => {
  const source = random({ space: { lr: loguniform(1e-4, 1e-1), m: uniform(0, 1) }, trials: 2000, seed: 123 });
  expect([source.at(0), source.at(1), source.at(1999)]).toEqual([
    { lr: 0.004260568231054026, m: 0.7970328442301603 },
    { lr: 0.00015785206329470847, m: 0.23725540912267562 },
    { lr: 0.0002506864329206812, m: 0.654935622050901 },
  ]);
  const cells = grid({ a: Array.from({ length: 1_000_000 }, (_, index) => index) });
  expect(all(sample(cells, 5, 42)).map(({ a }) => a)).toEqual([545502, 892676, 18376, 685121, 255109]);
});
