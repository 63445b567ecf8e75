import { describe, expect, test } from "vitest";
import { createSobol, SOBOL_DIMENSIONS, scrambledSobol, sobolPoint } from "../../../src/math/sobol.ts";

describe("the Sobol sequence", () => {
  // scipy.stats.qmc.Sobol(128, scramble=False) of SciPy 1.17.1, whose n-th point is our point n ^ (n >> 1).
  test.each([
    [0, [0, 0, 0, 0, 0, 0, 0]],
    [1, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
    [2, [0.25, 0.75, 0.75, 0.25, 0.75, 0.25, 0.75]],
    [3, [0.75, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25]],
    [7, [0.875, 0.875, 0.125, 0.625, 0.625, 0.625, 0.125]],
    [55, [0.921875, 0.640625, 0.578125, 0.296875, 0.953125, 0.828125, 0.671875]],
    [540, [0.2197265625, 0.0966796875, 0.5185546875, 0.9072265625, 0.5224609375, 0.4462890625, 0.5439453125]],
  ])("has point %i where the tables put it", (index, coordinates) => {
    expect([0, 1, 2, 5, 20, 63, 127].map((dimension) => sobolPoint(index, dimension) / 2 ** 32)).toEqual(
      coordinates,
    );
  });

  test("goes on to the last of its 2^32 points", () => {
    expect(sobolPoint(2 ** 32 - 1, 0)).toBe(2 ** 32 - 1);
    expect(sobolPoint(2 ** 31, 0)).toBe(1);
  });
});

describe("scrambled Sobol points", () => {
  test("lie one in each interval in every dimension", () => {
    for (let dimension = 0; dimension < SOBOL_DIMENSIONS; dimension += 1) {
      const cells = new Set<number>();
      for (let index = 0; index < 64; index += 1)
        cells.add(Math.floor(64 * scrambledSobol(index, dimension, 0x9e3779b9 ^ dimension)));
      expect(cells.size).toBe(64);
    }
  });

  test("keep the net: the first two dimensions fill every elementary box of 256", () => {
    const point = createSobol(2, "net");
    for (const bits of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      const boxes = new Set<number>();
      for (let index = 0; index < 256; index += 1) {
        const [x, y] = point(index) as unknown as [number, number];
        boxes.add(Math.floor(x * 2 ** bits) * 2 ** (8 - bits) + Math.floor(y * 2 ** (8 - bits)));
      }
      expect(boxes.size).toBe(256);
    }
  });

  test("are uniform over seeds: mean, variance and correlation of two points", () => {
    const count = 4_000;
    const sums = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < count; seed += 1) {
      const [a, b] = createSobol(2, seed)(5) as unknown as [number, number];
      [a - 0.5, b - 0.5, (a - 0.5) ** 2, (b - 0.5) ** 2, (a - 0.5) * (b - 0.5)].forEach((term, at) => {
        sums[at] = (sums[at] as number) + term / count;
      });
    }
    // Five standard errors: 0.2887 / √4000, 0.0745 / √4000 and 1 / 12 / √4000.
    expect(Math.abs(sums[0] as number)).toBeLessThan(0.023);
    expect(Math.abs(sums[1] as number)).toBeLessThan(0.023);
    expect(Math.abs((sums[2] as number) - 1 / 12)).toBeLessThan(0.006);
    expect(Math.abs((sums[3] as number) - 1 / 12)).toBeLessThan(0.006);
    expect(Math.abs(sums[4] as number)).toBeLessThan(0.0066);
  });

  test("integrate better than random points do", () => {
    // The integral of Π (1 + (x - 1/2)) over the cube of 8 dimensions is 1; the variance of one random value is
    // (13/12)^8 - 1 = 0.897, so 1024 random points have a standard error of 0.0296.
    let worst = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const point = createSobol(8, seed);
      let sum = 0;
      for (let index = 0; index < 1_024; index += 1)
        sum += point(index).reduce((product, x) => product * (0.5 + x), 1);
      worst = Math.max(worst, Math.abs(sum / 1_024 - 1));
    }
    expect(worst).toBeLessThan(0.005);
  });

  test("go on at random past the last dimension, the same whenever asked", () => {
    const point = createSobol(200, "far");
    const last = point(3);
    expect(createSobol(200, "far")(3)).toEqual(last);
    expect(point(4)[199]).not.toBe(last[199]);
    expect(new Set(last).size).toBe(200);
    expect(last.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(createSobol(150, "far")(3)).toEqual(last.slice(0, 150));
  });
});
