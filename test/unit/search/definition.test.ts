import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import { atMost } from "../../../src/search/constraint.ts";
import {
  describeSearchPlan,
  resolveSearchPlan,
  type SearchPlanOptions,
} from "../../../src/search/definition.ts";
import { gp } from "../../../src/search/samplers/gp.ts";
import { grid as gridSampler } from "../../../src/search/samplers/grid.ts";
import { choice, uniform } from "../../../src/space/distribution.ts";
import { type Space, when } from "../../../src/space/space.ts";

const space: Space = { x: uniform(-5, 5), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) };

function resolved(options: Partial<SearchPlanOptions>) {
  return resolveSearchPlan("search", { space, ...options });
}

function thrown(options: Partial<Record<keyof SearchPlanOptions, unknown>>): readonly [string, string] {
  try {
    resolved(options as Partial<SearchPlanOptions>);
  } catch (error) {
    if (error instanceof DefinitionError) return [error.code, error.message];
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the plan of a search", () => {
  test("is that of auto, with seed 0, when nothing is said", () => {
    const plan = resolved({});
    expect(plan.sampler.name).toBe("auto");
    expect(plan).toMatchObject({ seed: 0, start: [], constraints: [] });
    expect(plan.space.dimensions.map(({ name }) => name)).toEqual(["x", "kind", "y"]);
    expect(Object.isFrozen(plan)).toBe(true);
  });

  test("is described by what its trials depend on, and by nothing that was left out", () => {
    expect(Object.keys(describeSearchPlan(resolved({}))).sort()).toEqual(["sampler", "seed", "space"]);
    const full = { sampler: gp(), seed: "s", start: [{ x: 1 }], constraints: [atMost("size", 3)] };
    expect(describeSearchPlan(resolved(full))).toMatchObject({
      sampler: gp().describe(),
      seed: "s",
      start: [{ x: 1 }],
      constraints: [{ type: "atMost", metric: "size", bound: 3 }],
    });
    expect(describeSearchPlan(resolved({ seed: 1 }))).not.toEqual(
      describeSearchPlan(resolved({ seed: "1" })),
    );
  });

  test("takes start points in part, and leaves alone what the caller does with them later", () => {
    const point: Record<string, unknown> = { y: 0.5 };
    const { start } = resolved({ start: [point, {}] });
    point["y"] = 7;
    expect(start).toEqual([{ y: 0.5 }, {}]);
  });

  test.each<[Partial<Record<keyof SearchPlanOptions, unknown>>, string, RegExp]>([
    [
      { sampler: "tpe" },
      "METALAB_SEARCH_SAMPLER",
      /^search\(\): sampler is what a function such as tpe\(\) gives, got "tpe"\. Write sampler: tpe\(\)\.$/,
    ],
    [{ sampler: "cma-es" }, "METALAB_SEARCH_SAMPLER", /Write sampler: cmaes\(\)\.$/],
    [{ sampler: "annealing" }, "METALAB_SEARCH_SAMPLER", /There are auto\(\), randomSampler\(\), .*\.$/],
    [{ sampler: gp }, "METALAB_SEARCH_SAMPLER", /got function gp\. There are/],
    [
      { sampler: gridSampler() },
      "METALAB_GRID_CONTINUOUS",
      /^gridSampler\(\): every parameter needs a finite list/,
    ],
    [
      { sampler: gridSampler({ points: { z: 3 } }) },
      "METALAB_GRID_POINTS",
      /^gridSampler\(\): points names a param/,
    ],
    [
      { seed: 1.5 },
      "METALAB_SEED",
      /^search\(\): seed is a safe integer or text, got 1\.5\. Write for example seed: 42\.$/,
    ],
    [{ seed: Number.NaN }, "METALAB_SEED", /got NaN/],
    [
      { constraints: atMost("size", 3) },
      "METALAB_CONSTRAINT",
      /^search\(\): constraints are a list of bounds, got \{.*\}\. Write constraints: \[atMost\("latency_ms", 50\)\]\.$/,
    ],
    [{ constraints: ["size < 3"] }, "METALAB_CONSTRAINT", /got "size < 3"\./],
    [{ constraints: [undefined] }, "METALAB_CONSTRAINT", /got undefined\./],
    [{ space: {} }, "METALAB_SPACE_EMPTY", /^search\(\): .*got \{\}\. [A-Z].*\.$/],
    [
      { space: { y: when({ knd: "b" }, uniform(0, 1)), kind: choice(["a", "b"]) } },
      "METALAB_SPACE_UNKNOWN_PARAM",
      /^search\(\): the condition of "y" names a parameter that is not there, got "knd"\. Did you mean "kind"\?$/,
    ],
    [
      { space: { a: when({ b: 1 }, choice([1])), b: when({ a: 1 }, choice([1])) } },
      "METALAB_SPACE_CYCLE",
      /^search\(\): /,
    ],
  ])("is refused when it is wrong: %j", (options, code, message) => {
    const [gotCode, gotMessage] = thrown(options);
    expect([gotCode, gotMessage]).toEqual([code, expect.stringMatching(message)]);
  });

  test.each<[unknown, RegExp]>([
    [{ x: 1 }, /^search\(\): start is a list of points, got \{"x":1\}\. Write start: \[\{ … \}\]\.$/],
    [[3], /^search\(\): start\[0\] must be a plain object, got 3\. Write \{ name: value \}\.$/],
    [
      [{ x: 0 }, { knd: "a" }],
      /^search\(\): start\[1\] must only name parameters of the space, got "knd"\. Did you mean "kind"\?$/,
    ],
    [
      [{ x: 6 }],
      /^search\(\): start\[0\]\.x must be a value of its distribution, got 6\. It has .*: widen it, or correct the value\.$/,
    ],
    [[{ x: Number.NaN }], /got NaN\./],
    [[{ kind: "c" }], /^search\(\): start\[0\]\.kind must be a value/],
    [
      [{ kind: "a", y: 0.5 }],
      /^search\(\): start\[0\]\.y exists only when \{"kind":\["b"\]\}, got it with \{"kind":"a"\}\. Leave it out\.$/,
    ],
  ])("refuses start points outside the space: %j", (start, message) => {
    expect(thrown({ start })).toEqual(["METALAB_SEARCH_START", expect.stringMatching(message)]);
  });
});
