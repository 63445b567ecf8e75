import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import { signedRankTest } from "../../../src/math/signed-rank.ts";

// Expected values from SciPy 1.17 (stats.wilcoxon), unless worked out here.
describe("the signed-rank test", () => {
  test("counts out Darwin's maize", () => {
    const heights = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    const result = signedRankTest(heights);
    expect(result.statistic).toBe(96);
    expect(result.n).toBe(15);
    expect(result.greater).toBeCloseTo(0.0206298828125, 14);
    expect(result.less).toBeCloseTo(0.982330322265625, 14);
    expect(result.twoSided).toBeCloseTo(0.041259765625, 14);
  });

  test("approximates the distribution beyond 50, with ties and continuity", () => {
    const values = Array.from({ length: 60 }, (_, at) => ((at % 7) - 2.5) * (at % 3 === 0 ? 1 : 1.5));
    const result = signedRankTest(values);
    expect(result.statistic).toBe(1089);
    expect(result.greater).toBeCloseTo(0.10006597920736593, 12);
    expect(result.less).toBeCloseTo(0.9012244515733425, 12);
  });

  test("is the share of sign patterns with as large a sum, also with ties and zeros", () => {
    const rng = createRng("signed-rank");
    for (let round = 0; round < 50; round += 1) {
      const values = Array.from({ length: rng.int(1, 9) }, () => rng.int(-3, 3));
      const { greater, less } = signedRankTest(values);
      expect([greater, less]).toEqual(bruteForce(values));
    }
  });

  test("has nothing to say of no differences, or of zeros", () => {
    expect(signedRankTest([])).toMatchObject({ n: 0, greater: 1, less: 1, twoSided: 1 });
    expect(signedRankTest([0, 0])).toMatchObject({ n: 0, greater: 1, less: 1 });
  });
});

function bruteForce(values: readonly number[]): number[] {
  const sizes = values.map(Math.abs);
  const rank = (size: number) =>
    sizes.filter((other) => other < size).length + (sizes.filter((other) => other === size).length + 1) / 2;
  const ranks = sizes.map(rank);
  const sum = (signs: readonly number[]) =>
    ranks.reduce((total, one, at) => total + (signs[at]! > 0 && sizes[at]! > 0 ? one : 0), 0);
  const observed = sum(values);
  let greater = 0;
  let less = 0;
  for (let pattern = 0; pattern < 2 ** values.length; pattern += 1) {
    const other = sum(values.map((_, at) => (pattern >> at) & 1));
    if (other >= observed) greater += 1;
    if (other <= observed) less += 1;
  }
  return [greater / 2 ** values.length, less / 2 ** values.length];
}
