import { describe, expect, test } from "vitest";
import { choice, int, lognormal, loguniform, normal, uniform } from "../../../../src/space/distribution.ts";
import { spaceOfSweep } from "../../../../src/sweep/flags/space.ts";
import { parseSweep } from "../../../../src/sweep/flags/sweep.ts";
import { STRATEGY_NAMES, sourceFor, strategyNamed } from "../../../../src/sweep/script/strategy.ts";

const spaceOf = (...argv: string[]) => spaceOfSweep(parseSweep(argv));

describe("flags as a space", () => {
  test.each([
    ["3", choice([3])],
    ["[1, a, None]", choice([1, "a", null])],
    ["[?, 0.1]", choice([null, 0.1])],
    ["(1, 10, 2)", int(1, 9, { step: 2 })],
    ["(9, 0, -3)", int(3, 9, { step: 3 })],
    ["(0, 1, 0.25)", uniform(0, 0.75, { step: 0.25 })],
    ["uniform(1e-5, 0.1)", uniform(1e-5, 0.1)],
    ["uniform(2, 1)", uniform(1, 2)],
    ["rand()", uniform(0, 1)],
    ["loguniform(1e-5, 0.1)", loguniform(1e-5, 0.1)],
    ["normal(1, 2)", normal(1, 2)],
    ["standard_normal()", normal(0, 1)],
    ["lognormal()", lognormal(0, 1)],
    ["randint(3, 9)", int(3, 8)],
    ["randint(9)", int(0, 8)],
    ["random_integers(6)", int(1, 6)],
    ["choice([a, b, a])", choice(["a", "b"])],
  ])("%s", (text, expected) => {
    const written = text.replace("[a, b, a]", "['a', 'b', 'a']");
    expect(spaceOf("--x", written)).toEqual({ space: { x: expected }, notices: [] });
  });

  test("flags that are there or not, and those without a value", () => {
    expect(spaceOf("--amp=[true,false]", "--go").space).toEqual({
      amp: choice([true, false]),
      go: choice([true]),
    });
  });

  test("says what a search does otherwise than a grid", () => {
    expect(spaceOf("--x", "uniform(0, 1, 3)").notices).toEqual([
      "--x: the search chooses from all of uniform(0, 1), so the size 3 is not used.",
    ]);
    const { space, notices } = spaceOf("--x", "gamma(2, size=5)");
    expect(space["x"]).toMatchObject({ type: "choice", values: { length: 5 } });
    expect(notices).toEqual(["--x: the search chooses among 5 values drawn from gamma."]);
  });
});

describe("strategies", () => {
  const sweep = parseSweep(["--a", "(0, 5)", "--b", "(0, 4)"]);
  const objects = (strategy: Parameters<typeof sourceFor>[1]) => {
    const { source } = sourceFor(sweep, strategy, 7);
    return Array.from({ length: source.length }, (_, index) => JSON.stringify(source.at(index)));
  };

  test("grid_search is all, random_search some of them, each once, more of them with more trials", () => {
    const all = objects({ name: "grid_search" });
    expect(all).toHaveLength(20);
    const some = objects({ name: "random_search", trials: 6 });
    expect(new Set(some).size).toBe(6);
    expect(all).toEqual(expect.arrayContaining(some));
    expect(objects({ name: "random_search", trials: 9 }).slice(0, 6)).toEqual(some);
    expect(objects({ name: "random_search", trials: 20 })).toEqual(all);
    expect(objects({ name: "random_search", trials: 21 })).toEqual(all);
  });

  test("a search has the flags for its space", () => {
    const { source } = sourceFor(sweep, { name: "tpe", trials: 9, lag: 3, pruner: "median" }, 7);
    expect(source.describe()).toMatchObject({
      kind: "search",
      trials: 9,
      lag: 3,
      seed: 7,
      sampler: { name: "tpe" },
      pruner: { name: "median" },
    });
  });

  test.each([
    ["grid", "grid_search"],
    ["Random-Search", "random_search"],
    ["bayesian", "auto"],
    ["TPE", "tpe"],
  ])("%s is %s", (text, name) => {
    expect(strategyNamed(text)).toBe(name);
    expect(STRATEGY_NAMES).toContain(name);
  });

  test.each([
    [{ name: "grid_search", trials: 3 }, "--trials goes with a strategy that chooses"],
    [{ name: "random_search" }, "--strategy random_search needs --trials"],
    [{ name: "gp" }, "--strategy gp needs --trials"],
  ])("%o is refused", (strategy, message) => {
    expect(() => sourceFor(sweep, strategy, 0)).toThrow(message);
  });
});
