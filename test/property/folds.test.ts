import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldIndices } from "../../src/experiment/fold-indices.ts";

/** Items, folds, a seed, and labels or none. */
const split = fc.integer({ min: 2, max: 12 }).chain((count) =>
  fc.integer({ min: count, max: 80 }).chain((length) =>
    fc.record({
      length: fc.constant(length),
      count: fc.constant(count),
      seed: fc.oneof(fc.integer(), fc.string({ maxLength: 5 })),
      stratify: fc.option(
        fc.array(fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("a", "b", true, Number.NaN)), {
          minLength: length,
          maxLength: length,
        }),
        { nil: undefined },
      ),
    }),
  ),
);

function every({ length, count, seed, stratify }: typeof split extends fc.Arbitrary<infer S> ? S : never) {
  const labels = stratify === undefined ? {} : { stratify };
  return Array.from({ length: count }, (_, fold) => foldIndices(length, { fold, count, seed, ...labels }));
}

function spread(counts: readonly number[]): number {
  return Math.max(...counts) - Math.min(...counts);
}

describe("fold indices", () => {
  test("are a partition: each item is held out once, and trained with otherwise", () => {
    fc.assert(
      fc.property(split, (given) => {
        const folds = every(given);
        const all = Array.from({ length: given.length }, (_, item) => item);
        expect(folds.flatMap(({ validation }) => [...validation]).sort((a, b) => a - b)).toEqual(all);
        for (const { train, validation } of folds) {
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(all);
          expect([...train]).toEqual([...train].sort((a, b) => a - b));
          expect([...validation]).toEqual([...validation].sort((a, b) => a - b));
        }
      }),
    );
  });

  test("are balanced, as a whole and in each label", () => {
    fc.assert(
      fc.property(split, (given) => {
        const folds = every(given);
        expect(spread(folds.map(({ validation }) => validation.length))).toBeLessThanOrEqual(1);
        for (const label of new Set(given.stratify)) {
          const counts = folds.map(
            ({ validation }) =>
              [...validation].filter((item) => Object.is(given.stratify![item], label)).length,
          );
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("do not depend on what labels are called", () => {
    fc.assert(
      fc.property(split, (given) => {
        const names = [...new Set(given.stratify)];
        const renamed = given.stratify?.map((label) => `class ${names.indexOf(label)}`);
        fc.pre(!given.stratify?.some((label) => Number.isNaN(label)));
        expect(every({ ...given, stratify: renamed as never })).toEqual(every(given));
      }),
    );
  });
});
