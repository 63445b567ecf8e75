import { describe, expect, test } from "vitest";
import { minimizeBox } from "../../../src/math/lbfgs.ts";

function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  const [a, b] = x as unknown as [number, number];
  gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
  gradient[1] = 200 * (b - a * a);
  return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
}

describe("minimizeBox", () => {
  test("finds the minimum of Rosenbrock's function inside the box", () => {
    const x = Float64Array.of(-1.2, 1);
    const value = minimizeBox(rosenbrock, x, {
      lower: [-5, -5],
      upper: [5, 5],
      iterations: 200,
      tolerance: 1e-14,
    });
    expect(value).toBeLessThan(1e-8);
    expect(x[0]).toBeCloseTo(1, 3);
    expect(x[1]).toBeCloseTo(1, 3);
  });

  test("stops at a bound where the function falls outwards", () => {
    // On b ≤ 0.25 the minimum of Rosenbrock's function has b = 0.25 and −400 a (b − a²) = 2 (1 − a): a = 0.50498….
    const x = Float64Array.of(-1.2, -3);
    minimizeBox(rosenbrock, x, { lower: [-5, -5], upper: [5, 0.25], iterations: 200, tolerance: 1e-14 });
    expect(x[1]).toBe(0.25);
    const slope = -400 * x[0]! * (0.25 - x[0]! ** 2) - 2 * (1 - x[0]!);
    expect(Math.abs(slope)).toBeLessThan(1e-3);
  });

  test("begins within the box, and gives back what is not finite", () => {
    const x = Float64Array.of(7);
    expect(minimizeBox(() => Number.POSITIVE_INFINITY, x, { lower: [0], upper: [1], iterations: 5 })).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(x[0]).toBe(1);
  });
});
