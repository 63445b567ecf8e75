import { describe, expect, test } from "vitest";
import { PLOT_KINDS, type PlotKind, type PlotOptions } from "../../../src/plots/options.ts";
import { picture } from "../../../src/plots/plot.ts";
import type { AnyResults } from "../../../src/results/results.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { lossesOnly, MINIMIZE_LOSS, smallResults, steppedResults } from "./sketches.ts";

const OPTIONS: PlotOptions = { x: "lr", y: "loss", metric: "loss", direction: "min" };

const failed: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  status: "failed",
  error: { class: "error", name: "RangeError", message: `${trial} is too much` },
}));
const unbounded: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: trial === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY },
}));
const constant: readonly RunSketch[] = [0, 1, 2].map((replicate) => ({
  replicate,
  params: { lr: 0.1 },
  metrics: { loss: 1 + replicate },
}));
const single: readonly RunSketch[] = [{ params: { lr: 0.1 }, metrics: { loss: 1 } }];
const unusable: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: Number.NaN, cost: 1 },
}));
const words: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: "low" },
}));
const infinite: readonly RunSketch[] = [1, 2, Number.POSITIVE_INFINITY].map((loss, trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss },
}));

const flat: readonly RunSketch[] = [1, 2, 3].map((trial) => ({
  trial,
  params: { lr: trial, depth: -trial },
  metrics: { loss: 1 },
}));
const mixed: readonly RunSketch[] = [3, "high", 1, "low"].map((loss, trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: loss as number },
}));
const bare: readonly RunSketch[] = [1, 2].map((loss, replicate) => ({ replicate, metrics: { loss } }));

/** What each plot says of some runs; those that are not named are drawn. */
interface State {
  readonly runs: readonly RunSketch[];
  readonly says: Partial<Readonly<Record<PlotKind, string>>>;
  /** What all others say. */
  readonly others?: string;
  /** Plots that are drawn, where others say something. */
  readonly drawn?: readonly PlotKind[];
}

const STEPS = "No run has a series loss. Report it by step";
const NO_NUMBER = "No successful run has a number for loss.";
const NO_NUMBERS = "None of the 2 runs has succeeded with a number for lr and loss.";
const WORDS = 'There is nothing to average: loss is not a number but low. The plot "histogram" counts it';
const ONE_VALUE = "No param varies over the runs, so there is nothing to compare: lr has one value each.";
const NO_PLANE = "The points have one value of lr";
const constantSays: State["says"] = {
  param_importances: "The same in all trials, so without importance here: lr. 1 trial is few",
  slice: ONE_VALUE,
  parallel_coordinate: ONE_VALUE,
  contour: NO_PLANE,
  rank: NO_PLANE,
  intermediate_values: STEPS,
};

const STATES: Readonly<Record<string, State>> = {
  "no runs": { runs: [], says: {}, others: "There are no runs to draw." },
  "runs that all failed": {
    runs: failed,
    says: {},
    others: "None of the 2 runs has succeeded: 2 failed. The first failed with RangeError: 0 is too much.",
    drawn: ["timeline", "histogram"],
  },
  "a constant param": { runs: constant, says: constantSays },
  "a single run": { runs: single, says: constantSays },
  "only NaN": {
    runs: unusable,
    says: {
      ...{ intermediate_values: STEPS, pareto: "No successful run has finite numbers for all of lr, loss." },
      ...{ scatter: NO_NUMBERS, line: NO_NUMBERS, box: NO_NUMBERS, heatmap: NO_NUMBERS },
    },
    others: NO_NUMBER,
    drawn: ["timeline", "histogram"],
  },
  "a metric of words": {
    runs: words,
    says: {
      ...{ intermediate_values: STEPS, pareto: "No successful run has finite numbers for all of lr, loss." },
      ...{ line: WORDS, box: WORDS, heatmap: WORDS },
    },
    others: NO_NUMBER,
    drawn: ["timeline", "histogram", "scatter"],
  },
  "a metric of numbers and words": { runs: mixed, says: { intermediate_values: STEPS } },
  "only infinite values": {
    runs: unbounded,
    says: {
      intermediate_values: STEPS,
      pareto: "No successful run has finite numbers for all of lr, loss.",
    },
    others: "No successful run has a finite number for loss: 2 values are infinite.",
    drawn: ["timeline", "histogram"],
  },
  "an infinite value": { runs: infinite, says: { intermediate_values: STEPS } },
  "a metric that is the same in all": {
    runs: flat,
    says: {
      param_importances: "loss is the same in all trials: nothing matters to it.",
      // Asked for loss as the second axis.
      ...{ contour: "The points have one value of loss", rank: "The points have one value of loss" },
      intermediate_values: STEPS,
    },
  },
};

const resultsOf = async ({ runs }: State): Promise<AnyResults> => await madeResults(runs, MINIMIZE_LOSS);

/** Numbers that are none in what is drawn; words in texts may be anything. */
const odd = (text: string) =>
  /.{0,60}(?:NaN|undefined|null|Infinity).{0,60}/.exec(
    text.replaceAll(/<(text|title|desc)\b.*?<\/\1>/gs, ""),
  )?.[0];

