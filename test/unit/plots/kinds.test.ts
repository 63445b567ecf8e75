import { describe, expect, test } from "vitest";
import { compareStrategies } from "../../../src/analysis/strategies/strategies.ts";
import type { LineMark, Mark, PointMark, RectMark, SegmentMark } from "../../../src/plots/figure.ts";
import { picture } from "../../../src/plots/plot.ts";
import { madeResults } from "../../helpers/made-results.ts";
import { lossesOnly, MINIMIZE_LOSS, smallResults, smallRuns, steppedResults } from "./sketches.ts";

const of = <K extends Mark["kind"]>(marks: readonly Mark[], kind: K) =>
  marks.filter((mark): mark is Extract<Mark, { kind: K }> => mark.kind === kind);

describe("optimization_history", () => {
  test("has the mean of each trial, its standard error, and the best so far", async () => {
    const { figure } = await picture(await smallResults(), "optimization_history");
    const marks = figure.panels[0]!.marks;
    const [points] = of(marks, "points") as [PointMark];
    expect(points.x).toEqual([0, 1, 2, 3, 4, 5]);
    expect(points.y).toEqual([4, 3, 5, 1, 2, 5.75]);
    const [line] = of(marks, "line") as [LineMark];
    // The stair by its corners: a best lasts until the next one, the last until the end.
    expect(line.x).toEqual([0, 1, 3, 5]);
    expect(line.y).toEqual([4, 3, 1, 1]);
    const [bars] = of(marks, "segments") as [SegmentMark];
    // Values ± 0.25: sd √0.125, divided by √2.
    expect(bars.y0[0]).toBeCloseTo(3.75, 12);
    expect(bars.y1[0]).toBeCloseTo(4.25, 12);
    expect(bars.x0).not.toContain(5);
    expect(figure.notes).toContain("Not shown: 1 of 12 runs that has not succeeded.");
  });

  test("draws 5,000 of more points, the best among them, and says so", async () => {
    const losses = Array.from({ length: 7000 }, (_, i) => (i === 4321 ? -1 : 1 + (i % 97)));
    const { figure } = await picture(await lossesOnly(losses), "optimization_history");
    const [points] = of(figure.panels[0]!.marks, "points") as [PointMark];
    expect(points.x.length).toBeGreaterThan(4990);
    expect(points.x.length).toBeLessThanOrEqual(5001);
    expect(points.y).toContain(-1);
    expect(figure.notes.join(" ")).toMatch(/of 7,000 points are drawn/);
    const [line] = of(figure.panels[0]!.marks, "line") as [LineMark];
    expect(line.x).toEqual([0, 4321, 6999]);
  });

  test("has a line for each experiment of several", async () => {
    const other = await madeResults(smallRuns(), { ...MINIMIZE_LOSS, name: "other" });
    const { figure } = await picture((await smallResults()).concat(other), "optimization_history");
    expect(figure.legend!.entries.map(({ label }) => label)).toEqual(["booth", "other"]);
    expect(of(figure.panels[0]!.marks, "line")).toHaveLength(2);
  });
});

test("slice has a panel for each param that varies, and holes where one does not apply", async () => {
  const { figure } = await picture(await smallResults(), "slice");
  expect(figure.panels.map(({ x }) => x.label)).toEqual(["lr", "momentum", "optimizer"]);
  expect(figure.panels.map(({ x }) => x.scale)).toEqual(["log", "linear", "category"]);
  expect(figure.panels.map(({ x }) => x.hasHoles)).toEqual([false, true, false]);
});

test("rank colours the best dark and the worst light, and draws the best last", async () => {
  const { figure } = await picture(await smallResults(), "rank", { params: ["lr", "momentum"] });
  const [points] = of(figure.panels[0]!.marks, "points") as [PointMark];
  expect(points.colors![5]).toBe("#440154");
  expect(points.x[5]).toBe(0.01);
  expect(points.colors![0]).toBe("#b4de2c");
});

test("contour leaves every cell between the least and the greatest colour, and is right at the points", async () => {
  const runs = [0, 1].flatMap((a) => [0, 1].map((b) => ({ params: { a, b }, metrics: { loss: a } })));
  const { figure } = await picture(await madeResults(runs, MINIMIZE_LOSS), "contour");
  const [cells] = of(figure.panels[0]!.marks, "rects") as [RectMark];
  const leftmost = cells.x0.map((x, i) => [x, cells.colors![i]!] as const).sort((a, b) => a[0] - b[0]);
  // Dark on the left, where the loss is 0, light on the right.
  expect(Number.parseInt(leftmost[0]![1].slice(3, 5), 16)).toBeLessThan(0x40);
  expect(Number.parseInt(leftmost.at(-1)![1].slice(3, 5), 16)).toBeGreaterThan(0xb0);
});

