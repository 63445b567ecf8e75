import {
  Experiment,
  folds,
  int,
  memoryStore,
  minimize,
  type RunOptions,
  race,
  randomSampler,
  run,
  type SearchOptions,
  search,
  seeds,
  tpe,
  uniform,
} from "metalab";
import { describe, expect, test } from "vitest";
import { stderrOf } from "../../helpers/sweeps.ts";

interface Made extends Partial<Omit<SearchOptions, "trials">> {
  readonly trials?: number;
  readonly replicates?: number;
  readonly foldCount?: number;
}

function tuned({ replicates = 1, foldCount, ...options }: Made = {}) {
  return new Experiment({
    name: "tuned",
    params: search({
      space: { x: uniform(0, 1), y: uniform(0, 1) },
      trials: 6,
      sampler: randomSampler(),
      ...options,
    }),
    seeds: seeds({ replicates }),
    ...(foldCount === undefined ? {} : { folds: folds({ count: foldCount }) }),
    operation: ({ params }) => ({ loss: Number(params["x"]) }),
    objective: minimize("loss"),
  });
}

function said(made: Made, options: RunOptions = {}): Promise<string> {
  return stderrOf(() => run(tuned(made), { store: memoryStore(), ...options }).result());
}

describe("what auto has chosen", () => {
  test("is said once, before the first trial that it chose for", async () => {
    const { sampler: _, ...auto } = { sampler: undefined, start: [{ x: 0.5, y: 0.5 }] };
    const text = await stderrOf(() =>
      run(
        new Experiment({
          name: "tuned",
          params: search({ space: { x: uniform(0, 1), y: uniform(0, 1) }, trials: 6, ...auto }),
          operation: ({ params }) => ({ loss: params.x }),
          objective: minimize("loss"),
        }),
        { store: memoryStore() },
      ).result(),
    );
    expect(text).toBe('metalab: search of "tuned": auto proposes by gp (2 parameters, 6 trials).\n');
  });

  test("is said once for each that takes turns, and again when a search goes on", async () => {
    const store = memoryStore();
    const made = (trials: number) =>
      new Experiment({
        name: "tuned",
        params: search({ space: { x: uniform(0, 1) }, trials }),
        operation: ({ params }) => ({ loss: params.x }),
        objective: minimize("loss"),
      });
    const lines = (await stderrOf(() => run(made(20), { store }).result())).trimEnd().split("\n");
    expect(lines[0]).toBe('metalab: search of "tuned": auto proposes by gp (1 parameter, 20 trials).');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines.slice(1))
      expect(line).toMatch(/^metalab: search of "tuned": auto proposes by \w+, too\.$/);
    expect(new Set(lines).size).toBe(lines.length);
    const more = await stderrOf(() => run(made(21), { store }).result());
    expect(more).toMatch(/^metalab: search of "tuned": auto proposes by \w+ \(1 parameter, 21 trials\)\.\n$/);
    expect(await stderrOf(() => run(made(21), { store }).result())).toBe("");
  });

  test("is not said where somebody else chose, or nothing is to be shown", async () => {
    expect(await said({})).toBe("");
    const silent = new Experiment({
      name: "tuned",
      params: search({ space: { x: uniform(0, 1) }, trials: 2 }),
      operation: ({ params }) => ({ loss: params.x }),
      objective: minimize("loss"),
    });
    expect(await stderrOf(() => run(silent, { store: memoryStore(), progress: "none" }).result())).toBe("");
  });
});

describe("a sampler that has changed", () => {
  const made = (trials: number, version?: number) =>
    tuned({ trials, sampler: { ...randomSampler(), ...(version === undefined ? {} : { version }) } });

  test("is said when it goes on with a search, once, and the search is the same", async () => {
    const store = memoryStore();
    const go = (trials: number, version?: number) =>
      stderrOf(() => run(made(trials, version), { store }).result());
    expect(await go(4)).toBe("");
    expect(await go(4, 2)).toBe("");
    expect(await go(6, 2)).toBe(
      'metalab: search of "tuned": random has changed: version 1 proposed the trials up to 3, version 2 proposes those from 4. ' +
        "What was tried counts as it is; for a search that one version makes alone, begin it in another store.\n",
    );
    expect(await go(8, 2)).toBe("");
    expect(await go(9, 1)).toMatch(
      /version 2 proposed the trials up to 7, version 1 proposes those from 8\./,
    );
    const once = await run(made(9), { store: memoryStore() }).result();
    const pieces = await run(made(9), { store }).result();
    expect(Array.from(pieces, ({ id }) => id).sort()).toEqual(Array.from(once, ({ id }) => id).sort());
  });

  test("must have a version that can be compared", () => {
    for (const version of [0, 1.5, "2"]) {
      expect(() => made(4, version as number)).toThrow(/sampler is what a function such as tpe\(\) gives/);
    }
  });
});

describe("slots that a lag leaves idle", () => {
  test("are said, with the lag that uses them and what it costs", async () => {
    expect(await said({ trials: 20 }, { concurrency: 8 })).toBe(
      'metalab: search of "tuned": lag 1 keeps 1 of 8 slots busy; say search({ lag: 8 }) to use all. ' +
        "Each trial then knows the results of 7 fewer before it, which can take a few more trials to the same result.\n",
    );
  });

  test.each<[string, Made, RunOptions, RegExp]>([
    [
      "replicates count",
      { replicates: 3 },
      { concurrency: 8 },
      /lag 1 keeps 3 of 8 slots busy; say search\(\{ lag: 3 \}\)/,
    ],
    [
      "folds count",
      { foldCount: 2, lag: 2 },
      { concurrency: 8 },
      /lag 2 keeps 4 of 8 slots busy; say search\(\{ lag: 4 \}\)/,
    ],
    [
      "those of a race come one by one",
      { replicates: 4, race: race() },
      { concurrency: 4 },
      /lag 1 keeps 1 of 4 slots/,
    ],
    ["no more than there are trials", { trials: 3 }, { concurrency: 8 }, /say search\(\{ lag: 3 \}\)/],
    ["a lag that is enough", { lag: 8, trials: 10 }, { concurrency: 8 }, /^$/],
    ["no order", { mode: "async" }, { concurrency: 8 }, /^$/],
    ["one slot", {}, {}, /^$/],
  ])("are worked out: %s", async (_, made, options, text) => {
    expect(await said(made, options)).toMatch(text);
  });
});

describe("a space without points that are left", () => {
  test("is said once, with the trials that repeat", async () => {
    const text = await said({ space: { x: int(1, 4), y: int(1, 2) }, sampler: tpe(), trials: 12 });
    expect(text).toBe(
      'metalab: search of "tuned": every point of the space has been tried. The trials from 8 to 11 repeat known ones, which costs no runs; ask for fewer, or widen the space.\n',
    );
  });

  test("is not what a repetition by chance shows", async () => {
    const text = await said({ space: { x: int(1, 4), y: int(1, 4) }, sampler: randomSampler(), trials: 14 });
    expect(text).toBe("");
  });
});
