import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { manual } from "../../../src/experiment/sources.ts";
import { run as runSweep } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";
import { fillStore } from "../../helpers/cli-store.ts";

const scratch = scratchFolder();
const env = { METALAB_STORE: join(scratch.folder, "runs") };
const run = (...argv: readonly string[]) => cli(argv, { cwd: scratch.folder, env });
const json = async (...argv: readonly string[]) =>
  (await run(...argv, "--json")).json as Readonly<Record<string, unknown>>;

interface ListedRun {
  readonly id: string;
  readonly status: string;
  readonly params: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, number>>;
}
const runsOf = async (...more: readonly string[]) => {
  const { runs } = await json("ls", "hypersearch", ...more);
  return runs as readonly ListedRun[];
};

beforeAll(() => fillStore(env.METALAB_STORE));
afterAll(() => scratch.remove());

describe("ls", () => {
  test("lists the experiments with counts and the best", async () => {
    const { out, code } = await run("ls");
    expect(code).toBe(0);
    expect(out).toMatch(/hypersearch@1 +12 +10 +2 +loss 0\.116/);
    expect(out).toMatch(/wide@2 +4 +4 +0 +y 9/);
    const { experiments } = await json("ls");
    expect(experiments).toMatchObject([
      { name: "hypersearch", version: "1", runs: 12, statuses: { success: 10, failed: 2 } },
      { name: "wide", version: "2", runs: 4, best: { value: 9 } },
    ]);
  });

  test("sorts and limits the runs of one", async () => {
    const runs = await runsOf("--sort", "-loss", "-n", "3");
    expect(runs.map(({ metrics }) => metrics.loss)).toEqual([1.042, 1.032, 1.026]);
    const { out } = await run("ls", "hypersearch", "--limit", "2");
    expect(out).toContain("… 10 more");
  });

  test("filters by a condition, over all experiments where none is named", async () => {
    const runs = await runsOf("--filter", 'params.lr < 0.5 and status = "success"');
    expect(runs).toHaveLength(6);
    expect(runs.every(({ params }) => params.lr === 0.1)).toBe(true);
    expect(await json("ls", "--filter", "status = 'failed'")).toMatchObject({ total: 2 });
  });

  test("shows the columns asked for", async () => {
    const { out } = await run("ls", "hypersearch", "--columns", "batch,loss", "-n", "1");
    expect(out.split("\n")[1]).toMatch(/^ *batch +loss$/);
    const { runs } = await json("ls", "hypersearch", "--columns", "batch,loss", "-n", "1");
    expect(runs).toEqual([{ batch: 16, loss: 0.116 }]);
  });

  test("lines fit the terminal", async () => {
    const narrow = await cli(["ls", "hypersearch"], { env, columns: 60 });
    for (const line of narrow.out.split("\n")) expect(line.length).toBeLessThanOrEqual(60);
  });

  test("what was logged or thrown does not reach the terminal raw", async () => {
    const { out } = await cli(["ls", "hypersearch"], { env, columns: 200 });
    expect(out).toContain("out of luck red");
    expect(out).not.toContain("\u001b");
  });

  test.each([
    [["ls", "hypersaerch"], 'Did you mean "hypersearch"?'],
    [["ls", "hypersearch", "--sort", "los"], 'Did you mean "loss"?'],
    [["ls", "hypersearch", "--columns", "lrr"], 'Did you mean "lr"?'],
    [["ls", "hypersearch", "--filter", "params.lrr < 1"], "lrr"],
    [["ls", "hypersearch", "--limit", "few"], '--limit takes a whole number from 0 on, or "all", got "few"'],
    [["ls", "--sort", "loss"], "experiments are sorted by name"],
    [["ls", "--store", "no/such/folder"], "there is no store"],
    [["ls", "one", "two"], "1 argument is taken, got 2"],
  ])("%j is refused", async (argv, told) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });
});

