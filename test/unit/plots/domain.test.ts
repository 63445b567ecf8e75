import { describe, expect, test } from "vitest";
import { looksLogarithmic, numberAxis } from "../../../src/plots/domain.ts";
import { scaleOf } from "../../../src/plots/scale.ts";

const ordinary = [1, 1.2, 1.4, 1.1, 1.3, 1.5, 1.2, 1.6, 1.1];

describe("an axis", () => {
  test("is not stretched by one diverged value, and says so", () => {
    const { axis, notes } = numberAxis([...ordinary, 1e9], { label: "loss", clamp: "high" });
    expect(axis.domain[1]).toBeLessThan(2);
    expect(axis.isClamped).toBe(true);
    expect(notes).toEqual(["1 value of loss far from the others (up to 1e9) is drawn at the edge."]);
    const scale = scaleOf(axis, 0, 100, 0);
    expect(scale.at(1e9)).toBe(100);
    expect(scale.beyond(1e9)).toBe(1);
    expect(scale.beyond(1.2)).toBe(0);
  });

  test("never cuts the better side", () => {
    const { axis, notes } = numberAxis([...ordinary, -1e9], { label: "loss", clamp: "high" });
    expect(axis.domain[0]).toBeLessThan(-1e9);
    expect(notes).toEqual([]);
  });

  test("keeps two clusters, of which none is the rest", () => {
    const { axis } = numberAxis([0, 0.1, 0.2, 0.1, 100, 100.1, 100.2, 99.9], {
      label: "loss",
      clamp: "both",
    });
    expect(axis.isClamped).toBeUndefined();
    expect(axis.domain[0]).toBeLessThan(0);
    expect(axis.domain[1]).toBeGreaterThan(100.2);
  });

  test("has room around a single value, however large or small", () => {
    for (const value of [0, 1e-30, 5, -7, 1e300]) {
      const { axis } = numberAxis([value, value], { label: "x" });
      expect(axis.domain[0]).toBeLessThan(value);
      expect(axis.domain[1]).toBeGreaterThan(value);
    }
  });

  test("has a strip for missing values, and for what a logarithm cannot show", () => {
    const { axis, notes } = numberAxis([1, 10, 0, Number.NaN], { label: "lr", isLog: true, showHoles: true });
    expect(axis.hasHoles).toBe(true);
    expect(notes[0]).toContain("1 value of lr not above 0");
    const scale = scaleOf(axis, 0, 100, 20);
    expect(scale.at(Number.NaN)).toBe(scale.hole);
    expect(scale.at(0)).toBe(scale.hole);
    expect(scale.at(1)).toBeGreaterThan(20);
  });

  test("puts infinities to the edge", () => {
    const { axis, notes } = numberAxis([1, 2, Number.POSITIVE_INFINITY], { label: "y" });
    expect(axis.domain[1]).toBeLessThan(3);
    expect(scaleOf(axis, 0, 10, 0).at(Number.POSITIVE_INFINITY)).toBe(10);
    expect(notes[0]).toContain("infinite");
  });

  test("of nothing is an axis all the same", () => {
    expect(numberAxis([Number.NaN], { label: "y" }).axis.domain).toEqual([0, 1]);
  });
});

test.each([
  [[1e-5, 1e-4, 1e-3, 1e-2, 1e-1], true],
  [[16, 32, 64, 128, 256, 512], true],
  [[0, 0.25, 0.5, 0.75, 1], false],
  [[1, 25, 50, 75, 100], false],
  [[-1, 10, 1000], false],
  [[1, 2, 4], false],
])("whether %j was chosen on a logarithmic scale: %s", (values, is) => {
  expect(looksLogarithmic(values)).toBe(is);
});
