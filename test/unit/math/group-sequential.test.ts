import { describe, expect, test } from "vitest";
import { nominalLevels, obrienFleming, pocock } from "../../../src/math/group-sequential.ts";
import { createRng } from "../../../src/math/random.ts";
import { normalQuantile } from "../../../src/math/special.ts";

function boundaries(levels: Float64Array): number[] {
  return Array.from(levels, (level) => -normalQuantile(level));
}

function evenly(looks: number): number[] {
  return Array.from({ length: looks }, (_, at) => (at + 1) / looks);
}

describe("the levels of repeated tests", () => {
  // Boundaries of Lan and DeMets for five looks at the one-sided level 0.025, as ldbounds and gsDesign print them.
  test("are those of Lan and DeMets", () => {
    const early = boundaries(nominalLevels(0.025, evenly(5), obrienFleming));
    for (const [at, value] of [4.877, 3.357, 2.68, 2.29, 2.031].entries()) {
      expect(Math.abs(early[at]! - value)).toBeLessThan(0.001);
    }
    const even = boundaries(nominalLevels(0.025, evenly(5), pocock));
    for (const [at, value] of [2.438, 2.427, 2.41, 2.397, 2.386].entries()) {
      expect(Math.abs(even[at]! - value)).toBeLessThan(0.001);
    }
  });

  test("add up to the error rate, also at uneven looks", () => {
    const information = [0.05, 0.1, 0.4, 0.45, 0.9, 1];
    const limits = boundaries(nominalLevels(0.1, information, pocock));
    const rng = createRng("levels");
    const rounds = 40_000;
    let crossed = 0;
    for (let round = 0; round < rounds; round += 1) {
      let place = 0;
      for (const [at, time] of information.entries()) {
        place += rng.normal() * Math.sqrt(time - (information[at - 1] ?? 0));
        if (place / Math.sqrt(time) < limits[at]!) continue;
        crossed += 1;
        break;
      }
    }
    expect(Math.abs(crossed / rounds - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / rounds));
  });

  test("are the error rate itself at a single look", () => {
    expect(nominalLevels(0.05, [1], pocock)[0]).toBeCloseTo(0.05, 4);
    expect(nominalLevels(0.05, [], pocock)).toHaveLength(0);
  });
});
