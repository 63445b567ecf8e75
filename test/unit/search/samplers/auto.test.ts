import { auto, choice, int, maximize, minimize, optimizer, type Space, uniform } from "metalab";
import { describe, expect, test } from "vitest";

function proposers(
  space: Space,
  trials: number,
  options: { readonly several?: boolean } = {},
): readonly string[] {
  const search = optimizer({
    space,
    trials,
    sampler: auto(),
    objective: options.several === true ? [minimize("a"), maximize("b")] : minimize("a"),
    seed: 1,
  });
  return Array.from({ length: trials }, () => {
    const trial = search.ask();
    const value = Object.values(trial.params).reduce((sum: number, x) => sum + Number(x) ** 2, 0);
    search.tell(trial, options.several === true ? [value, -value] : value);
    return trial.by;
  });
}

describe("auto", () => {
  test("lets methods take turns once there is something to learn from", () => {
    const by = proposers({ x: uniform(-1, 1), y: uniform(0, 1) }, 20);
    expect(new Set(by.slice(0, 8))).toEqual(new Set(["gp"]));
    expect(by.slice(8, 14)).toEqual(["tpe", "gp", "cmaes", "tpe", "gp", "cmaes"]);
  });

  test("tries all points of a space that has no more than there are trials", () => {
    const by = proposers({ x: int(1, 3), y: int(1, 4) }, 12);
    expect(new Set(by)).toEqual(new Set(["grid"]));
  });

  test("leaves the Gaussian process out of long searches", () => {
    const search = optimizer({
      space: { x: uniform(0, 1) },
      sampler: auto(),
      objective: minimize("a"),
      seed: 2,
    });
    const by: string[] = [];
    for (let number = 0; number < 254; number += 1) {
      // Known points cost nothing to propose.
      if (number < 250) search.register({ x: number / 250 }, number);
      else by.push(search.ask().by);
    }
    expect(by).not.toContain("gp");
  });

  test("has methods of their own for several objectives", () => {
    const by = proposers({ x: uniform(-1, 1) }, 30, { several: true });
    expect(new Set(by.slice(-6))).toEqual(new Set(["nsga2", "tpe"]));
  });

  test("copes with choices", () => {
    expect(proposers({ x: choice([0, 1, 2]), y: uniform(0, 1) }, 12).length).toBe(12);
  });
});
