import { summarizeGroups } from "metalab";
import { expect, test } from "vitest";
import { bootstrapMeanInterval } from "../../../src/math/bootstrap-mean.ts";
import { minimize } from "../../../src/search/objective.ts";
import { boothRuns, madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { ORANGE, VITAMIN } from "../math/samples.ts";

const teeth = [
  ...ORANGE.map(
    (length, replicate): RunSketch => ({ params: { kind: "OJ" }, replicate, metrics: { length } }),
  ),
  ...VITAMIN.map(
    (length, replicate): RunSketch => ({ params: { kind: "VC" }, replicate, metrics: { length } }),
  ),
];

test("groups have R's means, deviations, quantiles and t intervals", async () => {
  const found = summarizeGroups(await madeResults(teeth), { by: "kind" });
  expect(found.groups.map(({ key, n, runs }) => [key.kind, n, runs])).toEqual([
    ["OJ", 10, 10],
    ["VC", 10, 10],
  ]);
  const [orange] = found.groups;
  // mean(x), sd(x), t.test(x)$conf.int, quantile(x, c(.05, .25, .75, .95)) of ToothGrowth, OJ at 0.5 mg
  expect(orange!.mean).toBeCloseTo(13.23, 12);
  expect(orange!.sd).toBeCloseTo(4.459708511, 8);
  expect(orange!.low).toBeCloseTo(10.03972, 5);
  expect(orange!.high).toBeCloseTo(16.42028, 5);
  expect(orange!.quantiles.map((value) => Number(value.toFixed(3)))).toEqual([8.74, 9.7, 16.175, 19.745]);
  expect(found.warnings).toEqual([]);
});

test("the bootstrap is asked for by name, and warns of few values", async () => {
  const results = await madeResults(teeth);
  const found = summarizeGroups(results, { by: "kind", interval: "bootstrap", confidence: 0.9 });
  const [low, high] = bootstrapMeanInterval(ORANGE, 0.9);
  expect(found.groups[0]!.low).toBeCloseTo(low, 5);
  expect(found.groups[0]!.high).toBeCloseTo(high, 5);
  expect(found.warnings).toEqual([]);
  const few = summarizeGroups(
    results.filter((one) => one.replicate < 4),
    { interval: "bootstrap" },
  );
  expect(few.warnings.join()).toContain(
    'fewer than 10 values in 2 groups: their bootstrap intervals are too narrow; "t"',
  );
});

test("replicates are joined by default, and the objectives are what is described", async () => {
  const results = await madeResults(boothRuns(), { objectives: [minimize("final_value")] });
  const found = summarizeGroups(results);
  expect(found.by).toEqual(["params.lr", "params.momentum"]);
  expect(found.metrics).toEqual(["final_value"]);
  expect(found.groups.length).toBe(9);
  expect(found.groups.every(({ n }) => n === 3)).toBe(true);
  const both = summarizeGroups(results, { by: "lr", metric: ["steps_to_converge", "final_value"] });
  expect(both.groups.map(({ metric }) => metric).slice(0, 2)).toEqual(["steps_to_converge", "final_value"]);
});

test("whatever is no number is counted and said, and groups never mix", async () => {
  const values = [1, 3, Number.NaN, undefined, "high", true];
  const runs: RunSketch[] = [
    ...values.map(
      (y): RunSketch => ({
        params: { g: 1 },
        metrics: (y === undefined ? {} : { y }) as Record<string, number>,
      }),
    ),
    { params: { g: 1 }, status: "failed", metrics: { y: 1e9 } },
    { params: { g: 1 }, status: "pruned", metrics: { y: 1e9 } },
    { params: { g: "1" }, metrics: { y: 7 } },
    { params: { g: 2 }, metrics: { y: Number.POSITIVE_INFINITY } },
    { params: { g: 2 }, metrics: { y: 1 } },
  ];
  const { groups, warnings } = summarizeGroups(await madeResults(runs), { by: "g", metric: "y" });
  expect(groups.map(({ key }) => key.g)).toEqual([1, 2, "1"]);
  expect(groups[0]).toMatchObject({
    ...{ runs: 8, n: 3, nan: 1, missing: 1, notNumbers: 1, failed: 1, unfinished: 1, infinite: 0 },
    ...{ min: 1, max: 3 },
  });
  expect(groups[0]!.mean).toBeCloseTo(5 / 3, 14);
  expect(groups[1]).toMatchObject({ n: 2, infinite: 1, mean: Number.POSITIVE_INFINITY });
  expect(groups[1]!.low).toBeNaN();
  expect(groups[2]).toMatchObject({ n: 1, mean: 7 });
  expect(warnings).toEqual([
    "y is NaN, counted and left out, in 1 run of 1 group.",
    "y is infinite, which makes means infinite and leaves no interval, in 1 run of 1 group.",
    "y is missing, counted and left out, in 1 run of 1 group.",
    "y is not a number, counted and left out, in 1 run of 1 group.",
    "y has a single value in 1 group: there is no interval without replicates.",
    "1 run failed: the numbers are of those that did not.",
  ]);
});

test("nothing to describe is a sentence", async () => {
  const none = summarizeGroups(await madeResults([]), { by: "lr" });
  expect(String(none)).toBe("There are no runs.");
  const failed = await madeResults([{ params: { lr: 1 }, status: "failed" }]);
  expect(String(summarizeGroups(failed, { metric: "loss" }))).toBe("No run has a metric that is a number.");
});

test("a table says n, interval and what is missing", async () => {
  const text = String(summarizeGroups(await madeResults(teeth), { by: "params.kind" }));
  expect(text).toContain("length over 2 groups, interval of the mean by Student's t");
  expect(text).toMatch(/OJ\s+10\s+13\.23\s+10\.04\s+16\.42\s+4\.46\s+8\.2\s+12\.25\s+21\.5/);
});

test("of very many groups some are printed, and it is said how many more there are", async () => {
  const runs = Array.from(
    { length: 130 },
    (_, at): RunSketch => ({ params: { at }, metrics: { a: at, b: -at } }),
  );
  const found = summarizeGroups(await madeResults(runs));
  expect(found.groups.length).toBe(260);
  const lines = String(found).split("\n");
  expect(lines[0]).toBe("a, b over 130 groups, interval of the mean by Student's t");
  expect(lines.filter((line) => /^ *\d+ +[ab] +1 /.test(line)).length).toBe(100);
  expect(lines).toContain("… 80 more groups; all are in groups.");
});

test("wrong options are refused", async () => {
  const results = await madeResults(teeth);
  expect(() => summarizeGroups(results, { interval: "normal" as never })).toThrow(
    /"t" or "bootstrap", got "normal"/,
  );
  expect(() => summarizeGroups(results, { quantiles: [50] })).toThrow(/shares in \[0, 1\], got \[50\]/);
  expect(() => summarizeGroups(results, { metric: "size" })).toThrow(/no run has a metric named "size"/);
  expect(() => summarizeGroups(results, { groupBy: "kind" } as never)).toThrow(/Use "by"/);
});
