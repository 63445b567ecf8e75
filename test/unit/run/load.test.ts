import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { loadResults } from "../../../src/run/load.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";

function squares(version: string, xs: readonly number[]) {
  return new Experiment({
    name: "squares",
    version,
    params: grid({ x: xs }),
    operation: ({ params }) => ({ y: params.x ** 2 }),
  });
}

/** Whether the clock has gone on since. */
function startsLater(): () => boolean {
  const before = Date.now();
  return () => Date.now() > before;
}

describe("loadResults()", () => {
  test("gives all that the store has of an experiment, of one version or of all", async () => {
    const store = memoryStore();
    await run(squares("1", [1, 2, 3]), { store, progress: "none", only: 2 }).result();
    await run(squares("1", [7]), { store, progress: "none" }).result();
    await run(squares("2", [1]), { store, progress: "none" }).result();
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(4);
    expect((await loadResults(store, { experiment: "squares", version: "2" })).length).toBe(1);
    const typed = await loadResults(store, { experiment: squares("1", [1]) });
    expect([...typed].map((one) => one.metrics.y).sort((a, b) => Number(a) - Number(b))).toEqual([1, 4, 49]);
  });

  test("an unknown experiment is answered with those that there are", async () => {
    const store = memoryStore();
    await run(squares("1", [1]), { store, progress: "none" }).result();
    const error = await loadResults(store, { experiment: "square" }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "StoreError", code: "METALAB_EXPERIMENT_UNKNOWN" });
    expect(String(error)).toContain('Did you mean "squares"? It has: squares@1.');
    await expect(loadResults(store, { experiment: "squares", version: "9" })).rejects.toThrow("squares@1");
    await expect(loadResults(memoryStore(), { experiment: "a" })).rejects.toThrow("empty or not there");
  });

  test("runs whose manifest is lost are loaded all the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-load-"));
    await run(squares("1", [1, 2]), { store: folder, progress: "none" }).result();
    rmSync(join(folder, "experiments", "squares@1", "experiment.json"));
    rmSync(join(folder, "experiments", "squares@1", "manifests"), { recursive: true });
    const results = await loadResults(folder, { experiment: "squares" });
    expect([...results].map((one) => [one.params["x"], one.metrics["y"]])).toEqual([
      [1, 1],
      [2, 4],
    ]);
    await expect(loadResults(folder, { experiment: "squares", version: "2" })).rejects.toThrow("squares");
    rmSync(folder, { recursive: true });
  });

  test("runs of several sweeps are in the order in which they were started", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-load-"));
    const xs = [8, 3, 5, 1, 7, 2, 6, 4];
    for (const x of xs) {
      await run(squares("1", [x, 10 * x]), { store: folder, progress: "none" }).result();
      await vi.waitUntil(startsLater(), { interval: 1 });
    }
    const results = await loadResults(folder, { experiment: "squares" });
    expect([...results].map(({ params }) => params["x"])).toEqual(xs.flatMap((x) => [x, 10 * x]));
    rmSync(folder, { recursive: true });
  });

  test("does not create a store", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-load-"));
    const path = join(folder, "nothing");
    await expect(loadResults(path, { experiment: "a" })).rejects.toThrow("not there");
    const { existsSync } = await import("node:fs");
    expect(existsSync(path)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test("options with a JSON file, a missing name and unknown options are refused", async () => {
    await expect(loadResults("search.json", { experiment: "a" })).rejects.toMatchObject({
      code: "METALAB_LOAD_OPTIONS",
    });
    await expect(loadResults(memoryStore(), {} as never)).rejects.toMatchObject({
      code: "METALAB_OPTION_VALUE",
    });
    await expect(loadResults(memoryStore(), undefined as never)).rejects.toMatchObject({
      code: "METALAB_OPTIONS",
    });
    await expect(loadResults(memoryStore(), { experiment: "a", versoin: "1" } as never)).rejects.toThrow(
      '"version"',
    );
  });
});
