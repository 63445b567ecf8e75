import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hypervolume, hypervolumeContributions } from "../../../src/search/hypervolume.ts";
import { crowdingDistance, dominates, nonDominatedRanks, paretoFront } from "../../../src/search/pareto.ts";

/** Points with many ties, so that equal coordinates and equal points come up. */
const points = (size: number, most: number) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: size, maxLength: size }), {
    minLength: 1,
    maxLength: most,
  });

describe("fronts", () => {
  test.each([1, 2, 3, 4])("of %i objectives are those that peeling gives", (size) => {
    fc.assert(
      fc.property(points(size, 25), (set) => {
        const peeled = new Array<number>(set.length).fill(-1);
        for (let front = 0; peeled.includes(-1); front += 1) {
          const left = set.map((_, at) => at).filter((at) => peeled[at] === -1);
          for (const at of left) {
            if (!left.some((other) => dominates(set[other]!, set[at]!))) peeled[at] = front;
          }
        }
        expect(Array.from(nonDominatedRanks(set))).toEqual(peeled);
        expect(paretoFront(set)).toEqual(set.map((_, at) => at).filter((at) => peeled[at] === 0));
      }),
    );
  });

  test("infinite losses are losses", () => {
    const infinity = Number.POSITIVE_INFINITY;
    const set = [
      [1, infinity],
      [0, infinity],
      [2, -infinity],
      [infinity, infinity],
    ];
    expect(Array.from(nonDominatedRanks(set))).toEqual([1, 0, 0, 2]);
    expect(paretoFront([])).toEqual([]);
  });
});

test("crowding is the size of the cuboid between neighbours, worked out by hand", () => {
  const set = [
    [0, 4],
    [1, 2],
    [3, 1],
    [4, 0],
    [9, 9],
  ];
  // (3 − 0)/4 + (4 − 1)/4 and (4 − 1)/4 + (2 − 0)/4.
  expect(Array.from(crowdingDistance(set, nonDominatedRanks(set)))).toEqual([
    Number.POSITIVE_INFINITY,
    1.5,
    1.25,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});

describe("hypervolume", () => {
  test("of sets whose volume is plain", () => {
    expect(hypervolume([], [1, 1])).toBe(0);
    expect(hypervolume([[0.25]], [1])).toBe(0.75);
    expect(hypervolume([[0, 0]], [2, 3])).toBe(6);
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 2],
          [3, 1],
        ],
        [4, 4],
      ),
    ).toBe(6);
    expect(
      hypervolume(
        [
          [1, 2, 3],
          [3, 2, 1],
          [2, 1, 3],
        ],
        [4, 4, 4],
      ),
    ).toBe(6 + 6 + 6 - 2 - 4 - 2 + 2);
    expect(hypervolume([[5, 0]], [4, 4])).toBe(0);
  });

  test.each([1, 2, 3, 4, 5])("of %i objectives is that of inclusion and exclusion", (size) => {
    fc.assert(
      fc.property(points(size, 7), (set) => {
        const reference = new Array<number>(size).fill(5);
        let expected = 0;
        for (let subset = 1; subset < 2 ** set.length; subset += 1) {
          const members = set.filter((_, at) => (subset >> at) & 1);
          const box = reference.reduce(
            (volume, bound, k) =>
              volume * Math.max(0, bound - Math.max(...members.map((point) => point[k]!))),
            1,
          );
          expected += members.length % 2 === 1 ? box : -box;
        }
        expect(hypervolume(set, reference)).toBeCloseTo(expected, 6);
      }),
      { numRuns: 60 },
    );
  });

  test("contributions are what is lost without a point", () => {
    const set = [
      [1, 3],
      [2, 2],
      [3, 1],
      [3, 3],
    ];
    expect(Array.from(hypervolumeContributions(set, [4, 4]))).toEqual([1, 1, 1, 0]);
  });
});
