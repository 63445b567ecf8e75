import { describe, expect, test } from "vitest";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

const ABOUT = {
  objectives: [{ metric: "loss", direction: "minimize" }],
  folds: { count: 3, aggregate: "mean" },
} as const;

/** The folds of one replicate, by their metrics. */
const folded = (...metrics: readonly NonNullable<RunSketch["metrics"]>[]): readonly RunSketch[] =>
  metrics.map((own, index) => ({
    trial: 0,
    fold: { index, count: metrics.length },
    params: { depth: 1 },
    metrics: own,
  }));

describe("the metrics of the best replicate", () => {
  test("stay booleans where its folds agree, and else are the share of them", async () => {
    const results = await madeResults(
      folded(
        { loss: 1, isStable: true, isFast: true },
        { loss: 2, isStable: true, isFast: false },
        { loss: 3, isStable: true, isFast: false },
      ),
      ABOUT,
    );
    expect(results.best().metrics).toEqual({ loss: 2, isStable: true, isFast: 1 / 3 });
    expect(results.top(3).filter({ isStable: true }).length).toBe(1);
    expect(await results.best().details()).toMatchObject({ metrics: { isStable: true } });
  });

  test("are of the folds that have them, as in summaries", async () => {
    const results = await madeResults(
      folded({ loss: 1 }, { loss: 2, test: 4, isDone: true, note: "a" }, { loss: 3, test: 6, note: "a" }),
      ABOUT,
    );
    expect(results.summary("test").mean).toBe(5);
    expect(results.best("test", "min").metrics).toEqual({ loss: 2, test: 5, isDone: true });
    expect((await results.best().details()).metrics).toEqual({ loss: 2, test: 5, isDone: true });
  });

  test("are of folds in several stores", async () => {
    const [one, two, three] = folded({ loss: 1 }, { loss: 2, test: 4 }, { loss: 3, test: 6 });
    const results = (await madeResults([one!], ABOUT)).concat(await madeResults([two!, three!], ABOUT));
    expect(results.best("test", "min").metrics).toEqual({ loss: 2, test: 5 });
  });
});
