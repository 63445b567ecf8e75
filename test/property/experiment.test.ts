import fc from "fast-check";
import { expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import type { Params } from "../../src/experiment/operation.ts";
import { applyParams } from "../../src/experiment/params.ts";
import { createPlan } from "../../src/experiment/plan.ts";
import { seeds } from "../../src/experiment/seeds.ts";
import type { ParamSource } from "../../src/experiment/source.ts";
import { concat, grid, manual, product, random, sample } from "../../src/experiment/sources.ts";
import { canonicalText } from "../../src/identity/canonical.ts";
import { choice, loguniform, uniform } from "../../src/space/distribution.ts";

const operation = () => ({ loss: 1 });

interface Parts {
  readonly defaults?: Params;
  readonly replicates?: number;
  readonly contextHash?: string | null;
}

function idsOf(
  params: ParamSource,
  { defaults = {}, replicates = 1, contextHash = null }: Parts = {},
): string[] {
  const experiment = new Experiment({
    name: "p",
    params,
    defaults,
    seeds: seeds({ base: 3, replicates }),
    operation,
  });
  const plan = createPlan(experiment, contextHash);
  return Array.from({ length: plan.length }, (_, index) => plan.spec(index).id);
}

const name = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== "__proto__");
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.jsonValue({ maxDepth: 2 }),
);
const point = fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
/** Axes as entries, so that their order can be changed. */
const axes = fc.uniqueArray(
  fc.tuple(
    name,
    fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: (v) => canonicalText(v, "v") }),
  ),
  { minLength: 1, maxLength: 3, selector: ([axis]) => axis },
);

const shuffled = <T>(values: readonly T[], order: readonly number[]): T[] =>
  values
    .map((item, index) => ({ item, rank: order[index] ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
const ranks = fc.array(fc.integer(), { minLength: 4, maxLength: 4 });

test("G1: the order of the keys of a point does not change its id", () => {
  fc.assert(
    fc.property(point, ranks, (params, order) => {
      const reordered = Object.fromEntries(shuffled(Object.entries(params), order));
      expect(idsOf(manual([reordered]))).toEqual(idsOf(manual([params])));
    }),
  );
});

test("G1: the order of the axes of a grid does not change the set of ids", () => {
  fc.assert(
    fc.property(axes, ranks, (entries, order) => {
      const straight = idsOf(grid(Object.fromEntries(entries)), { replicates: 2 });
      const turned = idsOf(grid(Object.fromEntries(shuffled(entries, order))), { replicates: 2 });
      expect(new Set(turned)).toEqual(new Set(straight));
    }),
  );
});

test("G1: a grid cell, a manual point, a part of a product and a drawn cell with equal params are the same run", () => {
  fc.assert(
    fc.property(axes, fc.integer(), (entries, seed) => {
      const source = grid(Object.fromEntries(entries));
      const cells = Array.from({ length: source.length }, (_, index) => source.at(index));
      const ids = idsOf(source);
      expect(idsOf(manual(cells))).toEqual(ids);
      expect(idsOf(concat(manual(cells)))).toEqual(ids);
      const [first, ...rest] = entries.map(([axis, values]) => grid({ [axis]: values }));
      // Keys that look like integers come first in an object, so the order of the cells can differ.
      expect(new Set(idsOf(product(first as ParamSource, ...rest)))).toEqual(new Set(ids));
      expect(new Set(idsOf(sample(source, source.length, seed)))).toEqual(new Set(ids));
    }),
  );
});

test("G1: a random draw is the run of a manual point with its params, at whatever position", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(5), (seed, before) => {
      const source = random({
        space: { lr: loguniform(1e-3, 1), kind: choice(["a", "b"]) },
        trials: 4,
        seed,
      });
      const drawn = Array.from({ length: 4 }, (_, index) => source.at(index));
      const padding = Array.from({ length: before }, (_, index) => ({ other: index }));
      expect(idsOf(manual([...padding, ...drawn])).slice(before)).toEqual(idsOf(source));
    }),
  );
});

test("G2: two points have one id exactly when their canonical texts are equal", () => {
  fc.assert(
    fc.property(point, point, (a, b) => {
      const [idA, idB] = idsOf(manual<Params>([a, b]));
      expect(idA === idB).toBe(canonicalText(a, "a") === canonicalText(b, "b"));
    }),
  );
});

test("G2: values that look alike never share an id", () => {
  const alike: readonly unknown[] = [
    0.1,
    "0.1",
    1,
    true,
    "1",
    1n,
    "true",
    0,
    -0,
    "0",
    false,
    null,
    "null",
    "",
    [],
    {},
    [1],
    { 0: 1 },
    ["1"],
    [[1]],
    Number.NaN,
    "NaN",
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    new Date(0),
    new Date(0).toISOString(),
    { $num: "NaN" },
    { $date: new Date(0).toISOString() },
    new Float64Array([1]),
    new Float32Array([1]),
    new Uint8Array([1]),
  ];
  const ids = idsOf(manual([...alike.map((x) => ({ x })), { y: 0.1 }, { x: 1, y: 0.1 }]));
  expect(new Set(ids).size).toBe(ids.length);
});