describe.each(Object.keys(STATES))("with %s", (name) => {
  test.each(PLOT_KINDS)("%s is drawn or says why not, in every form", async (kind) => {
    const state = STATES[name]!;
    const made = await picture(await resultsOf(state), kind, OPTIONS);
    const { message, panels, title } = made.figure;
    const expected = state.says[kind] ?? (state.drawn?.includes(kind) === true ? undefined : state.others);
    if (expected === undefined) {
      expect(message).toBeUndefined();
      expect(panels.length).toBeGreaterThan(0);
    } else {
      expect(message).toContain(expected);
      expect(message).toMatch(/\.$/);
      expect(panels).toEqual([]);
      expect(made.toText({ width: 200 }).replaceAll(/\s+/g, " ")).toContain(expected);
    }
    expect(odd(made.toSVG())).toBeUndefined();
    expect(made.toText({ width: 60 })).not.toMatch(/undefined|null/);
    expect(made.toHTML()).toContain(title);
  });
});

describe("a name that no run knows is told with those near to it", () => {
  const near = { x: "lrr", y: "loss", metric: "los", direction: "min" } as const;
  const rejected: Readonly<Record<Exclude<PlotKind, "timeline" | "intermediate_values">, PlotOptions>> = {
    ...{ optimization_history: near, param_importances: near, slice: near, contour: near },
    ...{ parallel_coordinate: near, edf: near, rank: near, strategies: near },
    ...{
      pareto: { x: "los", y: "cost" },
      scatter: near,
      line: near,
      histogram: near,
      box: near,
      heatmap: near,
    },
  };
  test.each(Object.entries(rejected))("by %s", async (kind, options) => {
    await expect(picture(await smallResults(), kind as PlotKind, options)).rejects.toMatchObject({
      code: expect.stringMatching(/^METALAB_(?:METRIC|NAME)_UNKNOWN$/),
      message: expect.stringMatching(/Did you mean "(?:loss|lr)"/),
    });
  });

  test.each([
    ["slice", { params: ["lrr"] }],
    ["scatter", { x: "lr", y: "loss", color: "optimiser" }],
    ["scatter", { x: "lr", y: "loss", facet: "optimiser" }],
    ["edf", { color: "optimiser" }],
    ["histogram", { x: "loss", color: "optimiser" }],
    ["heatmap", { x: "lr", y: "optimizer", color: "los" }],
    ["strategies", { by: "optimiser" }],
    ["strategies", { repeat: "replicat" }],
    ["intermediate_values", { color: "optimiser" }],
  ] as const)("%s %j", async (kind, options) => {
    const results = kind === "intermediate_values" ? await steppedResults() : await smallResults();
    await expect(picture(results, kind, options)).rejects.toMatchObject({
      code: "METALAB_NAME_UNKNOWN",
      message: expect.stringMatching(/Did you mean "(?:loss|lr|optimizer|replicate)"/),
    });
  });

  test("a series", async () => {
    const { figure } = await picture(await steppedResults(), "intermediate_values", { metric: "los" });
    expect(figure.message).toBe('No run has a series los. Did you mean "loss"? There are loss.');
  });
});

test("a metric of numbers and words is drawn by its numbers, and says so", async () => {
  for (const kind of ["optimization_history", "edf", "strategies", "scatter"] as const) {
    const { figure } = await picture(
      await resultsOf(STATES["a metric of numbers and words"]!),
      kind,
      OPTIONS,
    );
    expect(figure.notes.join(" ")).toMatch(/Not shown: 2 (?:successful )?runs without a number for loss\./);
  }
});

test("without params there is nothing to vary", async () => {
  const { figure } = await picture(await madeResults(bare, MINIMIZE_LOSS), "slice");
  expect(figure.message).toBe("The runs have no params.");
});

test("one group and one repetition are said to prove nothing", async () => {
  const { figure } = await picture(await lossesOnly([3, 1, 2]), "strategies");
  expect(figure.notes).toContain("There is one strategy: nothing to compare it with.");
  expect(figure.notes).toContain("A single repetition each: which is better may be chance.");
});

test("a histogram of a metric of failed runs says that they failed", async () => {
  const made = await picture(await resultsOf(STATES["runs that all failed"]!), "histogram", { x: "loss" });
  expect(made.figure.message).toBe(
    "None of the 2 runs has succeeded: 2 failed. The first failed with RangeError: 0 is too much.",
  );
});

test("a plane takes two params", async () => {
  const made = await picture(await lossesOnly([1, 2, 3]), "contour");
  expect(made.figure.message).toContain("Only at varies");
});

test("a series between two holes is a dot for each point", async () => {
  const runs: readonly RunSketch[] = [{ params: { lr: 0.1 }, metrics: { loss: 1 } }];
  const results = await madeResults(runs, {
    ...MINIMIZE_LOSS,
    write: (writer, id) => ({
      series: {
        loss: writer.putBlock({
          id,
          kind: "series",
          name: "loss",
          count: 3,
          columns: { step: Float64Array.of(0, 1, 2), value: Float64Array.of(1, Number.NaN, 2) },
        }),
      },
    }),
  });
  const svg = (await picture(results, "intermediate_values")).toSVG();
  expect(svg.match(/<circle/g)).toHaveLength(2);
});

test("of a single trial there is its point, and no best so far that hides it", async () => {
  const results = await madeResults(single, MINIMIZE_LOSS);
  const { figure } = await picture(results, "optimization_history");
  expect(figure.panels[0]!.marks.map(({ kind }) => kind)).toEqual(["points"]);
});
