import { describe, expect, test } from "vitest";
import { advise } from "../../../src/analysis/advise.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { search } from "../../../src/experiment/search-source.ts";
import { run } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { choice, int, loguniform, uniform } from "../../../src/space/distribution.ts";
import { when } from "../../../src/space/when.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const wide = { lr: loguniform(1e-5, 1), momentum: uniform(0, 1) };

describe("advise()", () => {
  test.each([
    ["few combinations", { lr: [0.1, 0.01], layers: int(1, 4) }, {}, "grid", 8],
    ["few combinations, however long", { lr: [0.1, 0.01] }, { trialMinutes: 500 }, "grid", 2],
    ["combinations under a condition", { o: ["a", "b"], m: when({ o: "b" }, [1, 2, 3]) }, {}, "grid", 4],
    [
      "many combinations that are paid for",
      { a: int(1, 20), b: int(1, 20) },
      { trialMinutes: 1, budget: 400 },
      "grid",
      400,
    ],
    [
      "combinations beyond the budget",
      { a: int(1, 9), b: int(1, 9) },
      { trialMinutes: 10, budget: 300 },
      "auto",
      30,
    ],
    ["ranges", wide, {}, "auto", 30],
    ["long trials", wide, { trialMinutes: 30, budget: 1_200 }, "auto", 40],
    ["short trials", wide, { trialMinutes: 1, budget: 60 }, "auto", 60],
    ["many trials", wide, { trialMinutes: 0.01, budget: 50 }, "auto", 5_000],
    ["trials of a millisecond", wide, { trialMinutes: 1 / 60_000 }, "sobol", 300],
    ["several objectives", wide, { objectives: 2 }, "auto", 30],
    [
      "many parameters",
      Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`x${at}`, uniform(0, 1)])),
      {},
      "auto",
      100,
    ],
    ["a budget below one trial", wide, { trialMinutes: 30, budget: 10 }, "auto", 1],
  ] as const)("%s", (_, space, options, sampler, trials) => {
    const advice = advise(space, options);
    expect([advice.sampler.name, advice.trials]).toEqual([sampler, trials]);
    expect(advice.reason.length).toBeGreaterThan(0);
    for (const sentence of advice.reason) expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
  });

  test("says what its choice rests on", () => {
    const space = { o: choice(["a", "b"]), x: when({ o: "a" }, uniform(0, 1)) };
    expect(advise(space).reason.join(" ")).toContain("under a condition");
    expect(advise(wide, { trialMinutes: 30, budget: 10 }).reason.join(" ")).toContain("less than one trial");
    expect(advise(wide).reason.join(" ")).toContain("in parallel");
  });

  test("can be given to a search as it is", async () => {
    const { sampler, trials } = advise(wide, { trialMinutes: 10, budget: 80 });
    const experiment = new Experiment({
      name: "advised",
      params: search({ space: wide, sampler, trials }),
      operation: ({ params }) => ({ loss: params.momentum }),
      objective: minimize("loss"),
    });
    const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
    expect(results.length).toBe(8);
  });

  test.each([
    [{ trialMinutes: 0 }, "trialMinutes is a number of minutes above 0, got 0"],
    [{ budget: Number.NaN }, "budget is a number of minutes above 0, got NaN"],
    [{ objectives: 0 }, "objectives is a positive integer"],
    [{ trials: 5 }, 'Use "budget"'],
  ])("refuses %o", (options, message) => {
    expect(() => advise(wide, options as never)).toThrow(message);
  });
});