test("parallel_coordinate ends in the objective, the best in front", async () => {
  const { figure } = await picture(await smallResults(), "parallel_coordinate");
  const { axes, lines } = figure.panels[0]!.parallel!;
  expect(axes.map(({ label }) => label)).toEqual(["lr", "momentum", "optimizer", "loss"]);
  expect(lines.filter(({ isFront }) => isFront).map(({ values }) => values.at(-1))).toEqual([1]);
});

test("edf rises by one share for each point, from 0 to 1", async () => {
  const { figure } = await picture(await lossesOnly([4, 1, 3, 2]), "edf");
  const [line] = of(figure.panels[0]!.marks, "line") as [LineMark];
  expect(line.x.slice(1, -1)).toEqual([1, 2, 3, 4]);
  expect(line.y).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
});

test("timeline puts runs that overlap into lanes, and colours how they ended", async () => {
  const { figure } = await picture(await smallResults(), "timeline");
  expect(figure.panels[0]!.y.categories).toEqual(["1", "2"]);
  expect(figure.legend!.entries.map(({ label }) => label)).toEqual(["failed (1)", "success (11)"]);
});

test("pareto finds what no other beats", async () => {
  const objectives = [
    { metric: "error", direction: "minimize" },
    { metric: "gain", direction: "maximize" },
  ] as const;
  const points = [
    [1, 1],
    [2, 5],
    [3, 4],
    [4, 9],
  ] as const;
  const runs = points.map(([error, gain], at) => ({ params: { at }, metrics: { error, gain } }));
  const { figure } = await picture(await madeResults(runs, { objectives }), "pareto");
  const front = of(figure.panels[0]!.marks, "points").at(-1)!;
  expect(front.x).toEqual([1, 2, 4]);
  const [stair] = of(figure.panels[0]!.marks, "line") as [LineMark];
  // At a corner stands what both neighbours reach: the larger error with the smaller gain.
  expect([stair.x[1], stair.y[1]]).toEqual([2, 1]);
});

test("line has the aggregate of each place and its spread", async () => {
  const { figure } = await picture(await smallResults(), "line", {
    x: "lr",
    y: "loss",
    aggregate: "median",
    spread: "range",
  });
  const [line] = of(figure.panels[0]!.marks, "line") as [LineMark];
  expect(line.x).toEqual([0.001, 0.01, 0.1]);
  // Sorted by hand: 1.75 2.25 3.75 4.25; 0.75 1.25 2.75 3.25; 4.75 5.25 5.75.
  expect(line.y).toEqual([3, 2, 5.25]);
  const [bars] = of(figure.panels[0]!.marks, "segments") as [SegmentMark];
  expect([bars.y0[0], bars.y1[0]]).toEqual([1.75, 4.25]);
});

test("histogram counts every run once", async () => {
  const { figure } = await picture(await smallResults(), "histogram", {
    x: "loss",
    bins: 4,
    color: "optimizer",
  });
  const rects = of(figure.panels[0]!.marks, "rects");
  const counted = rects
    .flatMap(({ y0, y1 }) => y1.map((top, i) => top - y0[i]!))
    .reduce((sum, n) => sum + n, 0);
  expect(counted).toBe(11);
  expect(figure.legend!.entries.map(({ label }) => label)).toEqual(["adam", "sgd"]);
});

test("box has quartiles of type 7 and whiskers at the last value within reach", async () => {
  const runs = [1, 2, 3, 4, 5, 20].map((loss) => ({ params: { a: "x" }, metrics: { loss } }));
  const { figure } = await picture(await madeResults(runs, MINIMIZE_LOSS), "box", { x: "a", y: "loss" });
  const [box] = of(figure.panels[0]!.marks, "rects") as [RectMark];
  // R: quantile(c(1,2,3,4,5,20)) gives 2.25 and 4.75.
  expect([box.y0[0], box.y1[0]]).toEqual([2.25, 4.75]);
  const [whiskers] = of(figure.panels[0]!.marks, "segments") as [SegmentMark];
  expect([whiskers.y0[0], whiskers.y1[1]]).toEqual([1, 5]);
});

test("heatmap has a cell for each pair that was run", async () => {
  const { figure } = await picture(await smallResults(), "heatmap", {
    x: "lr",
    y: "optimizer",
    aggregate: "count",
  });
  const [cells] = of(figure.panels[0]!.marks, "rects") as [RectMark];
  expect(cells.texts).toEqual(["2", "2", "2", "2", "2", "1"]);
});

test("strategies has the median of the best so far over repetitions", async () => {
  const list = [
    [3, 2, 1],
    [5, 4, 4],
    [4, 6, 0],
  ];
  const runs = list.flatMap((losses, replicate) =>
    losses.map((loss, trial) => ({ trial, replicate, params: { trial }, metrics: { loss } })),
  );
  const { figure } = await picture(await madeResults(runs, MINIMIZE_LOSS), "strategies");
  const [line] = of(figure.panels[0]!.marks, "line") as [LineMark];
  expect(line.x).toEqual([1, 2, 3]);
  expect(line.y).toEqual([4, 4, 1]);
});