describe("show", () => {
  test("tells all of a run by the first digits of its id", async () => {
    const [first] = await runsOf("--sort", "loss");
    const { out, code } = await run("show", first!.id.slice(0, 8));
    expect(code).toBe(0);
    expect(out).toContain(`id ${first!.id}`);
    for (const part of [/batch +16/, /loss +0\.116/, /loss +4 points, last 0\.116/, /note\.txt +text, 9 B/]) {
      expect(out).toMatch(part);
    }
    expect(await json("show", `${first!.id.slice(0, 8)}…`)).toMatchObject({
      id: first!.id,
      seed: expect.stringMatching(/^[0-9a-f]{32}$/),
      series: { loss: { points: 4, last: { step: 3, value: expect.closeTo(0.116, 12) } } },
      logLines: 2,
    });
  });

  test("tells the error of a failed run, without its escapes", async () => {
    const [failed] = await runsOf("--filter", "status = 'failed'");
    const { out } = await run("show", failed!.id);
    expect(out).toContain("Error: out of luck red");
    expect(out).toContain("at operation");
    expect(out).not.toContain("\u001b");
  });

  test.each([
    [["show", "xyz"], "a run is named by the first hex digits of its id"],
    [["show", "0000000000"], "has an id that begins with"],
    [["show"], "the argument <run> is missing"],
  ])("%j is refused", async (argv, told) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });

  test("a beginning that several runs have is refused with some of them", async () => {
    const { code, err } = await run("show", "");
    expect(code).toBe(2);
    expect(err).toContain("hex digits");
  });
});

describe("logs", () => {
  test("prints the lines of a run, by level, and the last of them", async () => {
    const [first] = await runsOf("--sort", "loss");
    const id = first!.id.slice(0, 10);
    expect((await run("logs", id)).out).toMatch(
      /^[\d:.]{12} trained with lr 0\.1\n[\d:.]{12} warn almost done\n$/,
    );
    expect((await run("logs", id, "--level", "warn")).out).toMatch(/^[\d:.]{12} warn almost done\n$/);
    expect((await run("logs", id, "-n", "1", "-f")).out).toMatch(/^[\d:.]{12} warn almost done\n$/);
    const lines = (await run("logs", id, "--json")).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "info", message: "trained with lr 0.1" },
      { level: "warn" },
    ]);
  });

  test("of a run that logged nothing it says so", async () => {
    const { runs } = await json("ls", "wide");
    const { code, out, err } = await run("logs", (runs as readonly ListedRun[])[0]!.id);
    expect([code, out, err]).toEqual([0, "", "The run logged nothing.\n"]);
  });

  test("follows a run in flight to its end", async () => {
    const { folder, remove } = scratchFolder();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const experiment = new Experiment({
      name: "slow",
      params: manual([{ x: 1 }]),
      operation: async ({ capture }) => {
        capture.log("it begins");
        await released;
        capture.log("it ends");
        return { y: 1 };
      },
    });
    const handle = runSweep(experiment, { store: folder, progress: false });
    try {
      const isThere = async (): Promise<string | undefined> => {
        const listed = await cli(["ls", "slow", "--store", folder, "--json"]);
        if (listed.code !== 0) return undefined;
        return (listed.json as { readonly runs: readonly ListedRun[] }).runs[0]?.id;
      };
      let id: string | undefined;
      while (id === undefined) {
        id = await isThere();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const onOut = (text: string): void => {
        if (text.includes("it begins")) release();
      };
      const { code, out } = await cli(["logs", id, "-f", "--store", folder], { onOut });
      expect(code).toBe(0);
      expect(out).toMatch(/^[\d:.]{12} it begins\n[\d:.]{12} it ends\n$/);
    } finally {
      release();
      await handle.result();
      remove();
    }
  });

  test("a level that there is not is refused", async () => {
    const { code, err } = await run("logs", "ab", "--level", "loud");
    expect(code).toBe(2);
    expect(err).toContain('--level takes one of debug, info, warn, error, got "loud"');
  });
});

