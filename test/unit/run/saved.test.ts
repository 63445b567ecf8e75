import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { folds } from "../../../src/experiment/folds.ts";
import { grid, manual } from "../../../src/experiment/sources.ts";
import { loadResults } from "../../../src/run/load.ts";
import { run } from "../../../src/run/run.ts";
import { saveResults } from "../../../src/run/saved.ts";
import { tag } from "../../../src/run/tag.ts";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-saved-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function squares(store = memoryStore()) {
  const experiment = new Experiment({
    name: "squares",
    version: "0.2",
    tags: ["a"],
    metadata: { kind: "grid" },
    defaults: { shift: 0 },
    params: grid({ x: [1, 2, 3], list: [[1, 2], [Number.NaN]] }),
    folds: folds({ count: 2 }),
    operation: ({ params }) => ({ y: params.x ** 2 + params.shift, text: "t" }),
    objective: minimize("y"),
  });
  return run(experiment, { store, progress: "none" }).result();
}

describe("saveResults()", () => {
  test("keeps what a table shows, across experiments, in any order", async () => {
    const store = memoryStore();
    await tag(await squares(store), { add: ["extra"], remove: ["a"] });
    const grid = await loadResults(store, { experiment: "squares" });
    const other = new Experiment({
      name: "other",
      params: manual([{ x: -1 }, { x: 5 }]),
      operation: ({ params }) => ({ y: params.x }),
      objective: maximize("y"),
    });
    const joined = (await run(other, { store, progress: "none" }).result()).concat(
      grid.filter({ x: [1, 3] }),
    );
    const path = join(work, "joined.json");
    await saveResults(joined, path);
    const loaded = await loadResults(path);
    expect(loaded.toJSON()).toEqual(joined.toJSON());
    expect(loaded.objectives).toEqual(joined.objectives);
    expect(loaded.table().map((row) => row["metadata.kind"])).toEqual(
      joined.table().map((row) => row["metadata.kind"]),
    );
    expect(loaded.at(3)?.tags).toEqual(["extra"]);
    expect((await loaded.at(3)?.details())?.fold).toEqual((await joined.at(3)?.details())?.fold);
    expect(loaded.at(0)?.origin?.node).toBe(process.version);
    expect(readdirSync(work)).toEqual(["joined.json"]);
  });

  test("keeps series, tracks and data of runs, bit for bit", async () => {
    const experiment = new Experiment({
      name: "curves",
      params: manual([{ x: 1 }, { x: 2 }, { x: 3 }]),
      operation: async ({ params, capture }) => {
        if (params.x === 3) return { y: 3 };
        for (let step = 0; step < 40; step++) {
          capture.metric("loss", step === 7 ? Number.NaN : params.x / (step + 1), { step });
          capture.metric("$date", step, { step });
        }
        capture.data("confusion", [
          [1, 2n],
          [new Date(5), "x"],
        ]);
        return { y: params.x };
      },
      objective: minimize("y"),
    });
    const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
    const path = join(work, "curves.json");
    await saveResults(results, path);
    const loaded = await loadResults(path);
    expect(await loaded.seriesTable()).toEqual(await results.seriesTable());
    expect((await loaded.seriesTable()).length).toBe(160);
    expect(await loaded.at(1)!.data("confusion")).toEqual([
      [1, 2n],
      [new Date(5), "x"],
    ]);
    expect(await loaded.at(0)!.track("loss")).toEqual(await results.at(0)!.track("loss"));
    const again = join(work, "again.json");
    await saveResults(loaded, again);
    expect(JSON.parse(readFileSync(again, "utf8")).parts[0].runs).toEqual(
      JSON.parse(readFileSync(path, "utf8")).parts[0].runs,
    );
    rmSync(path);
    rmSync(again);
  });

  test("keeps which folds were asked for: they are all that the best is of", async () => {
    const asked = (await squares()).filter({ fold: 1 });
    const path = join(work, "fold.json");
    await saveResults(asked, path);
    const loaded = await loadResults(path);
    expect(asked.best().params).toEqual({ x: 1, list: [1, 2], shift: 0 });
    expect(loaded.best().params).toEqual(asked.best().params);
    expect(loaded.top(6).length).toBe(6);
  });

  test("keeps results without runs", async () => {
    const path = join(work, "empty.json");
    await saveResults((await squares()).filter({ x: 7 }), path);
    expect((await loadResults(path)).length).toBe(0);
  });

  test("refuses what are no results, and a place that cannot be written", async () => {
    await expect(saveResults([] as never, join(work, "a.json"))).rejects.toMatchObject({
      code: "METALAB_SAVE_RESULTS",
    });
    writeFileSync(join(work, "file"), "");
    await expect(saveResults(await squares(), join(work, "file", "a.json"))).rejects.toMatchObject({
      code: "METALAB_EXPORT_FAILED",
    });
  });
});

describe("loadResults() of a file", () => {
  test("reads version 1, which had no series", async () => {
    const path = join(work, "old.json");
    await saveResults(await squares(), path);
    writeFileSync(path, readFileSync(path, "utf8").replace('"version": 2', '"version": 1'));
    expect((await loadResults(path)).length).toBe(12);
  });

  const write = (name: string, text: string): string => {
    writeFileSync(join(work, name), text);
    return join(work, name);
  };

  test("says what is wrong with it", async () => {
    const path = join(work, "good.json");
    await saveResults(await squares(), path);
    const good = readFileSync(path, "utf8");
    const cases = {
      [join(work, "nothing.json")]: "no file that can be read",
      [write("cut.json", good.slice(0, -100))]: "no JSON",
      [write("list.json", "[]")]: "JSON of something else",
      [write("newer.json", good.replace('"version": 2', '"version": 3'))]: "version 3 of the format",
      [write("block.json", good.replace('"seed"', '"series": { "loss": "TUxCMQ==" }, "seed"'))]:
        'damaged: the series "loss" cannot be read',
      [write("id.json", good.replace(/"id": "[0-9a-f]{4}(?=[0-9a-f]+",\s+"experiment")/, '"id": "'))]:
        "damaged",
      [write("status.json", good.replace('"status": "success"', '"status": "great"'))]: "damaged",
    };
    for (const [file, text] of Object.entries(cases)) {
      const error = await loadResults(file).catch((e: unknown) => e);
      expect(error).toMatchObject({ name: "StoreError", code: "METALAB_LOAD_FILE" });
      expect(String(error)).toContain(text);
    }
  });
});
