import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import {
  atMost,
  choice,
  cmaes,
  Experiment,
  fileStore,
  gp,
  grid,
  gridSampler,
  loadResults,
  memoryStore,
  minimize,
  race,
  randomSampler,
  replay,
  run,
  type Sampler,
  search,
  seeds,
  sobol,
  tpe,
  uniform,
  when,
} from "metalab";
import { afterEach, describe, expect, test } from "vitest";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function searched(options: { readonly sampler?: Sampler; readonly lag?: number; readonly mode?: "async" }) {
  return new Experiment({
    name: "replayed",
    params: search({
      space: { x: uniform(-5, 5), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) },
      trials: 18,
      start: [{ x: 2 }],
      seed: 4,
      ...options,
    }),
    operation: ({ params }) => {
      if (params.x < -4) throw new Error("too small");
      return { loss: (params.x - 1) ** 2 + (params.y ?? 0.5) };
    },
    objective: minimize("loss"),
  });
}

describe("replay", () => {
  test.each<[string, Parameters<typeof searched>[0]]>([
    ["auto", {}],
    ["gp, lag 4", { sampler: gp({ acquisition: "lcb" }), lag: 4 }],
    ["tpe", { sampler: tpe() }],
    ["cmaes", { sampler: cmaes() }],
    ["sobol", { sampler: sobol() }],
    ["random", { sampler: randomSampler() }],
    ["grid", { sampler: gridSampler({ points: 5 }) }],
    ["async", { mode: "async" }],
  ])("derives every suggestion of a search again: %s", async (_, options) => {
    const results = await run(searched(options), {
      store: memoryStore(),
      concurrency: 3,
      progress: "none",
    }).result();
    expect(await replay(results)).toEqual({ trials: 18, difference: undefined });
  });

  test("with constraints, replicates, a race and a warm start", async () => {
    const store = memoryStore();
    const raced = (seed: number) =>
      new Experiment({
        name: "replayed",
        params: search({
          space: { x: uniform(-5, 5) },
          trials: 15,
          seed,
          race: race(),
          constraints: [atMost("size", 4)],
        }),
        seeds: seeds({ replicates: 4 }),
        operation: ({ params, seeds: random }) => ({
          loss: (params.x - 1) ** 2 + random.rng().normal(0, 0.2),
          size: params.x,
        }),
        objective: minimize("loss"),
      });
    await run(raced(1), { store, progress: "none" }).result();
    const results = await run(raced(2), { store, progress: "none" }).result();
    expect(await replay(results)).toEqual({ trials: 15, difference: undefined });
  });

  test("names the first suggestion that a changed record would have changed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-replay-"));
    folders.push(folder);
    const results = await run(searched({ sampler: tpe({ startupTrials: 5 }) }), {
      store: fileStore(folder),
      progress: "none",
    }).result();
    expect((await replay(results)).difference).toBeUndefined();
    tamper(join(folder, "experiments", "replayed@1", "segments"), 8);
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    const report = await replay(await loadResults(folder, { experiment: "replayed" }));
    expect(report.difference?.trial).toBeGreaterThan(8);
    expect(report.difference?.trial).toBeLessThan(12);
    expect(report.difference?.stored).not.toEqual(report.difference?.derived);
  });

  test("compares nothing that another version of the sampler proposed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-replay-"));
    folders.push(folder);
    const sampler = tpe({ startupTrials: 5 });
    await run(searched({ sampler }), { store: fileStore(folder), progress: "none" }).result();
    const segments = join(folder, "experiments", "replayed@1", "segments");
    tamper(segments, 8);
    rewrite(segments, (line) =>
      /"kind":"suggestion".*"trial":(9|1\d),/.test(line)
        ? line.replace('"trials":', '"version":7,"trials":')
        : line,
    );
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    const report = await replay(await loadResults(folder, { experiment: "replayed" }));
    expect(report).toEqual({ trials: 9, difference: undefined, otherVersion: 9 });
  });

  test("is of the search that made the results, and of one only", async () => {
    const store = memoryStore();
    const first = await run(searched({ sampler: tpe() }), { store, progress: "none" }).result();
    await run(searched({ sampler: sobol() }), { store, progress: "none" }).result();
    expect(await replay(first)).toEqual({ trials: 18, difference: undefined });
    const both = await loadResults(store, { experiment: "replayed" });
    await expect(replay(both)).rejects.toThrow(
      /got \d+ runs of "replayed@1" of which \d+ are not of the search that was run last/,
    );
  });

  test("is of searches only", async () => {
    const gridded = new Experiment({ name: "g", params: grid({ x: [1] }), operation: () => ({ y: 1 }) });
    const results = await run(gridded, { store: memoryStore(), progress: "none" }).result();
    await expect(replay(results)).rejects.toThrow(/must be those of a search, got params from grid in "g@1"/);
    await expect(replay([] as never)).rejects.toThrow(/takes the results of one search, got \[\]/);
  });
});

/** Makes the result of one trial very good. */
function tamper(segments: string, trial: number): void {
  rewrite(segments, (line) =>
    line.includes('"kind":"record"') && line.includes(`"trial":${trial},`)
      ? line.replace(/"loss":[-0-9.e]+/, '"loss":-1000')
      : line,
  );
}

/** Changes lines, with checksums that are right. */
function rewrite(segments: string, change: (line: string) => string): void {
  for (const name of readdirSync(segments)) {
    const path = join(segments, name);
    const lines = readFileSync(path, "utf8").split("\n");
    const changed = lines.map((line) => {
      const text = change(line);
      if (text === line) return line;
      return text.replace(/,"crc":"[0-9a-f]{8}"\}$/, (tail) => {
        const body = text.slice(0, text.length - tail.length);
        return `,"crc":"${crc32(Buffer.from(body)).toString(16).padStart(8, "0")}"}`;
      });
    });
    expect(changed).not.toEqual(lines);
    writeFileSync(path, changed.join("\n"));
  }
}
