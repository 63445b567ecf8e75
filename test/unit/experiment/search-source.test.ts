import {
  atMost,
  choice,
  concat,
  DefinitionError,
  Experiment,
  type ExperimentDefinition,
  grid,
  maximize,
  median,
  memoryStore,
  minimize,
  product,
  race,
  randomSampler,
  run,
  type SearchOptions,
  sample,
  search,
  seeds,
  uniform,
} from "metalab";
import { describe, expect, test } from "vitest";
import type { OperationInput } from "../../../src/experiment/operation.ts";
import { describeSearch } from "../../../src/experiment/search-source.ts";
import { stderrOf } from "../../helpers/sweeps.ts";

const space = { x: uniform(0, 1), kind: choice(["a", "b"]) };
const params = search({ space, trials: 4 });

function thrown(make: () => unknown): readonly [string, string] {
  try {
    make();
  } catch (error) {
    if (error instanceof DefinitionError) return [error.code, error.message];
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("start points beyond the trials are refused", () => {
  const space = { x: uniform(0, 1) };
  expect(() => search({ space, trials: 1, start: [{ x: 0 }, { x: 1 }] })).toThrow(
    /got 2 points and 1 trial\. Raise trials/,
  );
});

describe("search()", () => {
  test("is a source that knows its names and its length, and no point", () => {
    expect(params).toMatchObject({
      kind: "search",
      names: ["x", "kind"],
      length: 4,
      lag: 1,
      mode: "ordered",
    });
    expect(thrown(() => params.at(0))).toEqual([
      "METALAB_SEARCH_POINT",
      "search(): the params of a trial are known only as the search runs, asked for trial 0. Give it to an experiment as its params and run that.",
    ]);
  });

  test("is described by what decides its trials", () => {
    expect(params.describe()).toMatchObject({
      kind: "search",
      trials: 4,
      lag: 1,
      seed: 0,
      sampler: { name: "auto" },
    });
    const loose = search({
      space,
      trials: 4,
      mode: "async",
      warmStart: false,
      pruner: median(),
      race: race(),
    });
    expect(loose.describe()).toMatchObject({
      mode: "async",
      warmStart: false,
      pruner: { name: "median" },
      race: { name: "race" },
    });
    // Without order there is no lag.
    expect(loose.describe()).not.toHaveProperty("lag");
    expect(describeSearch(search({ space, trials: 9 }))).toEqual(describeSearch(params));
    expect(describeSearch(search({ space, trials: 4, lag: 2 }))).not.toEqual(describeSearch(params));
  });

  test.each<
    [Partial<Record<keyof SearchOptions | "workers" | "nTrials" | "objective", unknown>>, string, RegExp]
  >([
    [
      { trials: 0 },
      "METALAB_SEARCH_TRIALS",
      /^search\(\): trials is a positive integer, got 0\. Say how many trials to make, for example trials: 100\.$/,
    ],
    [{ trials: undefined }, "METALAB_SEARCH_TRIALS", /got undefined\./],
    [{ trials: 2.5 }, "METALAB_SEARCH_TRIALS", /got 2\.5\./],
    [
      { lag: 0 },
      "METALAB_SEARCH_LAG",
      /^search\(\): lag is a positive integer, got 0\. Say how many trials may be under way at once, for example lag: 4\.$/,
    ],
    [{ lag: "4" }, "METALAB_SEARCH_LAG", /got "4"\./],
    [
      { lag: 4, mode: "async" },
      "METALAB_SEARCH_LAG",
      /^search\(\): lag belongs to the mode "ordered", got lag 4 with mode "async", which waits for nothing\. Leave out one of them\.$/,
    ],
    [
      { mode: "parallel" },
      "METALAB_SEARCH_MODE",
      /^search\(\): mode is "ordered" or "async", got "parallel"\. Leave it out for trials that do not depend on the number of workers\.$/,
    ],
    [
      { warmStart: 1 },
      "METALAB_SEARCH_OPTION",
      /^search\(\): warmStart is true or false, got 1\. Correct it, or leave it out\.$/,
    ],
    [
      { pruner: "median" },
      "METALAB_SEARCH_OPTION",
      /^search\(\): pruner is what a function such as median\(\) gives, got "median"\./,
    ],
    [{ pruner: median }, "METALAB_SEARCH_OPTION", /got function median\./],
    [
      { race: true },
      "METALAB_SEARCH_OPTION",
      /^search\(\): race is what race\(\) or a pruner such as wilcoxon\(\) gives, got true\./,
    ],
    [{ sampler: "gpp" }, "METALAB_SEARCH_SAMPLER", /Write sampler: gp\(\)\.$/],
    [
      { start: [{ x: 2 }] },
      "METALAB_SEARCH_START",
      /^search\(\): start\[0\]\.x must be a value of its distribution, got 2\./,
    ],
    [{ constraints: [{ metric: "size" }] }, "METALAB_CONSTRAINT", /got \{"metric":"size"\}\./],
    [{ nTrials: 4 }, "METALAB_UNKNOWN_OPTION", /Use "trials"\./],
    [{ workers: 4 }, "METALAB_UNKNOWN_OPTION", /lag says how many trials may be under way\./],
    [{ objective: minimize("loss") }, "METALAB_UNKNOWN_OPTION", /The objective belongs to the experiment/],
  ])("refuses %j", (options, code, message) => {
    const [gotCode, gotMessage] = thrown(() => search({ space, trials: 4, ...options } as SearchOptions));
    expect([gotCode, gotMessage]).toEqual([code, expect.stringMatching(message)]);
  });

  test.each<[string, () => unknown]>([
    ["concat(): argument 1", () => concat(grid({ x: [1] }), params)],
    ["product(): argument 0", () => product(params, grid({ other: [1] }))],
    ["sample()", () => sample(params, 2)],
  ])("cannot be a part of another source: %s", (where, make) => {
    expect(thrown(make)).toEqual([
      "METALAB_SOURCE",
      `${where}: takes sources whose points are known beforehand, got a search. Give the search to an experiment of its own.`,
    ]);
  });
});

describe("an experiment over a search", () => {
  async function rejection(options: Partial<ExperimentDefinition>): Promise<readonly [string, string]> {
    const experiment = new Experiment({
      name: "wrong",
      operation: () => ({ loss: 1, size: 2 }),
      objective: minimize("loss"),
      ...options,
    } as ExperimentDefinition);
    const store = memoryStore();
    const error: unknown = await run(experiment, { store, progress: "none" })
      .result()
      .catch((thrownLater: unknown) => thrownLater);
    expect(error).toBeInstanceOf(DefinitionError);
    const { code, message } = error as DefinitionError;
    return [code, message];
  }

  test("needs an objective", async () => {
    expect(await rejection({ params, objective: undefined as never })).toEqual([
      "METALAB_SEARCH_OBJECTIVE",
      'Experiment "wrong": a search follows an objective, got none. Write objective: minimize("loss").',
    ]);
  });

  test("needs replicates and a single objective to race", async () => {
    const raced = search({ space, trials: 4, race: race() });
    expect(await rejection({ params: raced })).toEqual([
      "METALAB_RACE_REPLICATES",
      'Experiment "wrong": a race spends replicates one by one, got 1 for each trial. Write seeds: seeds({ replicates: 5 }), or leave race out.',
    ]);
    const several = [minimize("loss"), maximize("size")] as never;
    expect(await rejection({ params: raced, objective: several, seeds: seeds({ replicates: 3 }) })).toEqual([
      "METALAB_RACE_OBJECTIVES",
      'Experiment "wrong": a race compares trials by one objective, got 2. Leave race out, or give one objective.',
    ]);
  });

  test("has to report its objective and its constraints, with the nearest name", async () => {
    expect(await rejection({ params, objective: minimize("lss", { captured: true }) })).toEqual([
      "METALAB_OBJECTIVE_MISSING",
      'search: every run has to report the number "lss", got undefined. Did you mean "loss"?',
    ]);
    const bounded = search({ space, trials: 4, constraints: [atMost("sze", 1)] });
    expect((await rejection({ params: bounded }))[1]).toBe(
      'search: every run has to report the number "sze", got undefined. Did you mean "size"?',
    );
  });

  test("with a pruner has to report steps before it asks, and is told when it never does", async () => {
    const pruned = (operation: (input: OperationInput) => unknown) =>
      new Experiment({
        name: "wrong",
        params: search({ space, trials: 2, pruner: median(), sampler: randomSampler() }),
        operation,
        objective: minimize("loss", { captured: true }),
      } as ExperimentDefinition);
    const asking = run(
      pruned(async ({ trial }) => {
        await trial.shouldPrune();
        return { loss: 1 };
      }),
      { store: memoryStore(), progress: "none" },
    );
    const results = await asking.result();
    expect(results.failed.length).toBe(2);
    expect(results.at(0)!.error?.message).toMatch(
      /^trial\.shouldPrune\(\): the pruner follows the metric "loss" step by step, got no value of it yet\. Report it before you ask/,
    );
    const text = await stderrOf(() =>
      run(
        pruned(() => ({ loss: 1 })),
        { store: memoryStore() },
      ).result(),
    );
    expect(text).toBe(
      'metalab: search of "wrong": its pruner follows the metric "loss" step by step, but the first trial reported none. ' +
        'Write capture.metric("loss", value, { step }) and then if (await trial.shouldPrune()) trial.prune().\n',
    );
  });
});
