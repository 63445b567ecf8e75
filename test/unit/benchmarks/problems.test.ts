import { describe, expect, it } from "vitest";
import { gauss } from "../../../benchmarks/quality/noise.ts";
import { readProblems, runnable } from "../../../benchmarks/quality/problem.ts";
import { spaceContains } from "../../../src/space/space.ts";

const file = (name: string) => new URL(`../../../benchmarks/quality/${name}`, import.meta.url);

describe("noise", () => {
  // Values that came with the problems.
  it.each([
    [0, 0, 0.9659740590152261],
    [1, 7, 1.3105772867980967],
    [19, 99, 0.752542286639392],
  ])("of seed %d at evaluation %d", (seed, index, value) => {
    expect(Math.abs(gauss(seed, index) - value)).toBeLessThan(1e-12);
  });
});

const all = [...readProblems(file("problems.json")), ...readProblems(file("held-out/problems.json"))];

describe.each(all)("problem $id", (problem) => {
  const { value, space } = runnable(problem);

  it.each(problem.tests)("has the stated value at $x", ({ x, y }) => {
    expect(Math.abs(value(x) - y)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(y)));
  });

  it("has its optimum where it is said to be", () => {
    expect(problem.argmin).toBeDefined();
    expect(spaceContains(space.space, problem.argmin ?? {})).toBe(true);
    expect(Math.abs(value(problem.argmin ?? {}) - problem.optimum)).toBeLessThan(1e-6);
  });
});

describe("problem cond_kernel", () => {
  const { value } = runnable(readProblems(file("problems.json")).find(({ id }) => id === "cond_kernel")!);

  // Optuna's random search: its points by the seed, and its published curve, which has seven digits.
  it.each([
    [1.8590843630169627, 0.0034828020870283287, 0.04571611],
    [0.0651621545821569, 7.595132328682394e-5, 0.9252852],
    [324.8369675941485, 0.008520540258345189, 0.6125688],
    [1.1613567037801698, 2.2786715292020596, 1.247232],
  ])("at C %d and gamma %d is %d", (C, gamma, expected) => {
    expect(value({ algo: "rbf", C, gamma })).toBeCloseTo(expected, 6);
  });
});
