import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import { minimize } from "../../../src/search/objective.ts";
import type { Sampler } from "../../../src/search/sampler.ts";
import { auto } from "../../../src/search/samplers/auto.ts";
import { cmaes } from "../../../src/search/samplers/cmaes.ts";
import { gp } from "../../../src/search/samplers/gp.ts";
import { nsga2 } from "../../../src/search/samplers/nsga2.ts";
import { tpe } from "../../../src/search/samplers/tpe.ts";
import { Study } from "../../../src/search/study.ts";
import { isExhausted, untried } from "../../../src/search/untried.ts";
import { choice, int, uniform } from "../../../src/space/distribution.ts";
import { resolveSpace, type Space } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";
import { when } from "../../../src/space/when.ts";

const spaceOf = (space: Space) => new UnitSpace(resolveSpace(space, "test"));

/** 3 + 4 points: the branch of b has no c. */
const SMALL = {
  kind: choice(["a", "b"]),
  c: when({ kind: "a" }, int(1, 3)),
  d: when({ kind: "b" }, int(1, 4)),
};

/** One branch is a single point, the other is endless. */
const MIXED = { kind: choice(["point", "line"]), x: when({ kind: "line" }, uniform(0, 1)), n: int(1, 2) };

function studyOf(space: Space, sampler: Sampler, objectives = 1): Study {
  return new Study({
    space: spaceOf(space),
    sampler,
    objectives: [minimize("first"), minimize("second")].slice(0, objectives),
    constraints: 0,
    seed: 3,
    start: [],
  });
}

/** Texts of the points of some trials; the first is far better than others, so that everything draws there. */
function pointsOf(study: Study, trials: number, overlap = 1): string[] {
  const points: string[] = [];
  const open: number[] = [];
  const many = study.settings.objectives.length;
  for (let at = 0; at < trials; at += 1) {
    const { number, params } = study.ask(trials);
    points.push(JSON.stringify(params));
    open.push(number);
    if (open.length < overlap) continue;
    const loss = params["kind"] === "a" || params["kind"] === "point" ? 0 : 100 + at;
    const losses = Array.from({ length: many }, () => loss);
    study.tell(open.shift()!, { state: "complete", losses, errors: losses.map(() => Number.NaN), count: 1 });
  }
  return points;
}

const SAMPLERS: readonly (readonly [string, () => Sampler, number])[] = [
  ["tpe", () => tpe(), 1],
  ["tpe of two objectives", () => tpe(), 2],
  ["nsga2", () => nsga2({ population: 4 }), 2],
  ["cmaes", () => cmaes(), 1],
  ["gp", () => gp(), 1],
  ["auto", () => auto(), 1],
  ["auto of two objectives", () => auto(), 2],
];

describe.each(SAMPLERS)("%s", (_, sampler, objectives) => {
  test.each([1, 3])("proposes every point of a small space before any twice, %i at a time", (overlap) => {
    const points = pointsOf(studyOf(SMALL, sampler(), objectives), 7, overlap);
    expect(new Set(points).size).toBe(7);
  });

  test("proposes no point twice of a space with an endless branch", () => {
    const points = pointsOf(studyOf(MIXED, sampler(), objectives), 40);
    expect(new Set(points).size).toBe(40);
  });

  test("goes on when nothing is left", () => {
    expect(pointsOf(studyOf(SMALL, sampler(), objectives), 12).length).toBe(12);
  });
});

describe("untried", () => {
  test("finds the last point, and gives the vector back when there is none", () => {
    const space = spaceOf({ a: int(1, 20), b: int(1, 20) });
    const last = String(space.encode({ a: 13, b: 7 }));
    const near = Float64Array.of(0.1, 0.9);
    const rng = createRng("untried");
    expect(space.decode(untried(space, near, rng, (point) => String(point) !== last))).toEqual({
      a: 13,
      b: 7,
    });
    expect(untried(space, near, rng, () => true)).toBe(near);
    expect(untried(space, near, rng, () => false)).toBe(near);
  });

  test("a space is exhausted with the last of its points, not before, and never an endless one", () => {
    const study = studyOf(SMALL, tpe());
    const seen: boolean[] = [];
    for (let at = 0; at < 9; at += 1) {
      seen.push(
        isExhausted(
          { ...study.settings, history: study.history, pending: study.pending },
          study.next().params,
        ),
      );
      const { number } = study.ask();
      if (at % 2 === 0) study.tell(number, { state: "failed", losses: [], errors: [], count: 0 });
    }
    expect(seen).toEqual([false, false, false, false, false, false, false, true, true]);
    const mixed = studyOf(MIXED, tpe());
    pointsOf(mixed, 20);
    const known = mixed.history.at(0)!.params;
    expect(isExhausted({ ...mixed.settings, history: mixed.history, pending: [] }, known)).toBe(false);
  });
});
