import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import { search } from "../../src/experiment/search-source.ts";
import { run } from "../../src/run/run.ts";
import { minimize } from "../../src/search/objective.ts";
import { threshold } from "../../src/search/pruners/threshold.ts";
import { uniform } from "../../src/space/distribution.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { type ProgramOptions, programOperation } from "../../src/sweep/program.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { isRunning, type Programs, programs, until } from "../helpers/programs.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let box: Programs;
beforeAll(() => {
  box = programs();
});
afterAll(() => box.remove());

describe("pruning", () => {
  /** A program that reports a loss that grows, and never ends by itself. */
  const script = (report: string, more = "") =>
    `const { appendFileSync, existsSync } = require("fs"); let step = 0; ${more}
     setInterval(() => { const line = JSON.stringify({ step, loss: step++ }) + "\\n"; ${report} }, 20);`;

  const pruned = async (text: string, options: Partial<ProgramOptions> = {}) => {
    const path = box.write("prune.cjs", text);
    const experiment = new Experiment({
      name: "pruned",
      params: search({
        space: { x: uniform(0, 1) },
        trials: 1,

        pruner: threshold({ upper: 2.5 }),
      }),
      operation: programOperation({
        argv: () => [process.execPath, path],
        sources: [path],
        cwd: box.folder,
        folder: join(box.folder, "work"),
        ...options,
      }),
      objective: minimize("loss"),
    });
    const results = await run(experiment, { store: "memory:", progress: false }).result();
    return results.at(0)!;
  };

  test.each([
    ["lines of METALAB_METRICS", "appendFileSync(process.env.METALAB_METRICS, line);", {}],
    ["lines on stdout", "process.stdout.write(line);", {}],
    [
      "matches of a pattern",
      "console.log('loss is', step - 1);",
      { metrics: { patterns: [{ name: "loss", pattern: "loss is (\\d+)" }] } },
    ],
  ])("follows %s", async (_, report, options) => {
    const one = await pruned(script(report), options);
    expect(one).toMatchObject({ status: "pruned" });
    expect(Array.from((await one.series("loss")).value).slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  test("may be told by a file, so that the program can end in its own way", async () => {
    const one = await pruned(
      script(
        `appendFileSync(process.env.METALAB_METRICS, line);
         if (existsSync(process.env.METALAB_STOP_FILE)) { appendFileSync(process.env.METALAB_METRICS, '{"ended": "well"}\\n'); process.exit(0); }`,
        `process.on("SIGTERM", () => process.exit(9));`,
      ),
      { prune: "file" },
    );
    expect(one).toMatchObject({ status: "pruned", metrics: { ended: "well" } });
  });

  test.skipIf(process.platform === "win32")("may be told by SIGTERM, with some time to end", async () => {
    const one = await pruned(
      script(
        "appendFileSync(process.env.METALAB_METRICS, line);",
        `process.on("SIGTERM", () => { appendFileSync(process.env.METALAB_METRICS, '{"ended": "well"}\\n'); process.exit(0); });`,
      ),
    );
    expect(one).toMatchObject({ status: "pruned", metrics: { ended: "well" } });
  });

  test.skipIf(process.platform === "win32")("ends what does not listen", async () => {
    const one = await pruned(
      script("appendFileSync(process.env.METALAB_METRICS, line);", `process.on("SIGTERM", () => {});`),
      { grace: 100 },
    );
    expect(one).toMatchObject({ status: "pruned" });
  });
});

describe.skipIf(process.platform === "win32")("a sweep of programs that is interrupted", () => {
  let script: CompiledScript;
  beforeAll(async () => {
    script = await compile(`
      import { Experiment, grid, programOperation, run } from "metalab";
      const [store, work, program] = process.argv.slice(2);
      const experiment = new Experiment({
        name: "interrupted",
        params: grid({ x: [0, 1, 2, 3] }),
        operation: programOperation({ argv: ({ params }) => [process.execPath, program, String(params.x)], sources: [program], folder: work, grace: 300 }),
      });
      await run(experiment, { store, concurrency: 2, progress: "log" }).result().catch((thrown) => console.log(thrown.code));
    `);
  });
  afterAll(() => script?.remove());

  const noted = (file: string): readonly number[] =>
    box.read(file).trim().split("\n").filter(Boolean).map(Number);

  const start = (file: string, body: string): ChildProcess => {
    const program = box.write(
      `${file}.cjs`,
      `require("fs").appendFileSync(${JSON.stringify(join(box.folder, file))}, process.pid + "\\n"); ${body}`,
    );
    return spawn(
      process.execPath,
      [script.path, join(box.folder, `${file}-store`), join(box.folder, `${file}-work`), program],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
  };

  const ended = (child: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      child.stdout?.resume();
      child.stderr?.resume();
      child.once("close", () => resolve());
    });

  test("lets those in flight end at the first signal", async () => {
    const go = JSON.stringify(join(box.folder, "go"));
    const child = start(
      "drain",
      `setInterval(() => { if (require("fs").existsSync(${go})) { console.log('{"y":1}'); process.exit(0); } }, 10);`,
    );
    const end = ended(child);
    await until(() => noted("drain").length === 2);
    child.kill("SIGINT");
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => said.includes("2 runs in flight will finish"));
    expect(noted("drain").every(isRunning)).toBe(true);
    box.write("go", "");
    await end;
    const records = await recordsOf(fileStore(join(box.folder, "drain-store")), "interrupted");
    expect(records.map(({ status }) => status)).toEqual(["success", "success"]);
    expect(noted("drain")).toHaveLength(2);
  });

  test("ends them at the second, also those that do not listen, and leaves nothing", async () => {
    const child = start("abort", `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`);
    const end = ended(child);
    await until(() => noted("abort").length === 2);
    child.kill("SIGINT");
    child.kill("SIGTERM");
    await end;
    await until(() => !noted("abort").some(isRunning));
    await until(() => readdirSync(join(box.folder, "abort-work")).length === 0);
  });

  test("ends what it left behind when it was killed, the next time", async () => {
    const go = JSON.stringify(join(box.folder, "go-on"));
    const body = `if (require("fs").existsSync(${go})) console.log('{"y":1}'); else setInterval(() => {}, 1000);`;
    const first = start("killed", body);
    const firstEnd = ended(first);
    await until(() => noted("killed").length === 2);
    first.kill("SIGKILL");
    await firstEnd;
    const left = noted("killed");
    expect(left.every(isRunning)).toBe(true);
    box.write("go-on", "");
    await ended(start("killed", body));
    await until(() => !left.some(isRunning));
    await until(() => readdirSync(join(box.folder, "killed-work")).length === 0);
  });
});
