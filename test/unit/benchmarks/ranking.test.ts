import { describe, expect, it } from "vitest";
import { bestAt, readRuns } from "../../../benchmarks/quality/curves.ts";
import { readProblems } from "../../../benchmarks/quality/problem.ts";
import { rankAll, ranksOf } from "../../../benchmarks/quality/ranking.ts";
import { SUITES } from "../../../benchmarks/quality/suites.ts";

describe("scores", () => {
  const optima = new Map(readProblems(SUITES.public.problems).map(({ id, optimum }) => [id, optimum]));
  const runs = readRuns(SUITES.public.peers);

  // Average rank and geometric mean of Optuna's samplers as they were published with the curves.
  it.each([
    [25, "gp", "1.46", "0.171"],
    [50, "gp", "2.00", "0.073"],
    [100, "gp", "2.31", "0.067"],
    [100, "cma", "3.50", "0.190"],
    [100, "tpe_ind", "3.88", "0.209"],
    [50, "tpe_mvg", "2.62", "0.248"],
    [25, "qmc", "5.92", "0.826"],
  ])("after %d evaluations %s has rank %s and regret %s", (evaluations, name, rank, geomean) => {
    const score = rankAll(runs, optima, evaluations, "random").find(({ sampler }) => sampler === name);
    expect(score?.rank.toFixed(2)).toBe(rank);
    expect(score?.geomean.toFixed(3)).toBe(geomean);
  });

  it("equal values share the mean of their places", () => {
    const ranks = ranksOf(
      new Map([
        ["a", 2],
        ["b", 1],
        ["c", 2],
        ["d", 5],
      ]),
    );
    expect([...ranks]).toEqual([
      ["a", 2.5],
      ["b", 1],
      ["c", 2.5],
      ["d", 4],
    ]);
  });

  it("the best so far holds from its evaluation until the next improvement", () => {
    const curve = [
      [1, 9],
      [4, 3],
      [50, 1],
    ] as const;
    expect([1, 3, 4, 49, 50, 100].map((at) => bestAt(curve, at))).toEqual([9, 9, 3, 3, 1, 1]);
  });
});
