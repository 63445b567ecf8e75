import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../../src/identity/canonical.ts";
import {
  choice,
  contains,
  type Distribution,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  quantileOf,
  shareOf,
  uniform,
  valueCount,
} from "../../src/space/distribution.ts";
import { createGrid, type GridAxes } from "../../src/space/enumerate.ts";
import { isActive, paramsAt, resolveSpace, type Space, spaceContains, when } from "../../src/space/space.ts";
import { identifiable } from "../helpers/values.ts";

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
const integer = fc.integer({ min: -1e9, max: 1e9 });
const step = fc.option(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { nil: undefined });
const wholeStep = fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined });
const options = (value: number | undefined) => (value === undefined ? undefined : { step: value });
const sorted = (a: number, b: number): readonly [number, number] => [Math.min(a, b), Math.max(a, b)];

const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  fc.tuple(number, number, step).map(([a, b, s]) => uniform(...sorted(a, b), options(s))),
  fc.tuple(positive, positive, step).map(([a, b, s]) => loguniform(...sorted(a, b), options(s))),
  fc.tuple(integer, integer, wholeStep).map(([a, b, s]) => int(...sorted(a, b), options(s))),
  fc
    .tuple(integer, integer, wholeStep)
    .map(([a, b, s]) => logint(...sorted(1 + Math.abs(a), 1 + Math.abs(b)), options(s))),
  fc.tuple(number, positive, step).map(([mean, sd, s]) => normal(mean, sd, options(s))),
  fc
    .tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.1, max: 3, noNaN: true }), step)
    .map(([mu, sigma, s]) => lognormal(mu, sigma, options(s))),
  fc
    .uniqueArray(identifiable, {
      minLength: 1,
      maxLength: 5,
      selector: (value) => canonicalText(value, "value"),
    })
    .map((values) => choice(values)),
);

const share = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 2 ** -53, 0.5, 1 - 2 ** -53),
);