test("strategies has the curves of compareStrategies(), failures included", async () => {
  const lists = [
    [undefined, 5, 7, 2],
    [4, undefined, 3, 3],
    [undefined, 6, 1, 8],
  ];
  const made = (name: string, add: number) =>
    madeResults(
      lists.flatMap((losses, replicate) =>
        losses.map((loss, trial) => ({
          ...{ trial, replicate, params: { trial } },
          ...(loss === undefined ? { status: "failed" as const } : { metrics: { loss: loss + add } }),
        })),
      ),
      { ...MINIMIZE_LOSS, name },
    );
  const [a, b] = [await made("a", 0), await made("b", 1.5)];
  const { strategies } = compareStrategies([a, b]);
  const { figure } = await picture(a.concat(b), "strategies");
  const [lines, bands] = [of(figure.panels[0]!.marks, "line"), of(figure.panels[0]!.marks, "band")];
  for (const [at, { median, q25, q75 }] of strategies.entries()) {
    // No middle of the repetitions has a value after the first trial.
    expect(lines[at]!.x).toEqual([2, 3, 4]);
    expect(lines[at]!.y).toEqual([...median.subarray(1)]);
    expect(bands[at]!.low).toEqual([...q25.subarray(1)]);
    expect(bands[at]!.high).toEqual([...q75.subarray(1)]);
  }
});

test("intermediate_values has a line for each run, dotted where it has not succeeded", async () => {
  const { figure } = await picture(await steppedResults(), "intermediate_values");
  const lines = of(figure.panels[0]!.marks, "line");
  expect(lines).toHaveLength(12);
  expect(lines[0]!.x).toEqual([0, 1, 2]);
  expect(lines.filter(({ dash }) => dash === "dotted")).toHaveLength(1);
  expect(figure.notes.join(" ")).toContain("Dotted: 1 run that ended without success");
});

test("intermediate_values draws no line back to an earlier step", async () => {
  const { figure } = await picture(await steppedResults([0, 1, 2, 0, 1, 2]), "intermediate_values");
  const [first] = of(figure.panels[0]!.marks, "line") as [LineMark];
  expect(first.x).toEqual([0, 1, 2, Number.NaN, 0, 1, 2]);
  expect(first.y).toEqual([9, 5, 3, Number.NaN, 9, 5, 3]);
  expect(figure.notes).toContain("12 runs went back to an earlier step, where a new line begins.");
});

test("param_importances puts the most important on top and draws given intervals", async () => {
  const importances = [
    { name: "momentum", value: 0.1 },
    { name: "lr", value: 0.7, low: 0.6, high: 0.8 },
  ];
  const { figure } = await picture(await smallResults(), "param_importances", { importances });
  expect(figure.panels[0]!.y.categories).toEqual(["momentum", "lr"]);
  const [bars] = of(figure.panels[0]!.marks, "segments") as [SegmentMark];
  expect([bars.x0, bars.x1]).toEqual([[0.6], [0.8]]);
});

describe("few means", () => {
  const losses = [3e5, 10, 10, 10, 10, 10.1, 10.2, 10.3, 10.2, 10.1];
  const results = () =>
    madeResults(
      losses.map((loss, i) => ({
        trial: i >> 1,
        replicate: i & 1,
        params: { at: i >> 1 },
        metrics: { loss },
      })),
      MINIMIZE_LOSS,
    );

  test.each(["line", "scatter"] as const)("of %s are all drawn where they are", async (kind) => {
    const { figure } = await picture(await results(), kind, { x: "at", y: "loss", aggregate: "mean" });
    expect(figure.panels[0]!.y.domain[1]).toBeGreaterThan(150_005);
    expect(figure.notes).toEqual([]);
  });
});

describe("scatter", () => {
  test("shows each run, coloured and in panels", async () => {
    const { figure } = await picture(await smallResults(), "scatter", {
      x: "lr",
      y: "loss",
      color: "optimizer",
      facet: "replicate",
      labels: { lr: "learning rate" },
      units: { loss: "nats" },
    });
    expect(figure.panels.map(({ title }) => title)).toEqual(["replicate = 0", "replicate = 1"]);
    expect(figure.panels[0]!.x.label).toBe("learning rate");
    expect(figure.panels[0]!.y.label).toBe("loss (nats)");
    const shapes = of(figure.panels[0]!.marks, "points").map(({ shape }) => shape);
    expect(new Set(shapes).size).toBe(2);
  });

  test("names at most ten groups", async () => {
    const runs = Array.from({ length: 30 }, (_, i) => ({
      params: { who: `p${i}`, x: i },
      metrics: { loss: i },
    }));
    const { figure } = await picture(await madeResults(runs, MINIMIZE_LOSS), "scatter", {
      x: "x",
      y: "loss",
      color: "who",
    });
    expect(figure.legend!.entries).toHaveLength(10);
    expect(figure.legend!.entries.at(-1)!.label).toBe("21 others");
  });
});
