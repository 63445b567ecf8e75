import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { search } from "../../../src/experiment/search-source.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run as runSweep } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { random } from "../../../src/search/samplers/random.ts";
import { loguniform, uniform } from "../../../src/space/distribution.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";
import { fillStore } from "../../helpers/cli-store.ts";
import { madeResults } from "../../helpers/made-results.ts";

let scratch = scratchFolder();
let store = "";
const run = (...argv: readonly string[]) => cli(argv, { cwd: scratch.folder, env: { METALAB_STORE: store } });
const countRuns = async (folder: string = store): Promise<number> => {
  const { json } = await cli(["ls", "--store", folder, "--json"], { cwd: scratch.folder });
  const { experiments } = json as { readonly experiments: readonly { readonly runs: number }[] };
  return experiments.reduce((sum, { runs }) => sum + runs, 0);
};

beforeEach(() => {
  scratch = scratchFolder();
  store = join(scratch.folder, "runs");
});
afterEach(() => scratch.remove());

describe("gc", () => {
  test("only tells what would go, unless it is told to", async () => {
    await fillStore(store);
    const dry = await run("gc", "--keep-best", "1");
    expect(dry.code).toBe(0);
    expect(dry.out).toMatch(/hypersearch@1 +11 +1/);
    expect(dry.out).toContain("Nothing was removed. Add --yes to remove it.");
    expect(await countRuns()).toBe(16);
    const { json } = await run("gc", "--keep-best", "1", "--yes", "--compact", "--json");
    expect(json).toMatchObject({ dryRun: false, runs: 14 });
    expect(await countRuns()).toBe(2);
  });

  test("asks where somebody can answer", async () => {
    await fillStore(store);
    const options = { cwd: scratch.folder, env: { METALAB_STORE: store } };
    await cli(["gc", "--keep-best", "3"], { ...options, answer: "no" });
    expect(await countRuns()).toBe(16);
    await cli(["gc", "--keep-best", "3"], { ...options, answer: "y" });
    expect(await countRuns()).toBe(6);
  });

  test.each([
    [["gc", "--max-size", "much"], "--max-size takes a size such as 500MB or 10GB"],
    [["gc", "--newer-than", "yesterday"], "--newer-than takes a time such as 30s"],
    [["gc", "--keep-best", "all"], "--keep-best takes a number"],
  ])("%j is refused", async (argv, told) => {
    await fillStore(store);
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });
});

describe("store", () => {
  test("copies all, or what a condition holds for; again changes nothing", async () => {
    await fillStore(store);
    const { out } = await run("store", "copy", "runs", "archive");
    expect(out).toBe("16 runs and 0 notes copied to archive.\n");
    expect((await run("store", "copy", "runs", "archive")).out).toContain("0 runs");
    await run("store", "copy", "runs", "some", "--filter", "lr < 0.5");
    expect(await countRuns(join(scratch.folder, "some"))).toBe(6);
  });

  test("merges into the last one", async () => {
    await fillStore(store);
    await run("store", "copy", "runs", "some", "--filter", "lr < 0.5");
    const { json } = await run("store", "merge", "some", "runs", "all", "--json");
    expect(json).toMatchObject({ runs: 16, lost: [] });
    expect(await countRuns(join(scratch.folder, "all"))).toBe(16);
  });

  test("verifies, and mends what is damaged", async () => {
    await fillStore(store);
    expect((await run("store", "verify")).out).toContain("Everything is whole.");
    const segments = join(store, "experiments", "wide@2", "segments");
    appendFileSync(join(segments, readdirSync(segments)[0]!), '{"id":"torn\n');
    const damaged = await run("store", "verify");
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/1 place damaged:\n {2}.*wide@2/);
    expect((await run("store", "verify", "--repair")).code).toBe(0);
    expect((await run("store", "verify", "--json")).json).toMatchObject({ damage: [] });
    expect(await countRuns()).toBe(16);
  });

  test("its help lists its commands, and a part is no command", async () => {
    const { code, out } = await run("store", "--help");
    expect(code).toBe(0);
    expect(out).toContain("store merge");
    expect((await run("store", "copi")).err).toContain("Did you mean store copy?");
  });

  test.each([
    [["store", "copy", "nowhere", "to"], "there is no store"],
    [["store", "copy", "one"], "the argument <to> is missing"],
    [["store", "merge", "one"], "two stores at least are needed"],
    [["store", "verify", "nowhere"], "there is no store"],
  ])("%j is refused", async (argv, told) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });
});

