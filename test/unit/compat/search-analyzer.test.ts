import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { RandomSearch } from "../../../src/compat/random-search.ts";
import { SearchAnalyzer } from "../../../src/compat/search-analyzer.ts";
import { Categorical, Real } from "../../../src/space/distribution.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { MINIMIZE_LOSS, smallResults } from "../plots/sketches.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-analyzer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), "utf8");

describe("of a search", () => {
  let analyzer: SearchAnalyzer;
  beforeAll(async () => {
    const search = new RandomSearch({
      baseConfig: { training: { lr: 0.1 }, optimizer: "sgd" },
      searchSpace: { "training.lr": Real(1e-4, 1, { log: true }), optimizer: Categorical(["adam", "sgd"]) },
      nTrials: 20,
      seed: 3,
    });
    await search.run(({ training }) => ({ val_loss: (Math.log10(training.lr) + 2) ** 2 }), {
      progress: "none",
    });
    analyzer = new SearchAnalyzer(search.results);
  });

  test("prints a summary with the best, its params and what to expect", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    analyzer.printSummary();
    const printed = log.mock.calls[0]![0] as string;
    expect(printed).toMatch(/^random_search: 20 runs, 20 success, .* of work\nval_loss \(minimize\): best /);
    expect(printed).toContain("training.lr");
    expect(printed).toMatch(/val_loss \S+ over 1 replicate, the best of 20/);
    expect(String(analyzer)).toContain("val_loss (minimize)");
  });

  test.each<[string, (savePath: string) => Promise<unknown>, string]>([
    ["convergence", (savePath) => analyzer.plotConvergence({ savePath }), "val_loss by trial"],
    [
      "importance",
      (savePath) => analyzer.plotParameterImportance({ savePath }),
      "Importance of params for val_loss",
    ],
    ["lr_vs_score", (savePath) => analyzer.plotParameterVsScore("training.lr", { savePath }), "training.lr"],
  ])("draws %s into the file of savePath", async (name, draw, words) => {
    await draw(at(`${name}.svg`));
    expect(text(`${name}.svg`)).toContain(words);
    expect(text(`${name}.svg`)).toMatch(/^<svg/);
  });

  test("writes a PNG by the ending", async () => {
    await analyzer.plotConvergence({ savePath: at("convergence.png") });
    expect(readFileSync(at("convergence.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  test("draws only the param that is asked for, in the terminal without savePath", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { figure } = await analyzer.plotParameterVsScore("training.lr");
    expect(figure.panels).toHaveLength(1);
    expect(log).toHaveBeenCalledTimes(1);
    expect(log.mock.calls[0]![0]).toContain("training.lr");
  });

  test("takes what plots take besides", async () => {
    await analyzer.plotConvergence({ savePath: at("titled.svg"), title: "How it went", width: 500 });
    expect(text("titled.svg")).toContain("How it went");
  });

  test("ranks as the results do", () => {
    const five = analyzer.getBestN(5);
    expect(five.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    const scores = five.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    const lr = five[0]!.params["training.lr"] as number;
    expect(five[0]!.score).toBeCloseTo((Math.log10(lr) + 2) ** 2, 12);
    expect(String(five)).toMatch(/^The best by val_loss: 5 configurations\nrank +val_loss/);
    expect(analyzer.getBestN(100)).toHaveLength(20);
    expect(analyzer.getBestN(0)).toEqual([]);
  });
});

describe("of other results", () => {
  test("counts replicates as one, by their mean, and leaves luck with fewer of them behind", async () => {
    const runs: readonly RunSketch[] = [
      { trial: 0, params: { x: 0 }, metrics: { loss: -9 } },
      { trial: 1, params: { x: 1 }, metrics: { loss: 1 } },
      { trial: 1, replicate: 1, params: { x: 1 }, metrics: { loss: 2 } },
      { trial: 2, params: { x: 2 }, status: "failed" },
    ];
    const analyzer = new SearchAnalyzer(await madeResults(runs, MINIMIZE_LOSS));
    expect(
      analyzer.getBestN(5).map(({ params, score, replicates }) => [params["x"], score, replicates]),
    ).toEqual([
      [1, 1.5, 2],
      [0, -9, 1],
    ]);
    expect(String(analyzer)).toContain("4 runs, 3 success, 1 failed");
  });

  test("judges by the metric and mode that are named", async () => {
    const analyzer = new SearchAnalyzer(await smallResults(), { metric: "cost", mode: "max" });
    expect(analyzer.getBestN(2).map(({ score }) => score)).toEqual([10, 9]);
    const { figure } = await analyzer.plotConvergence({ savePath: at("cost.svg") });
    expect(figure.title).toBe("cost by trial");
  });

  test.each<[string, readonly RunSketch[]]>([
    ["no runs that succeeded", [{ params: { x: 1 }, status: "failed" }]],
    ["only NaN", [{ params: { x: 1 }, metrics: { loss: Number.NaN } }]],
    ["only words", [{ params: { x: 1 }, metrics: { loss: "low" } }]],
  ])("says that there is no score with %s", async (_, runs) => {
    const analyzer = new SearchAnalyzer(await madeResults(runs, MINIMIZE_LOSS));
    expect(String(analyzer)).toContain("no run has a number for it");
    expect(analyzer.getBestN(3)).toEqual([]);
    await analyzer.plotParameterImportance({ savePath: at("none.svg") });
    expect(existsSync(at("none.svg"))).toBe(true);
  });
});

describe("bad input", () => {
  test("names what to do", async () => {
    const results = await smallResults();
    const refusal = (make: () => unknown) => expect(make);
    refusal(() => new SearchAnalyzer({} as never)).toThrow(/new SearchAnalyzer\(search\.results\)/);
    refusal(() => new SearchAnalyzer(results, { mode: "down" } as never)).toThrow(
      /mode is "min" or "max", got "down"/,
    );
    refusal(() => new SearchAnalyzer(results, { direction: "min" } as never)).toThrow(/Use "mode"/);
    refusal(() => new SearchAnalyzer(results, { metric: "los", mode: "min" })).toThrow(/Did you mean "loss"/);
    refusal(() => new SearchAnalyzer(results, { metric: "cost" })).toThrow(/which way is better/);
    refusal(() => new SearchAnalyzer(results).getBestN(-1)).toThrow(/whole number from 0 on, got -1/);
  });

  test("is results without a single objective", async () => {
    const none = await madeResults([{ metrics: { loss: 1 } }]);
    expect(() => new SearchAnalyzer(none)).toThrow(/without an objective\. Write .* runs have: loss\./);
    const two = await madeResults([{ metrics: { loss: 1, cost: 1 } }], {
      objectives: [...MINIMIZE_LOSS.objectives, { metric: "cost", direction: "minimize" }],
    });
    expect(() => new SearchAnalyzer(two)).toThrow(/the objectives loss, cost/);
  });

  test("of plots is told before anything is written", async () => {
    const analyzer = new SearchAnalyzer(await smallResults());
    await expect(analyzer.plotParameterVsScore("learning_rate")).rejects.toThrow(/named "learning_rate"/);
    await expect(analyzer.plotConvergence({ path: at("x.svg") } as never)).rejects.toThrow(/Use "savePath"/);
    await expect(analyzer.plotConvergence({ savePath: at("x.pdf") })).rejects.toThrow(/End it in \.svg/);
    expect(existsSync(at("x.svg"))).toBe(false);
  });
});