describe("export", () => {
  test("prints text", async () => {
    const lines = (await run("export", "hypersearch")).out.trim().split("\r\n");
    expect(lines).toHaveLength(13);
    expect(lines[0]).toMatch(/^id,experiment,version,/);
    const list = JSON.parse((await run("export", "hypersearch", "--to", "json")).out);
    expect(list).toHaveLength(12);
    expect((await run("export", "wide", "--to", "jsonl")).out.trim().split("\n")).toHaveLength(4);
    expect(JSON.parse((await run("export", "wide", "--to", "json", "--filter", "x > 9")).out)).toEqual([]);
  });

  test("writes files, by the ending of their name", async () => {
    const { out } = await run("export", "hypersearch", "-o", "out/runs.csv");
    expect(out).toBe("12 runs written to out/runs.csv.\n");
    expect(readFileSync(join(scratch.folder, "out/runs.csv"), "utf8").split("\r\n")).toHaveLength(14);
    expect(await json("export", "wide", "--to", "parquet")).toEqual({
      file: join(scratch.folder, "wide.parquet"),
      format: "parquet",
      runs: 4,
    });
    const bytes = readFileSync(join(scratch.folder, "wide.parquet"));
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    });
    expect(rows.map((row) => row["metrics.y"])).toEqual([0, 1, 4, 9]);
    await run("export", "wide", "-o", "wide.arrow");
    expect(existsSync(join(scratch.folder, "wide.arrow"))).toBe(true);
  });

  test("makes a folder for TensorBoard", async () => {
    const { out } = await run("export", "wide", "--to", "tensorboard");
    expect(out).toContain("4 runs written to tensorboard/wide.");
    expect(out).toContain("tensorboard --logdir tensorboard/wide");
    expect(readdirSync(join(scratch.folder, "tensorboard/wide/wide@2"))).toHaveLength(4);
    expect(await json("export", "--to", "tensorboard", "runs/", "-o", "all")).toEqual({
      folder: join(scratch.folder, "all"),
      format: "tensorboard",
      runs: 16,
      points: 10 * 5 + 4,
    });
    expect(readdirSync(join(scratch.folder, "all")).sort()).toEqual([
      "events.out.tfevents.metalab",
      "hypersearch@1",
      "wide@2",
    ]);
  });

  test("takes the folder of a store for all in it", async () => {
    const { out } = await cli(["export", "./runs", "--to", "jsonl"], { cwd: scratch.folder });
    expect(out.trim().split("\n")).toHaveLength(16);
  });

  test.each([
    [["export", "wide", "--to", "xls"], "--to takes one of csv, json"],
    [["export", "wide", "-o", "a.xls"], "the ending of -o says the format"],
    [["export", "wide", "--to", "csv", "--json"], "name a file with -o"],
    [["export"], "Name one of: hypersearch, wide"],
  ])("%j is refused", async (argv, told) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });
});