describe("distributions", () => {
  test("contain every value that they give", () => {
    fc.assert(
      fc.property(distribution, share, (d, u) => {
        expect(contains(d, quantileOf(d, u))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("of numbers rise with the share", () => {
    fc.assert(
      fc.property(distribution, share, share, (d, a, b) => {
        fc.pre(d.type !== "choice");
        expect(quantileOf(d, Math.min(a, b))).toBeLessThanOrEqual(quantileOf(d, Math.max(a, b)) as number);
      }),
      { numRuns: 2_000 },
    );
  });

  test("find the share of each value that they give", () => {
    // Nearer to 1 than this a share has too few digits left to tell the far values of a normal apart.
    const inner = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(distribution, inner, (d, u) => {
        const value = quantileOf(d, u);
        const found = shareOf(d, value);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(1);
        const again = quantileOf(d, found);
        if (isContinuous(d))
          expect(Math.abs((again as number) - (value as number))).toBeLessThan(
            1e-6 * widthOf(d, value as number),
          );
        else expect(again).toEqual(value);
      }),
      { numRuns: 5_000 },
    );
  });

  test("give as many values as they count", () => {
    const few = fc.oneof(
      fc
        .tuple(fc.integer({ min: -30, max: 30 }), fc.nat(40), fc.integer({ min: 1, max: 9 }))
        .map(([low, width, s]) => int(low, low + width, { step: s })),
      fc
        .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(40), fc.integer({ min: 1, max: 9 }))
        .map(([low, width, s]) => logint(low, low + width, { step: s })),
      fc
        .tuple(
          fc.double({ min: -5, max: 5, noNaN: true }),
          fc.double({ min: 0, max: 9, noNaN: true }),
          fc.constantFrom(0.1, 0.25, 0.3, 1),
        )
        .map(([low, width, s]) => uniform(low, low + width, { step: s })),
      fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 9 }).map((values) => choice(values)),
    );
    fc.assert(
      fc.property(few, (d) => {
        const values = new Set(
          Array.from({ length: 10_001 }, (_, at) => quantileOf(d as Distribution, at / 10_000)),
        );
        expect(valueCount(d)).toBe(values.size);
      }),
      { numRuns: 100 },
    );
  });

  test("read back from JSON are the same distribution", () => {
    fc.assert(
      fc.property(distribution, (d) => {
        fc.pre(d.type !== "choice");
        const [entry] = resolveSpace({ x: JSON.parse(JSON.stringify(d)) as Distribution }, "random").entries;
        expect(entry?.distribution).toEqual(d);
      }),
    );
  });
});

/** Whether any number may come, so that digits are lost on the way to a share and back. */
function isContinuous(d: Distribution): boolean {
  return d.type !== "choice" && d.type !== "int" && d.type !== "logint" && d.step === undefined;
}

/** What a difference of a value is measured by. */
function widthOf(d: Distribution, value: number): number {
  switch (d.type) {
    case "uniform":
      return Math.max(d.high - d.low, Math.abs(value), 1e-300);
    case "normal":
      return Math.max(d.sd, Math.abs(value));
    case "lognormal":
      return Math.abs(value) * Math.max(d.sigma, 1);
    default:
      return Math.abs(value);
  }
}

/** Axes a, b, c…, of which each may depend on earlier or later ones in the order of `rank`, so never in a circle. */
const conditionalAxes: fc.Arbitrary<GridAxes> = fc
  .tuple(
    fc.shuffledSubarray(["a", "b", "c", "d", "e"], { minLength: 1 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
    fc.array(fc.option(fc.tuple(fc.nat(4), fc.nat(3), fc.nat(3))), { minLength: 5, maxLength: 5 }),
    fc.array(fc.nat(100), { minLength: 5, maxLength: 5 }),
  )
  .map(([rank, sizes, conditions, order]) => {
    const valuesOf = (at: number) =>
      Array.from({ length: sizes[at] as number }, (_, position) => `${rank[at]}${position}`);
    const axes = rank.map((name, at): [string, GridAxes[string], number] => {
      const condition = conditions[at];
      const values = valuesOf(at);
      if (condition === null || condition === undefined || at === 0)
        return [name, values, order[at] as number];
      const controller = condition[0] % at;
      const possible = valuesOf(controller);
      const wanted = [possible[condition[1] % possible.length], possible[condition[2] % possible.length]];
      return [name, when({ [rank[controller] as string]: wanted }, values), order[at] as number];
    });
    axes.sort((x, y) => x[2] - y[2]);
    return Object.fromEntries(axes.map(([name, axis]) => [name, axis]));
  });

/** What a grid means, said naively: extend partial points axis by axis, in an order in which conditions are settled. */
function allCells(axes: GridAxes): Set<string> {
  let points: Readonly<Record<string, unknown>>[] = [{}];
  const left = new Map(Object.entries(axes));
  while (left.size > 0) {
    for (const [name, axis] of left) {
      const conditional = "condition" in axis ? axis : undefined;
      if (
        conditional !== undefined &&
        Object.keys(conditional.condition).some((controller) => left.has(controller))
      )
        continue;
      left.delete(name);
      points = points.flatMap((point) =>
        conditional !== undefined && !isActive(conditional.condition, point)
          ? [point]
          : ("of" in axis ? axis.of : axis).map((value) => ({ ...point, [name]: value })),
      );
    }
  }
  return new Set(points.map((point) => canonicalText(point, "point")));
}

describe("grids", () => {
  test("number their cells one to one, and have exactly the cells that they mean", () => {
    fc.assert(
      fc.property(conditionalAxes, (axes) => {
        const grid = createGrid(axes);
        const seen = new Set<string>();
        for (let index = 0; index < grid.length; index += 1) {
          const params = grid.at(index);
          seen.add(canonicalText(params, "params"));
          expect(grid.indexOf(params)).toBe(index);
        }
        expect(seen.size).toBe(grid.length);
        expect(seen).toEqual(allCells(axes));
      }),
      { numRuns: 300 },
    );
  });

  test("have the same cells in whatever order the axes are written", () => {
    fc.assert(
      fc.property(conditionalAxes, (axes) => {
        const reversed = createGrid(Object.fromEntries(Object.entries(axes).reverse()));
        const grid = createGrid(axes);
        expect(reversed.length).toBe(grid.length);
        for (let index = 0; index < grid.length; index += 1) {
          expect(reversed.indexOf(grid.at(index))).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("number cells one to one up to 2^53", () => {
    const size = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (sizes, u) => {
          const axes = Object.fromEntries(
            sizes.map((count, at) => [`x${at}`, Array.from({ length: count }, (_, position) => position)]),
          );
          const grid = createGrid(axes);
          const index = Math.floor(u * grid.length);
          expect(grid.indexOf(grid.at(index))).toBe(index);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("draws from a space with conditions are points of that space", () => {
  fc.assert(
    fc.property(conditionalAxes, fc.array(share, { minLength: 5, maxLength: 5 }), (axes, shares) => {
      const space: Space = Object.fromEntries(
        Object.entries(axes).map(([name, axis]) => [
          name,
          "of" in axis ? when(axis.condition, choice(axis.of)) : choice(axis),
        ]),
      );
      const resolved = resolveSpace(space, "random");
      const params = paramsAt(resolved, (name) => shares["abcde".indexOf(name)] as number);
      expect(spaceContains(resolved, params)).toBe(true);
      // The space and the grid of the same axes have the same points.
      expect(createGrid(axes).indexOf(params)).toBeGreaterThanOrEqual(0);
    }),
  );
});
