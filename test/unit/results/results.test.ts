import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { boothRuns, madeResults } from "../../helpers/made-results.ts";

const minimizeFinal = [{ metric: "final_value", direction: "minimize" }] as const;
const FAILED = {
  status: "failed",
  error: { class: "error", name: "RangeError", message: "diverged" },
} as const;

interface BoothMetrics {
  readonly final_value: number;
  readonly steps_to_converge: number;
}
interface BoothParams {
  readonly lr: number;
  readonly momentum: number;
}

const booth = (about = {}) =>
  madeResults<BoothParams, BoothMetrics>(boothRuns(), { objectives: minimizeFinal, ...about });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DefinitionError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

describe("a Results", () => {
  test("takes an object of bounds for a value where values are objects", async () => {
    const results = await madeResults([{ params: { x: { min: 0, max: 1 } } }, { params: { x: { min: 1 } } }]);
    expect(results.filter({ x: { min: 0, max: 1 } }).length).toBe(1);
    expect(results.filter({ x: { max: 5 } }).length).toBe(0);
  });

  test("joins results only, and says what to do with a list, a handle or a promise", async () => {
    const results = await booth();
    const refused = (other: unknown) => expect(() => results.concat(other as typeof results));
    refused([results]).toThrow("concat(...list)");
    refused({ result: () => results }).toThrow("await handle.result()");
    refused(Promise.resolve(results)).toThrow("Await it first");
    refused(undefined).toThrow("concat(): takes results, got undefined");
    expect(results.concat().length).toBe(27);
  });

  test("says how to report metrics when a metric is asked for and no run has any", async () => {
    const results = await madeResults([{ params: { x: 1 } }]);
    expect(() => results.best("loss", "min")).toThrow("No run has any: return them from the operation");
  });

  test("lists its runs in order", async () => {
    const results = await booth();
    expect(results.length).toBe(27);
    expect([...results].map((run) => run.trial).slice(0, 4)).toEqual([0, 0, 0, 1]);
    expect(results.at(0)?.id).toHaveLength(64);
    expect(results.at(-1)?.trial).toBe(8);
    expect(results.at(27)).toBeUndefined();
    expect(results.at(0.5)).toBeUndefined();
  });

  test("filters by equality, by one of several values, by metadata and by a function", async () => {
    const results = await booth({ metadata: { search_type: "grid" } });
    expect(results.filter({ lr: 0.01 }).length).toBe(9);
    expect(results.filter({ lr: [0.01, 0.1], momentum: 0 }).length).toBe(6);
    expect(results.filter({ status: "success", lr: [0.01, 0.1], search_type: "grid" }).length).toBe(18);
    expect(results.filter({ search_type: "random" }).length).toBe(0);
    expect(results.filter((run) => run.params.lr < 0.05 && run.replicate === 0).length).toBe(6);
    expect(results.length).toBe(27);
  });

  test("tells values of different kinds apart when it filters and groups", async () => {
    const values = [0.1, "0.1", true, 1, null, Number.NaN, [1, 2], { a: 1 }, "\0s", undefined];
    const results = await madeResults(
      values.map((x) => ({ params: x === undefined ? {} : { x } })),
      {},
    );
    for (const [i, x] of values.entries()) {
      const criterion = Array.isArray(x) ? [x] : x;
      expect([...results.filter({ x: criterion })].map((run) => run.trial)).toEqual([i]);
    }
    expect(results.groupBy("x")).toHaveLength(values.length);
    expect(results.groupBy("x").map(({ results }) => results.length)).toEqual(values.map(() => 1));
  });

  test("matches tags by any of them", async () => {
    const results = await madeResults([{}, {}], { tags: ["grid", "team:red"] });
    expect(results.filter({ tags: "grid" }).length).toBe(2);
    expect(results.filter({ tags: ["other", "grid"] }).length).toBe(2);
    expect(results.filter({ tags: "other" }).length).toBe(0);
    expect(results.filter({ team: "red" }).length).toBe(2);
  });

  test("fills in defaults that a run lacks", async () => {
    const results = await madeResults([{ params: { lr: 1 } }, { params: { lr: 1, wd: null } }], {
      defaults: { wd: 0.5 },
    });
    expect(results.at(0)?.params).toEqual({ wd: 0.5, lr: 1 });
    expect(results.at(1)?.params).toEqual({ wd: null, lr: 1 });
    expect(results.filter({ wd: 0.5 }).length).toBe(1);
    expect(results.table()[0]).toMatchObject({ "params.wd": 0.5 });
  });

  test("finds a bare name as field, then param, then metadata, then metric, then tag", async () => {
    const results = await madeResults([{ params: { status: "p", b: 1 }, metrics: { b: 2, c: 3, d: 4 } }], {
      metadata: { b: 5, c: 6 },
      tags: ["d=7", "e=8"],
    });
    const keyed = (name: string) => results.groupBy(name)[0]?.key[name];
    expect(["status", "b", "c", "d", "e"].map(keyed)).toEqual(["success", 1, 6, 4, "8"]);
    expect(["params.status", "metrics.b", "metrics.c", "metadata.b"].map(keyed)).toEqual(["p", 2, 3, 5]);
  });

  test("refuses a name that nothing has, with near names", async () => {
    const results = await booth();
    expect(codeOf(() => results.filter({ momentun: 0 }))).toBe("METALAB_NAME_UNKNOWN");
    expect(() => results.groupBy("momentun")).toThrow('Did you mean "momentum"?');
    expect(() => results.groupBy("final value")).toThrow('"final_value"');
    expect(() => results.filter({ zzz: 1 })).toThrow("params: lr, momentum; metrics: final_value");
  });

  test("refuses criteria that are not an object or a function", async () => {
    const results = await booth();
    expect(codeOf(() => results.filter("lr >"))).toBe("METALAB_FILTER_TEXT");
    expect(codeOf(() => results.filter(null as never))).toBe("METALAB_FILTER_INVALID");
    expect(() => results.filter({ status: "succes" as never })).toThrow('Did you mean "success"?');
    expect(codeOf(() => results.filter({ status: ["success", "ok"] as never }))).toBe(
      "METALAB_FILTER_INVALID",
    );
    expect(codeOf(() => results.filter({ lr: { gt: 0.01 } as never }))).toBe("METALAB_FILTER_INVALID");
    expect(codeOf(() => results.filter({ final_value: { $lt: 1, $gt: 0 } }))).toBe("METALAB_FILTER_INVALID");
    expect(codeOf(() => results.groupBy())).toBe("METALAB_GROUP_EMPTY");
  });

  test("groups by values, sorted by key, missing values last", async () => {
    const results = await madeResults([
      { params: { lr: 10, model: "b" } },
      { params: { lr: 9 } },
      { params: { lr: 10, model: "a" } },
      { params: { lr: 9 } },
    ]);
    expect(results.groupBy("lr").map(({ key, results }) => [key, results.length])).toEqual([
      [{ lr: 9 }, 2],
      [{ lr: 10 }, 2],
    ]);
    expect(results.groupBy("model", "lr").map(({ key }) => key)).toEqual([
      { model: "a", lr: 10 },
      { model: "b", lr: 10 },
      { lr: 9 },
    ]);
    expect(results.groupBy(["model", "lr"])).toHaveLength(3);
  });

  test("knows the best by objective and direction", async () => {
    const results = await booth();
    expect(results.best().metrics.final_value).toBeCloseTo(1e-4 / 5);
    expect(results.best("final_value", "max").metrics.final_value).toBe(1);
    expect(results.best("steps_to_converge", "maximize").metrics.steps_to_converge).toBe(3020);
    expect([...results.top(3, "steps_to_converge", "min")].map((run) => run.trial)).toEqual([6, 7, 8]);
    expect(results.top(1000).length).toBe(27);
    expect(results.top(0).length).toBe(0);
  });

  test("never lets NaN, a missing metric or a run without success win", async () => {
    const results = await madeResults<Record<string, never>, { loss: number }>([
      { metrics: { loss: Number.NaN } },
      { metrics: {} },
      { metrics: { loss: -5 }, ...FAILED },
      { metrics: { loss: 2 } },
      { metrics: { loss: Number.POSITIVE_INFINITY } },
      { metrics: { loss: 1 } },
      { metrics: { loss: 1 } },
    ]);
    expect(results.best("loss", "min").trial).toBe(5);
    expect(results.best("loss", "max").trial).toBe(4);
    expect([...results.top(10, "loss", "min")].map((run) => run.trial)).toEqual([5, 6, 3, 4]);
  });

  test("tells what is missing when there is no best", async () => {
    const results = await madeResults<Record<string, never>, { loss: number; accuracy: number }>([
      { metrics: { loss: 1, accuracy: 2 } },
    ]);
    expect(codeOf(() => results.best())).toBe("METALAB_OBJECTIVE_MISSING");
    expect(codeOf(() => results.best("loss"))).toBe("METALAB_DIRECTION_MISSING");
    expect(codeOf(() => results.best("lost" as never, "min"))).toBe("METALAB_METRIC_UNKNOWN");
    expect(() => results.best("lost" as never, "min")).toThrow("accuracy, loss");
    expect(codeOf(() => results.best("loss", "up" as never))).toBe("METALAB_DIRECTION_INVALID");
    expect(codeOf(() => results.top(-1))).toBe("METALAB_OPTION_VALUE");
    expect(codeOf(() => results.summary("lost" as never))).toBe("METALAB_METRIC_UNKNOWN");
    const failed = await madeResults([FAILED], { objectives: minimizeFinal });
    expect(codeOf(() => failed.best())).toBe("METALAB_RESULTS_EMPTY");
    expect(() => failed.best()).toThrow("RangeError: diverged");
    expect(failed.top(1).at(0)).toBeUndefined();
  });

  test("separates successful from failed runs", async () => {
    const results = await madeResults([{}, FAILED, { status: "pruned" }]);
    expect([...results.successful].map((run) => run.trial)).toEqual([0]);
    expect([...results.failed].map((run) => run.error?.message)).toEqual(["diverged"]);
  });

  test("summarises a metric over successful runs", async () => {
    const results = await madeResults<Record<string, never>, { loss: number; ok: boolean }>([
      { metrics: { loss: 1, ok: true } },
      { metrics: { loss: 3, ok: false } },
      { metrics: { loss: 100 }, ...FAILED },
    ]);
    expect(results.summary("loss")).toMatchObject({ n: 2, mean: 2, min: 1, max: 3 });
    expect(results.summary("loss").sd).toBeCloseTo(Math.SQRT2);
    expect(results.summary("ok").mean).toBe(0.5);
  });

  test("joins results of other experiments and stores", async () => {
    const grid = await booth({ metadata: { search_type: "grid" } });
    const random = await madeResults<BoothParams, BoothMetrics>(
      [{ params: { lr: 0.5 }, metrics: { final_value: 1e-9 } }],
      { name: "random", tags: ["search_type:random"], objectives: minimizeFinal, store: memoryStore() },
    );
    const joined = grid.concat(random);
    expect(joined.length).toBe(28);
    expect(
      joined.groupBy("search_type").map(({ key, results }) => [key.search_type, results.length]),
    ).toEqual([
      ["grid", 27],
      ["random", 1],
    ]);
    expect(joined.best().experiment).toEqual({ name: "random", version: "1" });
    expect([...joined.top(2)].map((run) => run.experiment.name)).toEqual(["random", "booth"]);
    expect(joined.filter({ experiment: "random" }).at(0)?.params).toEqual({ lr: 0.5 });
    expect(joined.top(5).concat(grid).length).toBe(32);
  });

  test("does not choose between the objectives of different experiments", async () => {
    const one = await madeResults([{ metrics: { a: 1 } }], {
      objectives: [{ metric: "a", direction: "minimize" }],
    });
    const other = await madeResults([{ metrics: { b: 1 } }], {
      name: "other",
      objectives: [{ metric: "b", direction: "maximize" }],
    });
    expect(codeOf(() => one.concat(other).best())).toBe("METALAB_OBJECTIVE_AMBIGUOUS");
    expect(one.concat(other).best("b").experiment.name).toBe("other");
  });

  test("is without runs as good as with", async () => {
    const results = (await booth()).filter(() => false);
    expect(results.length).toBe(0);
    expect([...results]).toEqual([]);
    expect(results.groupBy("lr")).toEqual([]);
    expect(results.table()).toEqual([]);
    expect(String(results)).toContain("0 runs");
    expect((await madeResults([])).filter({ anything: 1 }).length).toBe(0);
  });

  test("is plain JSON for JSON.stringify, NaN included", async () => {
    const results = await madeResults([{ params: { x: 1 }, metrics: { loss: Number.NaN } }], { tags: ["t"] });
    const [row] = JSON.parse(JSON.stringify(results)) as readonly Record<string, unknown>[];
    expect(row).toMatchObject({
      experiment: "booth",
      status: "success",
      params: { x: 1 },
      metrics: { loss: { $num: "NaN" } },
      tags: ["t"],
    });
  });

  test("shows a table in the console, the REPL, templates and notebooks", async () => {
    const results = await booth();
    const text = String(results);
    expect(inspect(results)).toBe(text);
    expect(text).toContain("booth@1: 27 runs (27 success)");
    expect(text).toContain("… 7 more");
    const jupyter = (results as unknown as Record<symbol, () => Record<string, string>>)[
      Symbol.for("Jupyter.display")
    ]!();
    expect(jupyter["text/plain"]).toBe(text);
    expect(jupyter["text/html"]).toContain("<table");
    expect(inspect(results, { colors: true })).toContain("\u001b[");
    expect(text).not.toContain("\u001b[");
  });
});
