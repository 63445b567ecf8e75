import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankSumTest, superiority } from "../../../src/math/rank-sum.ts";
import { AT_TERM, EARLY, ORANGE, VITAMIN } from "./samples.ts";

describe("the rank-sum test", () => {
  test("without ties is the exact one of R and SciPy", () => {
    const { statistic, greater, twoSided } = rankSumTest(AT_TERM, EARLY);
    expect(statistic).toBe(35);
    expect(greater).toBeCloseTo(0.1272061272061272, 14);
    expect(twoSided).toBeCloseTo(0.2544122544122544, 14);
  });

  test("with ties is exact too: shares of all 184,756 ways to choose ten of twenty", () => {
    const { statistic, superiority, greater, less } = rankSumTest(ORANGE, VITAMIN);
    expect(statistic).toBe(80.5);
    expect(superiority).toBeCloseTo(0.805, 14);
    expect(greater).toBeCloseTo(0.009899543181276928, 13);
    expect(less).toBeCloseTo(0.9914644179350062, 13);
  });

  test("of larger samples is SciPy's normal approximation with ties and continuity", () => {
    const a = Array.from({ length: 30 }, (_, at) => (at * 7) % 11);
    const b = Array.from({ length: 25 }, (_, at) => 2 + ((at * 5) % 13));
    const { statistic, twoSided, less } = rankSumTest(a, b);
    expect(statistic).toBe(223.5);
    expect(twoSided).toBeCloseTo(0.010475725432230838, 12);
    expect(less).toBeCloseTo(0.005237862716115419, 12);
  });

  test("of all equal values says nothing, and of an empty sample NaN", () => {
    expect(rankSumTest([1, 1, 1], [1, 1])).toMatchObject({ twoSided: 1, superiority: 0.5 });
    expect(rankSumTest([], [1]).twoSided).toBeNaN();
    const many = new Array<number>(40).fill(1);
    expect(rankSumTest(many, many).twoSided).toBe(1);
  });

  test("turned round gives the other side", () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const there = rankSumTest(a, b);
        const back = rankSumTest(b, a);
        expect(there.greater).toBeCloseTo(back.less, 12);
        expect(superiority(a, b)).toBeCloseTo(there.superiority, 14);
        expect(there.superiority + back.superiority).toBeCloseTo(1, 12);
      }),
    );
  });
});