describe("cancel", () => {
  test("stops a sweep that is at work, as one Ctrl-C would", async () => {
    const experiment = new Experiment({
      name: "long",
      params: grid({ x: Array.from({ length: 100_000 }, (_, i) => i) }),
      operation: async ({ params }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { y: params.x };
      },
    });
    const handle = runSweep(experiment, { store, progress: false });
    for await (const event of handle) if (event.type === "run:success") break;
    const { code, json } = await run("cancel", "long", "--reason", "enough", "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({ asked: [{ experiment: "long", pid: process.pid }] });
    await expect(handle.result()).rejects.toThrow(/enough/);
    expect((await run("cancel", "long")).out).toContain("No sweep is at work on it.");
  });

  test("an experiment that there is not is refused", async () => {
    await fillStore(store);
    expect((await run("cancel", "wider")).err).toContain('Did you mean "wide"?');
    expect((await run("cancel")).err).toContain("the argument <experiment> is missing");
  });
});

describe("doctor", () => {
  const findings = async (...more: readonly string[]) => {
    const { json } = await run("doctor", ...more, "--json");
    const { experiments } = json as {
      readonly experiments: readonly {
        readonly findings: readonly {
          readonly kind: string;
          readonly what: string;
          readonly advice: readonly string[];
        }[];
      }[];
    };
    return experiments.flatMap((one) => one.findings);
  };

  test("of a sound store it has nothing to say", async () => {
    await fillStore(store);
    const { code, out } = await run("doctor", "wide");
    expect(code).toBe(0);
    expect(out).toContain("Everything is whole.");
    expect(out).toContain("wide@2: nothing to complain of.");
  });

  test("tells of sizes from which on memory runs out", async () => {
    const experiment = new Experiment({
      name: "big",
      params: grid({ batch: [16, 32, 64, 128], depth: [1, 9] }),
      operation: ({ params }) => {
        if (params.batch >= 64) throw new Error("CUDA out of memory. Tried to allocate 20 MiB");
        return { loss: params.batch };
      },
      objective: minimize("loss"),
    });
    await runSweep(experiment, { store, progress: false }).result();
    const found = await findings();
    expect(found.map(({ kind }) => kind)).toEqual(["out-of-memory", "failing"]);
    expect(found[0]!.advice[0]).toContain(
      "All of them have batch of 64 or more, and no run with more than 32 succeeded",
    );
    expect(found[0]!.advice.join()).not.toContain("depth");
  });

  test("tells of pruning that leaves nothing", async () => {
    const experiment = new Experiment({
      name: "pruned",
      params: grid({ x: [1, 2, 3] }),
      operation: ({ trial, params, capture }) => {
        capture.metric("loss", params.x, { step: 0 });
        return trial.prune();
      },
      objective: minimize("loss"),
    });
    await runSweep(experiment, { store, progress: false }).result();
    const [first] = await findings("pruned");
    expect(first).toMatchObject({ kind: "all-pruned", what: "3 of 3 runs that ended were pruned." });
    expect(first!.advice[0]).toContain("Raise the warm-up");
  });

  test("tells of an edge, of divergence, and of what was better by hand", async () => {
    const experiment = new Experiment({
      name: "edge",
      params: search({
        space: { lr: loguniform(1e-4, 1), momentum: uniform(0, 1) },
        trials: 40,
        sampler: random(),
        seed: 3,
        start: [{ lr: 1, momentum: 0.5 }],
      }),
      operation: ({ params, trial }) => ({
        loss: trial.number === 1 ? Number.NaN : 3 - Math.log10(params.lr) + (params.momentum - 0.5) ** 2,
      }),
      objective: minimize("loss"),
    });
    await runSweep(experiment, { store, progress: false }).result();
    const found = await findings("edge", "--manual", "1.5");
    expect(found.map(({ kind }) => kind)).toEqual(["not-a-number", "at-the-edge", "worse-than-manual"]);
    expect(found[1]!.what).toBe("The best params lie at the edge of the space: lr = 1 (upper end).");
    expect((await findings("edge", "--manual", "9")).map(({ kind }) => kind)).not.toContain(
      "worse-than-manual",
    );
  });

  test("tells of slow runs, and of what there is to be done", async () => {
    const runs = [30, 120, 180].map((seconds, trial) => ({ trial, durationMs: 1000 * seconds }));
    await madeResults(runs, { store: fileStore(store) });
    const { out } = await run("doctor");
    expect(out).toContain("Half of the runs took 2 m 0 s or more, all together 5 m 30 s.");
    expect(out).toContain("Nothing was pruned: report the metric by step");
    expect(out).toContain("So far one process has done all of them.");
    expect(await findings("booth")).toEqual([expect.objectContaining({ kind: "slow" })]);
  });

  test("what is no number is refused", async () => {
    await fillStore(store);
    expect((await run("doctor", "--manual", "good")).err).toContain('--manual takes a number, got "good"');
  });
});
