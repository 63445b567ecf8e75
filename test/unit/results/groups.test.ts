import { describe, expect, test } from "vitest";
import { bootstrapMeanInterval } from "../../../src/math/bootstrap-mean.ts";
import { minimize } from "../../../src/search/objective.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

const runs: readonly RunSketch[] = [1, 2].flatMap((level) =>
  [0, 1, 2, 3].map((replicate) => ({
    params: { level },
    replicate,
    metrics: { y: level + replicate, z: 1 },
  })),
);

describe("groups", () => {
  test("are a list like any other, and describe themselves", async () => {
    const groups = (await madeResults(runs)).groupBy("level");
    expect(Array.isArray(groups)).toBe(true);
    expect(Object.keys(groups)).toEqual(["0", "1"]);
    expect(groups.map(({ key }) => key.level)).toEqual([1, 2]);
    const found = groups.summary("y");
    expect(
      found.groups.map(({ key, n, mean, median, min, max }) => [key["level"], n, mean, median, min, max]),
    ).toEqual([
      [1, 4, 2.5, 2.5, 1, 4],
      [2, 4, 3.5, 3.5, 2, 5],
    ]);
    // sd √(5/3), sem half of it, and qt(0.975, 3) = 3.182446.
    expect(found.groups[0]!.sd).toBeCloseTo(1.290994, 6);
    expect(found.groups[0]!.sem).toBeCloseTo(0.645497, 6);
    expect(found.groups[0]!.low).toBeCloseTo(2.5 - 3.182446 * 0.645497, 5);
    expect(found.interval).toBe("t");
    expect(String(found)).toMatch(/level +n +mean +low 95 % +high 95 %/);
  });

  test("take the interval, its confidence, quantiles and several metrics", async () => {
    const groups = (await madeResults(runs)).groupBy("level");
    const {
      groups: found,
      interval,
      confidence,
    } = groups.summary(["z", "y"], {
      interval: "bootstrap",
      confidence: 0.8,
      quantiles: [0, 1],
    });
    expect([interval, confidence]).toEqual(["bootstrap", 0.8]);
    expect(found.map(({ metric }) => metric)).toEqual(["z", "y", "z", "y"]);
    expect([found[1]!.low, found[1]!.high]).toEqual(bootstrapMeanInterval([1, 2, 3, 4], 0.8));
    expect(found[1]!.quantiles).toEqual([1, 4]);
  });

  test("describe the objective by default", async () => {
    const groups = (await madeResults(runs, { objectives: [minimize("y")] })).groupBy("level");
    expect(groups.summary().metrics).toEqual(["y"]);
  });

  test("count and say what is no number", async () => {
    const odd = await madeResults([
      { metrics: { y: 1 } },
      { metrics: { y: Number.NaN } },
      { metrics: { y: Number.POSITIVE_INFINITY } },
      { metrics: { y: "low" } },
      { metrics: {} },
      { metrics: {}, status: "failed" },
    ]);
    const { groups, warnings } = odd.groupBy("version").summary("y");
    expect(groups[0]).toMatchObject({
      runs: 6,
      n: 2,
      nan: 1,
      infinite: 1,
      notNumbers: 1,
      missing: 1,
      failed: 1,
    });
    expect([groups[0]!.mean, groups[0]!.low]).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
    expect(warnings).toHaveLength(5);
  });

  test("refuse a metric and options that there are not", async () => {
    const groups = (await madeResults(runs)).groupBy("level");
    expect(() => groups.summary("yy")).toThrow(/groupBy\(\)\.summary\(\): no run has a metric named "yy"/);
    expect(() => groups.summary("y", { interval: "bca" as never })).toThrow(/"t" or "bootstrap"/);
    expect(() => groups.summary("y", { level: 0.9 } as never)).toThrow(/Use "confidence"/);
  });
});

describe("the folds of a replicate", () => {
  const folded = (replicates: readonly (readonly number[])[], depth = 4) =>
    replicates.flatMap((values, replicate): readonly RunSketch[] =>
      values.map((accuracy, index) => ({
        replicate,
        fold: { index, count: values.length },
        params: { depth },
        metrics: { accuracy },
      })),
    );

  test("are one value, by the mean", async () => {
    const results = await madeResults([
      ...folded([
        [1, 2, 3],
        [11, 12, 16],
      ]),
      ...folded([[5, 5, 8]], 8),
    ]);
    const { groups, warnings } = results.groupBy("depth").summary("accuracy");
    expect(groups.map(({ runs, n, mean, min, max }) => [runs, n, mean, min, max])).toEqual([
      [6, 2, 7.5, 2, 13],
      [3, 1, 6, 6, 6],
    ]);
    expect(warnings.join(" ")).toContain("n counts replicates");
    expect(results.summary("accuracy")).toMatchObject({ n: 3, mean: 7 });
    const lines = results.toHTML({ groupBy: "depth" });
    expect(lines).toContain("7.5");
    expect(
      results
        .groupBy("fold")
        .summary("accuracy")
        .groups.map(({ n, mean }) => [n, mean]),
    ).toEqual([
      [3, 17 / 3],
      [3, 19 / 3],
      [3, 9],
    ]);
  });

  test("follow the experiment's own rule, and one NaN spoils its replicate alone", async () => {
    const results = await madeResults(
      folded([
        [1, 2, 9],
        [4, Number.NaN, 6],
      ]),
      {
        folds: { count: 3, aggregate: "max" },
      },
    );
    expect(results.groupBy("depth").summary("accuracy").groups[0]).toMatchObject({ n: 1, nan: 1, mean: 9 });
  });

  test("of another experiment, or runs without folds, are values of their own", async () => {
    const results = (await madeResults(folded([[1, 3]]))).concat(
      await madeResults(
        [
          { params: { depth: 4 }, metrics: { accuracy: 10 } },
          { params: { depth: 4 }, metrics: { accuracy: 10 } },
        ],
        {
          name: "plain",
        },
      ),
      await madeResults(folded([[5, 7]]), { name: "other" }),
    );
    expect(results.groupBy("depth").summary("accuracy").groups[0]).toMatchObject({ runs: 6, n: 4, mean: 7 });
  });
});