describe("plot", () => {
  test("draws one in the terminal, by a part of its name", async () => {
    const { out, code } = await run("plot", "history", "-e", "hypersearch");
    expect(code).toBe(0);
    expect(out).toContain("loss by trial");
  });

  test("draws one into a file, as the commands of ml-visualise are written", async () => {
    const argv = ["plot", "--study-name", "hypersearch", "--type", "contour", "--params", "lr", "batch"];
    const { out } = await run(...argv, "-o", "c.svg");
    expect(out).toBe("contour written to c.svg.\n");
    expect(readFileSync(join(scratch.folder, "c.svg"), "utf8")).toMatch(/^<svg/);
  });

  test("takes the lines of ml-visualise as they are", async () => {
    const line = "--mode search --study-name hypersearch --plot-type contour --params lr batch -o d.svg";
    expect(await run("plot", ...line.split(" "))).toMatchObject({
      code: 0,
      out: "contour written to d.svg.\n",
    });
    expect((await run("plot", "--mode", "training")).err).toContain("--mode takes one of search");
  });

  test.each([
    [["history", "hypersearch"]],
    [["hypersearch", "--type", "history"]],
    [["--plot-type", "history", "hypersearch@1"]],
  ])("an experiment may stand beside the plot: %j", async (argv) => {
    const { code, out } = await run("plot", ...argv);
    expect(code).toBe(0);
    expect(out).toContain("loss by trial");
  });

  test("an experiment alone is all its plots, and a mistyped one is answered", async () => {
    const { files, folder } = await json("plot", "hypersearch", "-o", "all");
    expect(folder).toBe(join(scratch.folder, "all"));
    expect((files as readonly unknown[]).length).toBeGreaterThan(3);
    const { code, err } = await run("plot", "hypersaerch");
    expect(code).toBe(2);
    expect(err).toContain('there is no plot "hypersaerch". Did you mean hypersearch?');
    expect((await run("plot", "history", "hypersaerch")).err).toContain('Did you mean "hypersearch"?');
    expect((await run("plot", "history", "slice", "wide")).code).toBe(2);
  });

  test.each([
    [["slice", "hypersearch", "-e", "wide"], 'one experiment is named, got "wide" and "hypersearch"'],
    [["slice", "-e", "wide", "--study-name", "hypersearch"], 'got "wide" and "hypersearch"'],
    [["--type", "slice", "--plot-type", "edf", "-e", "wide"], 'one plot is named, got "slice" and "edf"'],
  ])("nothing that was named is left out: %j", async (argv, told) => {
    const { code, err, out } = await run("plot", ...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });

  test("the same may be named twice", async () => {
    const line = "slice hypersearch -e hypersearch --study-name hypersearch";
    expect((await run("plot", ...line.split(" "))).code).toBe(0);
  });

  test("draws all into a folder, and says which do not suit", async () => {
    const { files, leftOut } = await json("plot", "--study-name", "hypersearch");
    const made = files as readonly { readonly kind: string; readonly file: string }[];
    expect(made.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["optimization_history", "slice", "param_importances", "edf"]),
    );
    for (const { file } of made) expect(existsSync(join(scratch.folder, file))).toBe(true);
    expect(leftOut).toEqual([{ kind: "pareto", why: expect.stringContaining("two objectives") }]);
  });

  describe("of runs that have all failed", () => {
    const store = join(scratch.folder, "failed");
    const draw = (...argv: readonly string[]) =>
      cli(["plot", ...argv, "--store", store], { cwd: scratch.folder });
    const why = "None of the 2 runs has succeeded: 2 failed. The first failed with Error: no luck.";

    beforeAll(async () => {
      const experiment = new Experiment({
        name: "luckless",
        params: manual([{ x: 1 }, { x: 2 }]),
        operation: (): { y: number } => {
          throw new Error("no luck");
        },
        objective: minimize("y"),
      });
      await runSweep(experiment, { store, progress: false }).result();
    });

    test("draws what says how they failed, and tells each reason for the rest once", async () => {
      const { code, out } = await draw("-o", "luckless");
      expect(code).toBe(0);
      expect(readdirSync(join(scratch.folder, "luckless"))).toEqual(["timeline.svg"]);
      expect(out.replaceAll(/\s+/g, " ").split(why)).toHaveLength(2);
    });

    test("writes no empty picture, and fails where there is nothing to draw", async () => {
      expect(await draw("slice", "-o", "empty.svg")).toMatchObject({
        code: 1,
        out: expect.stringContaining(why),
      });
      expect((await draw("slice")).code).toBe(1);
      const none = await draw("--filter", "x > 2", "-o", "none");
      expect(none).toMatchObject({ code: 1, out: expect.stringContaining("There are no runs to draw.") });
      expect(["empty.svg", "none"].some((name) => existsSync(join(scratch.folder, name)))).toBe(false);
    });
  });

  test.each([
    [["plot", "contuor", "-e", "wide"], "Did you mean contour?"],
    [["plot", "histry", "wide"], "Did you mean history?"],
    [["plot", "pareto", "wide"], "--x loss --y durationMs"],
    [["plot", "param", "-e", "wide"], "there is no plot"],
    [["plot", "slice", "-e", "wide", "-o", "a.doc"], "the ending of path says the form"],
    [["plot", "slice", "-e", "wide", "--params", "lx"], "lx"],
  ])("%j is refused or answered", async (argv, told) => {
    const { code, err } = await run(...argv);
    if (argv[1] === "param") expect(code).toBe(0);
    else {
      expect(code).toBe(2);
      expect(err).toContain(told);
    }
  });
});

describe("status", () => {
  test("tells how far each experiment is; failed runs are exit code 1", async () => {
    const { code, out } = await run("status");
    expect(code).toBe(1);
    expect(out).toMatch(/hypersearch@1 +83 % +12 +10 +2/);
    expect(out).toMatch(/wide@2 +100 % +4 +4 +0/);
    // Nobody works, so how long the rest takes is no question.
    expect(out).not.toContain("left");
    expect((await run("status", "wide")).code).toBe(0);
    const { experiments } = await json("status", "wide");
    expect(experiments).toMatchObject([{ planned: 4, counts: { success: 4 }, done: 1, sweeps: [] }]);
  });

  test("goes on looking until it is interrupted", async () => {
    const control = new AbortController();
    let looks = 0;
    const onOut = (text: string): void => {
      if (!text.startsWith("{")) return;
      looks += 1;
      if (looks === 3) control.abort();
    };
    const argv = ["status", "wide", "--watch", "--every", "1ms", "--json"];
    const { code } = await cli(argv, { env, interrupted: control.signal, onOut });
    expect(code).toBe(130);
    expect(looks).toBe(3);
  });

  test("an experiment that there is not is refused", async () => {
    expect((await run("status", "wid")).err).toContain('Did you mean "wide"?');
  });
});
