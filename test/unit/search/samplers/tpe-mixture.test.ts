import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { normalCdf } from "../../../../src/math/special.ts";
import { Mixture } from "../../../../src/search/samplers/tpe/mixture.ts";
import { cellAt, type Scale, scaleOf } from "../../../../src/search/samplers/tpe/scale.ts";
import { choice, int, logint, loguniform, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";

function scalesOf(space: Space): readonly Scale[] {
  return new UnitSpace(resolveSpace(space, "test")).dimensions.map(scaleOf);
}

function mixtureOf(
  space: Space,
  centres: readonly (readonly number[])[],
  bandwidths: readonly number[],
  weights: readonly number[] = centres.map(() => 1),
  priorWeight = 0.5,
): Mixture {
  return new Mixture(scalesOf(space), {
    centres: Float64Array.from(centres.flat()),
    weights: Float64Array.from(weights),
    priorWeight,
    bandwidths: Float64Array.from(bandwidths),
  });
}

/** Density at x of a normal cut off at 0 and 1. */
function cutNormal(x: number, centre: number, bandwidth: number): number {
  const z = (x - centre) / bandwidth;
  const mass = normalCdf((1 - centre) / bandwidth) - normalCdf(-centre / bandwidth);
  return Math.exp((-z * z) / 2) / (bandwidth * Math.sqrt(2 * Math.PI) * mass);
}

describe("scales", () => {
  test("list the values of finite parameters as cells, up to 64 of them", () => {
    const [real, few, many, kind, log] = scalesOf({
      real: uniform(0, 1),
      few: int(1, 4),
      many: int(1, 1_000),
      kind: choice(["a", "b"]),
      log: logint(1, 3),
    });
    expect(real).toEqual({ cells: undefined, isCategory: false, grain: 0 });
    expect(few?.cells?.edges).toEqual(Float64Array.of(0, 0.25, 0.5, 0.75, 1));
    expect(few?.cells?.units).toEqual(Float64Array.of(0.125, 0.375, 0.625, 0.875));
    expect(many).toEqual({ cells: undefined, isCategory: false, grain: 1 / 1_000 });
    expect(kind?.isCategory).toBe(true);
    // From 0.5 to 3.5 on a log scale, cut at 1.5 and 2.5.
    const edges = [...(log?.cells?.edges ?? [])];
    expect(edges[1]).toBeCloseTo(Math.log(3) / Math.log(7), 12);
    expect(edges[2]).toBeCloseTo(Math.log(5) / Math.log(7), 12);
    expect(
      [0, 0.5, 0.6, 0.83, 1].map((unit) => cellAt(log?.cells as NonNullable<Scale["cells"]>, unit)),
    ).toEqual([0, 0, 1, 2, 2]);
  });
});

describe("a mixture", () => {
  test.each([0.3, 0.07, 0.03, 0.004])(
    "has the density of its kernels and prior at bandwidth %d",
    (bandwidth) => {
      const mixture = mixtureOf({ x: uniform(0, 1) }, [[0.02], [0.6], [1]], [bandwidth], [1, 2, 1], 1);
      for (const x of [0, 0.01, 0.3, 0.598, 0.61, 0.99, 1]) {
        const density =
          (cutNormal(x, 0.02, bandwidth) +
            2 * cutNormal(x, 0.6, bandwidth) +
            cutNormal(x, 1, bandwidth) +
            1) /
          5;
        expect(Math.abs(Math.exp(mixture.logDensity([x])) / density - 1)).toBeLessThan(5e-3);
      }
    },
  );

  test("integrates to 1 over reals and values together", () => {
    const space: Space = { x: loguniform(1, 10), n: logint(1, 5), c: choice(["a", "b", "c"]) };
    const mixture = mixtureOf(
      space,
      [
        [0.1, 0.2, 0.5],
        [0.9, 0.8, 0.9],
      ],
      [0.1, 0.2, 0.3],
    );
    const [, n] = scalesOf(space);
    let total = 0;
    for (let at = 0; at < 500; at += 1)
      for (let value = 0; value < 5; value += 1)
        for (let kind = 0; kind < 3; kind += 1) {
          const edges = n?.cells?.edges as Float64Array;
          const width = (edges[value + 1] as number) - (edges[value] as number);
          const units = [(at + 0.5) / 500, n?.cells?.units[value] as number, (kind + 0.5) / 3];
          total += (Math.exp(mixture.logDensity(units)) * width) / 500 / 3;
        }
    expect(Math.abs(total - 1)).toBeLessThan(2e-3);
  });

  test("gives integers the mass of their cells and categories a chance of their own", () => {
    const [a, b] = [1, 3].map((cell) => {
      const mixture = mixtureOf({ n: int(1, 4) }, [[0.375]], [0.2], [1], 1e-12);
      return Math.exp(mixture.logDensity([(cell + 0.5) / 4])) / 4;
    }) as [number, number];
    const inside = normalCdf(3.125) - normalCdf(-1.875);
    expect(a).toBeCloseTo((normalCdf(0.625) - normalCdf(-0.625)) / inside, 9);
    expect(b).toBeCloseTo((normalCdf(3.125) - normalCdf(1.875)) / inside, 9);
    const kinds = mixtureOf({ c: choice(["a", "b", "c"]) }, [[0.5]], [0.2], [1], 1e-12);
    expect(Math.exp(kinds.logDensity([0.5])) / 3).toBeCloseTo(0.8, 9);
    expect(Math.exp(kinds.logDensity([0.9])) / 3).toBeCloseTo(0.1, 9);
  });

  test("is uniform in what is inactive at a centre, and asks nothing of what is inactive at the point", () => {
    const space: Space = { x: uniform(0, 1), y: uniform(0, 1) };
    const mixture = mixtureOf(
      space,
      [
        [0.3, Number.NaN],
        [0.7, 0.2],
      ],
      [0.1, 0.1],
      [1, 1],
      1e-9,
    );
    const at = (x: number, y: number) => Math.exp(mixture.logDensity([x, y]));
    expect(at(0.4, 0.9)).toBeCloseTo(
      (cutNormal(0.4, 0.3, 0.1) + cutNormal(0.4, 0.7, 0.1) * cutNormal(0.9, 0.2, 0.1)) / 2,
      3,
    );
    expect(at(0.4, Number.NaN)).toBeCloseTo((cutNormal(0.4, 0.3, 0.1) + cutNormal(0.4, 0.7, 0.1)) / 2, 3);
    // Active at every centre, inactive at the point.
    const whole = mixtureOf(
      space,
      [
        [0.3, 0.5],
        [0.7, 0.2],
      ],
      [0.1, 0.1],
      [1, 1],
      1e-9,
    );
    expect(Math.exp(whole.logDensity([0.4, Number.NaN]))).toBeCloseTo(
      (cutNormal(0.4, 0.3, 0.1) + cutNormal(0.4, 0.7, 0.1)) / 2,
      3,
    );
  });

  test("draws what it has the density of", () => {
    const space: Space = { x: uniform(0, 1), n: int(1, 4), c: choice(["a", "b"]), wide: int(1, 100) };
    const mixture = mixtureOf(
      space,
      [
        [0.1, 0.125, 0.25, 0.5],
        [0.8, 0.875, 0.75, Number.NaN],
      ],
      [0.1, 0.2, 0.1, 0.05],
    );
    const rng = createRng("draws");
    const units = new Float64Array(4);
    const counts = new Float64Array(8);
    const draws = 40_000;
    for (let at = 0; at < draws; at += 1) {
      mixture.draw(rng, units);
      expect(units.every((unit) => unit >= 0 && unit <= 1)).toBe(true);
      const cell = Math.floor((units[1] as number) * 4) * 2 + Math.floor((units[2] as number) * 2);
      counts[cell] = (counts[cell] as number) + 1;
    }
    for (let cell = 0; cell < 8; cell += 1) {
      const n = (Math.floor(cell / 2) + 0.5) / 4;
      const c = ((cell % 2) + 0.5) / 2;
      const share = Math.exp(mixture.logDensity([Number.NaN, n, c, Number.NaN])) / 8;
      // Six standard errors.
      expect(Math.abs((counts[cell] as number) / draws - share)).toBeLessThan(
        6 * Math.sqrt(share / draws) + 1e-4,
      );
    }
  });

  test("without centres is the prior", () => {
    const mixture = mixtureOf({ x: uniform(0, 1) }, [], [0.1]);
    expect(mixture.logDensity([0.3])).toBeCloseTo(0, 12);
  });
});
