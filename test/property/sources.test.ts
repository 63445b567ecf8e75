import fc from "fast-check";
import { expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import type { Params } from "../../src/experiment/operation.ts";
import { createPlan } from "../../src/experiment/plan.ts";
import type { ParamSource } from "../../src/experiment/source.ts";
import { concat, grid, manual, product, random, sample } from "../../src/experiment/sources.ts";
import { canonicalText } from "../../src/identity/canonical.ts";
import { choice, int, uniform } from "../../src/space/distribution.ts";
import { when } from "../../src/space/space.ts";

type Tree =
  | { readonly kind: "grid"; readonly sizes: readonly number[] }
  | { readonly kind: "manual"; readonly values: readonly number[] }
  | { readonly kind: "random"; readonly trials: number; readonly seed: number }
  | { readonly kind: "concat" | "product"; readonly parts: readonly Tree[] }
  | { readonly kind: "sample"; readonly of: Tree; readonly share: number; readonly seed: number };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      kind: fc.constant("grid"),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant("manual"),
      values: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("random"), trials: fc.integer({ min: 1, max: 4 }), seed: fc.integer() }),
    fc.record({
      kind: fc.constantFrom("concat", "product"),
      parts: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant("sample"),
      of: tie("tree"),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer(),
    }),
  ) as fc.Arbitrary<Tree>,
}));

const cells = (source: ParamSource): Params[] =>
  Array.from({ length: source.length }, (_, at) => source.at(at) as Params);
const texts = (points: readonly Params[]): string[] =>
  points.map((point) => canonicalText(point, "point")).toSorted();

/** A source, and its points by plain enumeration. `path` keeps the params of the parts of a product apart. */
function build(of: Tree, path: string): { readonly source: ParamSource; readonly points: Params[] } {
  switch (of.kind) {
    case "grid": {
      const axes = of.sizes.map((size, at): [string, number[]] => [
        `${path}g${at}`,
        Array.from({ length: size }, (_, value) => value),
      ]);
      const points = axes.reduce<Params[]>(
        (all, [axis, values]) => all.flatMap((point) => values.map((value) => ({ ...point, [axis]: value }))),
        [{}],
      );
      return { source: grid(Object.fromEntries(axes)), points };
    }
    case "manual": {
      const points = of.values.map((value) => ({ [`${path}m`]: value }));
      return { source: manual(points), points };
    }
    case "random": {
      const [kind, left, right] = [`${path}kind`, `${path}left`, `${path}right`];
      const source = random({
        space: {
          [kind]: choice(["left", "right"]),
          [left]: when({ [kind]: "left" }, uniform(0, 1)),
          [right]: when({ [kind]: "right" }, int(1, 2)),
        },
        trials: of.trials,
        seed: of.seed,
      });
      const points = cells(source);
      for (const point of points) {
        expect(Object.keys(point).toSorted()).toEqual([kind, point[kind] === "left" ? left : right]);
      }
      return { source, points };
    }
    case "concat": {
      const parts = of.parts.map((part) => build(part, path));
      return {
        source: concat(...(parts.map(({ source }) => source) as [ParamSource])),
        points: parts.flatMap(({ points }) => points),
      };
    }
    case "product": {
      const parts = of.parts.map((part, at) => build(part, `${path}${at}/`));
      return {
        source: product(...(parts.map(({ source }) => source) as [ParamSource])),
        points: parts.reduce<Params[]>(
          (all, { points }) => all.flatMap((point) => points.map((other) => ({ ...point, ...other }))),
          [{}],
        ),
      };
    }
    case "sample": {
      const { source, points } = build(of.of, path);
      const count = Math.max(1, Math.round(of.share * points.length));
      const drawn = sample(source, count, of.seed);
      const left = texts(points);
      for (const text of texts(cells(drawn))) {
        expect(left).toContain(text);
        left.splice(left.indexOf(text), 1);
      }
      expect(left.length).toBe(points.length - count);
      return { source: drawn, points: cells(drawn) };
    }
  }
}

function idsOf(params: ParamSource): string[] {
  const plan = createPlan(new Experiment({ name: "p", params, operation: () => ({ y: 1 }) }), null);
  return Array.from({ length: plan.length }, (_, at) => plan.spec(at).id);
}

test("whatever sources are made of, they have the points that enumeration gives, with the ids of those", () => {
  fc.assert(
    fc.property(
      tree.filter((of) => sizeOf(of) <= 300),
      (of) => {
        const { source, points } = build(of, "");
        expect(source.length).toBe(points.length);
        const all = cells(source);
        expect(texts(all)).toEqual(texts(points));
        expect(idsOf(source)).toEqual(idsOf(manual(all)));
        // Going back and forth gives the same again.
        expect(all.map((_, at) => source.at(all.length - 1 - at))).toEqual(all.toReversed());
      },
    ),
  );
});

function sizeOf(of: Tree): number {
  switch (of.kind) {
    case "grid":
      return of.sizes.reduce((product, size) => product * size, 1);
    case "manual":
      return of.values.length;
    case "random":
      return of.trials;
    case "concat":
      return of.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case "product":
      return of.parts.reduce((size, part) => size * sizeOf(part), 1);
    case "sample":
      return sizeOf(of.of);
  }
}