test("ids of distinct points and replicates are unique in a plan", () => {
  fc.assert(
    fc.property(axes, fc.integer({ min: 1, max: 5 }), (entries, replicates) => {
      const ids = idsOf(grid(Object.fromEntries(entries)), { replicates });
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test("G6: raising replicates keeps the ids of the old ones", () => {
  fc.assert(
    fc.property(
      axes,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (entries, few, more) => {
        const source = grid(Object.fromEntries(entries));
        const after = new Set(idsOf(source, { replicates: few + more }));
        for (const id of idsOf(source, { replicates: few })) expect(after.has(id)).toBe(true);
      },
    ),
  );
});

test("G6: raising trials keeps the ids of the old ones, in place", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 1200 }),
      (seed, few, more) => {
        const make = (trials: number) =>
          random({ space: { a: uniform(0, 1), b: choice([1, 2]) }, trials, seed });
        expect(idsOf(make(few + more)).slice(0, few)).toEqual(idsOf(make(few)));
      },
    ),
    { numRuns: 30 },
  );
});

test("G6: adding a value to an axis, and raising a sample, keep the ids that were there", () => {
  fc.assert(
    fc.property(axes, fc.integer(), fc.nat(10), (entries, seed, drop) => {
      const whole = grid(Object.fromEntries(entries));
      const after = new Set(idsOf(whole));
      const fewer = entries.map(
        ([axis, values], index) => [axis, index === 0 ? values.slice(0, 1) : values] as const,
      );
      for (const id of idsOf(grid(Object.fromEntries(fewer)))) expect(after.has(id)).toBe(true);
      const count = Math.max(1, whole.length - drop);
      expect(idsOf(sample(whole, whole.length, seed)).slice(0, count)).toEqual(
        idsOf(sample(whole, count, seed)),
      );
    }),
  );
});

test("G6: a new param with a default keeps the ids of the runs made without it", () => {
  fc.assert(
    fc.property(axes, value, value, (entries, fallback, other) => {
      const added = "a new param";
      const before = idsOf(grid(Object.fromEntries(entries)));
      const values =
        canonicalText(fallback, "v") === canonicalText(other, "v") ? [fallback] : [fallback, other];
      const after = idsOf(grid({ ...Object.fromEntries(entries), [added]: values }), {
        defaults: { [added]: fallback },
      });
      expect(after.filter((_, index) => index % values.length === 0)).toEqual(before);
      expect(new Set(after).size).toBe(after.length);
    }),
  );
});

test("G6: a new param of a random source with a default elsewhere keeps every draw of the others", () => {
  fc.assert(
    fc.property(fc.integer(), name, (seed, added) => {
      fc.pre(added !== "lr");
      const before = random({ space: { lr: uniform(0, 1) }, trials: 20, seed });
      const after: ParamSource = random({
        space: { [added]: uniform(5, 6), lr: uniform(0, 1) },
        trials: 20,
        seed,
      });
      for (let index = 0; index < 20; index++) expect(after.at(index).lr).toBe(before.at(index).lr);
    }),
  );
});

test("the seed of a replicate does not depend on the trial, and the id depends on both", () => {
  fc.assert(
    fc.property(axes, (entries) => {
      const experiment = new Experiment({
        name: "p",
        params: grid(Object.fromEntries(entries)),
        seeds: seeds({ replicates: 3 }),
        operation,
      });
      const plan = createPlan(experiment, null);
      for (let index = 0; index < plan.length; index++) {
        const spec = plan.spec(index);
        expect(spec.seed).toBe(experiment.seeds.root(spec.replicate));
        expect(spec.trial * 3 + spec.replicate).toBe(index);
      }
    }),
    { numRuns: 30 },
  );
});

test("a sample is a permutation of its cells", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (length, seed) => {
      const source = manual(Array.from({ length }, (_, a) => ({ a })));
      const drawn = sample(source, length, seed);
      const cells = Array.from({ length }, (_, index) => drawn.at(index).a);
      expect(cells.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, index) => index));
    }),
  );
});

test("applyParams changes neither argument, and gives what was asked for", () => {
  const key = fc.constantFrom("a", "b", "c");
  const path = fc.array(key, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(path, fc.integer()), { maxLength: 3 }),
      path,
      fc.integer(),
      (setup, target, given) => {
        let base: Readonly<Record<string, unknown>> = {};
        for (const [parts, leaf] of setup) {
          try {
            base = applyParams(base, { [parts.join(".")]: leaf });
          } catch {
            // A path through a scalar: another base does as well.
          }
        }
        const before = structuredClone(base);
        let applied: unknown;
        try {
          applied = applyParams(base, { [target.join(".")]: given });
        } catch {
          expect(base).toEqual(before);
          return;
        }
        expect(base).toEqual(before);
        expect(target.reduce((at, part) => (at as Record<string, unknown>)[part], applied)).toBe(given);
      },
    ),
  );
});
