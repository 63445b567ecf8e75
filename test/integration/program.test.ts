import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minimize } from "../../src/search/objective.ts";
import { openedAt } from "../helpers/opened.ts";
import { type Programs, programs, until } from "../helpers/programs.ts";

let box: Programs;
beforeAll(() => {
  box = programs();
});
afterAll(() => box.remove());

describe("what a program is given", () => {
  test("argument by argument, whatever is in it, without a shell", async () => {
    const texts = [
      "a b",
      "",
      "-x",
      "--",
      "$(touch pwned)",
      "`id`;&|<>*?",
      "'\"\\",
      "line\nbreak",
      "ünï¢ødé 🎲",
      "%PATH%",
    ];
    const results = await box.sweep(
      `console.log(JSON.stringify({ n: process.argv.length })); require("fs").writeFileSync(process.env.METALAB_RUN_DIR + "/argv.json", JSON.stringify(process.argv.slice(2)));`,
      { argv: () => [process.execPath, join(box.folder, "main.cjs"), ...texts] },
    );
    expect(await results.at(0)?.artifact("argv.json")).toEqual(texts);
    expect(existsSync(join(box.folder, "pwned"))).toBe(false);
  });

  test("its params with what JSON loses tagged, an environment, no input, and a folder that goes away", async () => {
    const results = await box.sweep(
      `const { readFileSync, writeFileSync } = require("fs");
       const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("METALAB_")));
       const params = readFileSync(own.METALAB_PARAMS_FILE, "utf8");
       const extra = readFileSync(own.METALAB_RUN_DIR + "/sub/config.yaml", "utf8");
       let input = "none"; try { input = readFileSync(0, "utf8"); } catch {}
       writeFileSync(own.METALAB_RUN_DIR + "/seen.json", JSON.stringify({ own, params, extra, input, mine: process.env.MINE, cwd: process.cwd() }));`,
      { files: ({ params }) => ({ "sub/config.yaml": `x: ${params["x"]}` }), env: { MINE: "yes" } },
      { xs: [Number.NaN, 0.1] },
    );
    const [first, second] = await Promise.all(
      [...results].map(async (one) => (await one.artifact("seen.json")) as Record<string, never>),
    );
    expect(first?.["params"]).toBe('{"x":{"$num":"NaN"}}\n');
    expect(second).toMatchObject({ params: '{"x":0.1}\n', extra: "x: 0.1", input: "", mine: "yes" });
    const own: Record<string, string> = second?.["own"] ?? {};
    expect(Object.keys(own).sort()).toEqual([
      "METALAB_METRICS",
      "METALAB_PARAMS_FILE",
      "METALAB_REPLICATE",
      "METALAB_RUN_DIR",
      "METALAB_RUN_ID",
      "METALAB_SEED",
      "METALAB_STOP_FILE",
      "METALAB_TRIAL",
    ]);
    expect(own).toMatchObject({
      METALAB_RUN_ID: results.at(1)?.id,
      METALAB_TRIAL: "1",
      METALAB_REPLICATE: "0",
    });
    expect(Number(own["METALAB_SEED"])).toBeLessThan(2 ** 32);
    await until(() => readdirSync(join(box.folder, "work")).length === 0);
  });
});

describe("what is kept of a run", () => {
  test("lines, whole output, files, exit code, times and memory", async () => {
    const results = await box.sweep(
      `console.log("out"); console.error("err"); require("fs").writeFileSync(process.env.METALAB_RUN_DIR + "/model.bin", Buffer.from([255, 0]));
       const big = Buffer.alloc(64e6, 1); const end = Date.now() + 400; while (Date.now() < end); console.log(JSON.stringify({ y: big[5] }));`,
    );
    const run = results.at(0)!;
    expect(run.metrics).toEqual({ y: 1 });
    expect((await run.logs()).map(({ level, message }) => [level, message])).toEqual(
      expect.arrayContaining([
        ["info", "out"],
        ["warn", "err"],
        ["info", '{"y":1}'],
      ]),
    );
    // Log lines hold all of it.
    await expect(run.artifact("stdout.log")).rejects.toMatchObject({ code: "METALAB_ARTIFACT_UNKNOWN" });
    expect([...((await run.artifact("model.bin")) as Uint8Array)]).toEqual([255, 0]);
    const facts = (await run.data("process")) as Record<string, number>;
    expect(facts).toMatchObject({
      exitCode: 0,
      signal: null,
      stdoutBytes: 12,
      stderrBytes: 4,
      metrics: { y: "stdout" },
    });
    expect(facts["wallMs"]).toBeGreaterThan(400);
    if (process.platform !== "linux") return;
    expect(facts["cpuMs"]).toBeGreaterThan(200);
    expect(facts["peakBytes"]).toBeGreaterThan(64e6);
  });

  test("output can be followed while it comes", async () => {
    const seen: string[] = [];
    let live = "";
    await box.sweep(
      `console.log("first"); const { existsSync } = require("fs"); const wait = setInterval(() => { if (existsSync(process.env.METALAB_RUN_DIR + "/go")) { clearInterval(wait); console.log("second"); } }, 10);`,
      {
        onLine: ({ text, stream, trial }) => {
          seen.push(`${trial} ${stream} ${text}`);
          if (text !== "first") return;
          const [folder = ""] = readdirSync(join(box.folder, "work"));
          const file = join("work", folder, "stdout.log");
          void until(() => box.read(file) !== "").then(() => {
            live = box.read(file);
            box.write(join("work", folder, "go"), "");
          });
        },
      },
    );
    expect(live).toBe("first\n");
    expect(seen).toEqual(["0 stdout first", "0 stdout second"]);
  });

  test("a failed one has its code and its last words", async () => {
    const results = await box.sweep(
      `console.log(JSON.stringify({ y: 1 })); console.error("it broke"); process.exitCode = 3;`,
    );
    expect(results.at(0)).toMatchObject({ status: "failed", metrics: { y: 1 } });
    expect(results.at(0)?.error).toMatchObject({ class: "exit", code: "METALAB_PROGRAM_EXIT" });
    expect(results.at(0)?.error?.message).toMatch(/code 3.*stderr:\nit broke$/s);
    expect(await results.at(0)?.data("process")).toMatchObject({ exitCode: 3 });
  });

  test.each<[string, string, (main: string) => readonly string[]]>([
    ["as it was named", "main.cjs", () => [process.execPath, "--no-warnings", "main.cjs", "1"]],
    ["from the folder, when it is started itself", "main.cjs", (main) => [process.execPath, main]],
    ["or its module", "python3 -m nothing.here", () => ["python3", "-m", "nothing.here"]],
  ])("a failed one has the name of its script, not of what started it: %s", async (_, name, argv) => {
    const results = await box.sweep("process.exitCode = 3;", {
      argv: () => argv(join(box.folder, "main.cjs")),
    });
    expect(results.at(0)?.error?.message).toMatch(
      new RegExp(`^program "${name}": it ends with code 0, got code [13]\\.`),
    );
    const [silent] = await box.sweep("", {
      argv: () => [process.execPath, "main.cjs"],
      objectives: [minimize("y")],
    });
    expect(silent?.error?.message).toMatch(/^program "main.cjs": it reports a number named "y"/);
  });

  test("one that a signal ended has its name", async () => {
    const results = await box.sweep(`process.kill(process.pid, "SIGABRT"); setInterval(() => {}, 1000);`);
    expect(results.at(0)?.error).toMatchObject({ class: "crash", name: "SIGABRT" });
  });
});

describe("a program that cannot be started", () => {
  test.each<[string, () => readonly string[], RegExp]>([
    ["does not exist", () => ["/nowhere/no-such-program"], /ENOENT.*install it/s],
    ["may not be executed", () => [box.write("plain.txt", "x")], /EACCES.*chmod/s],
    ["has arguments that no system takes", () => [process.execPath, "a\0b"], /null bytes/],
    [
      "has too many arguments",
      () => [process.execPath, "x".repeat(8_000_000)],
      /E2BIG.*METALAB_PARAMS_FILE/s,
    ],
    ["is not named", () => [], /METALAB|program ""/],
  ])("because it %s fails its run", async (_, argv, message) => {
    const results = await box.sweep("", { argv });
    expect(results.at(0)?.error).toMatchObject({ class: "error", code: "METALAB_PROGRAM_START" });
    expect(results.at(0)?.error?.message).toMatch(message);
    await until(() => readdirSync(join(box.folder, "work")).length === 0);
  });
});

describe("metrics", () => {
  test("of the file METALAB_METRICS stand before declared ones, these before printed ones, and these before patterns", async () => {
    const results = await box.sweep(
      `const { appendFileSync, writeFileSync } = require("fs");
       console.log(JSON.stringify({ a: 3, b: 3, c: 3 }));
       console.log("a=5 b=5 c=5 d=5 e=5");
       console.log("epoch 1 loss 7"); console.log("epoch 2 loss 6"); console.log("epoch 3 loss 8");
       writeFileSync(process.env.METALAB_RUN_DIR + "/out.json", JSON.stringify({ test: { a: 2, b: 2 } }));
       appendFileSync(process.env.METALAB_METRICS, '{"step":0,"a":10}\\n{"step":1,"a":1}');`,
      {
        metrics: {
          files: [{ path: "out.json", at: "test" }],
          patterns: [
            { name: "d", pattern: "d=(\\d)" },
            { name: "loss", pattern: "epoch (?<step>\\d+) loss (?<value>\\d+)", fold: "min" },
          ],
          auto: true,
        },
      },
    );
    const run = results.at(0)!;
    expect(run.metrics).toEqual({ a: 1, b: 2, c: 3, d: 5, e: 5, loss: 6 });
    expect(await run.data("process")).toMatchObject({
      metrics: {
        a: "METALAB_METRICS",
        b: "out.json:test",
        c: "stdout",
        d: "pattern (stdout)",
        e: "auto (stdout)",
        loss: "pattern (stdout)",
      },
    });
    expect(Array.from((await run.series("loss")).value)).toEqual([7, 6, 8]);
  });

  test("of the objective have to be there", async () => {
    const results = await box.sweep(`console.log(JSON.stringify({ val_acc: 1, loss: 2 }))`, {
      objectives: [minimize("val_ac")],
    });
    expect(results.at(0)?.error).toMatchObject({ class: "error", code: "METALAB_PROGRAM_OBJECTIVE" });
    expect(results.at(0)?.error?.message).toContain('Did you mean "val_acc"?');
  });

  test("of a file are those of this run", async () => {
    box.write("old.json", '{"a": 1}');
    const options = { metrics: { files: [{ path: "old.json" }] } };
    utimesSync(join(box.folder, "old.json"), new Date(0), new Date(0));
    const stale = await box.sweep("", options);
    expect(stale.at(0)?.error).toMatchObject({ code: "METALAB_METRIC_FILE" });
    const own = await box.sweep(`require("fs").writeFileSync("old.json", '{"a": 2}')`, options);
    expect(own.at(0)?.metrics).toEqual({ a: 2 });
  });

  test("of a file that several runs write at once are nobody's", async () => {
    const results = await box.sweep(
      `const { appendFileSync, readFileSync, writeFileSync } = require("fs"); appendFileSync("both", "x");
       const wait = setInterval(() => { if (readFileSync("both", "utf8").length < 2) return; clearInterval(wait); writeFileSync("shared.json", '{"a": 1}'); }, 5);`,
      { metrics: { files: [{ path: "shared.json" }] } },
      { xs: [1, 2], run: { concurrency: 2 } },
    );
    expect([...results].map(({ error }) => error?.code)).toEqual(Array(2).fill("METALAB_METRIC_FILE_SHARED"));
  });

  test.each<[string, string, RegExp]>([
    ["a folder", `require("fs").mkdirSync(process.env.METALAB_METRICS)`, /got a folder/],
    [
      "a link to itself",
      `require("fs").symlinkSync(process.env.METALAB_METRICS, process.env.METALAB_METRICS)`,
      /got .*ELOOP/,
    ],
    [
      "a pipe",
      `require("child_process").execFileSync("mkfifo", [process.env.METALAB_METRICS])`,
      /got a pipe/,
    ],
    ["a device", `require("fs").symlinkSync("/dev/zero", process.env.METALAB_METRICS)`, /got a device/],
    [
      "10 GB",
      `require("fs").writeFileSync(process.env.METALAB_METRICS, ""); require("fs").truncateSync(process.env.METALAB_METRICS, 1e10)`,
      /at most 268435456 bytes, got 10000000000\. Write only the metrics to it/,
    ],
  ])("of METALAB_METRICS that was made %s fail that run alone, in words", async (_, script, message) => {
    const results = await box.sweep(`if (process.argv[2] === "1") { ${script} }`, {}, { xs: [1, 2] });
    expect(results.at(0)?.error).toMatchObject({ class: "error", code: "METALAB_METRIC_FILE" });
    expect(results.at(0)?.error?.message).toMatch(/^metrics METALAB_METRICS: it is a file/);
    expect(results.at(0)?.error?.message).toMatch(message);
    expect(results.at(1)?.status).toBe("success");
    await until(() => readdirSync(join(box.folder, "work")).length === 0);
  });

  test.each<[string, string, RegExp]>([
    ["a folder", `require("fs").mkdirSync(file)`, /got a folder/],
    ["a pipe", `require("child_process").execFileSync("mkfifo", [file])`, /got a pipe/],
    ["a link to itself", `require("fs").symlinkSync(file, file)`, /got .*ELOOP/],
    ["10 GB", `require("fs").writeFileSync(file, ""); require("fs").truncateSync(file, 1e10)`, /at most/],
  ])("of a declared file that was made %s fail the run, in words", async (_, script, message) => {
    const results = await box.sweep(`const file = process.env.METALAB_RUN_DIR + "/out.json"; ${script}`, {
      metrics: { files: [{ path: "out.json" }] },
    });
    expect(results.at(0)?.error).toMatchObject({ class: "error", code: "METALAB_METRIC_FILE" });
    expect(results.at(0)?.error?.message).toMatch(/^metrics "out.json": it /);
    expect(results.at(0)?.error?.message).toMatch(message);
  });
});

test.each([
  [
    "a folder where its output is to be kept",
    `require("fs").mkdirSync(process.env.METALAB_RUN_DIR + "/stdout.log"); console.log("x".repeat(1e5))`,
  ],
  [
    "a pipe where its output is to be kept",
    `require("child_process").execFileSync("mkfifo", [process.env.METALAB_RUN_DIR + "/stdout.log"]); console.log("x".repeat(1e5))`,
  ],
  [
    "a file for its folder",
    `const { rmSync, writeFileSync } = require("fs"); const folder = process.env.METALAB_RUN_DIR;
     rmSync(folder, { recursive: true }); writeFileSync(folder, ""); console.log("x".repeat(1e5))`,
  ],
])("a program that makes %s fails that run alone, in words", async (_, script) => {
  const results = await box.sweep(`if (process.argv[2] === "1") { ${script} }`, {}, { xs: [1, 2] });
  expect(results.at(0)?.error).toMatchObject({ class: "error", code: "METALAB_PROGRAM_FOLDER" });
  expect(results.at(0)?.error?.message).toMatch(
    /^program "main.cjs": metalab keeps its own files in METALAB_RUN_DIR, got (EISDIR|ENXIO|EEXIST|ENOTDIR).*Let the program leave/,
  );
  expect(results.at(1)?.status).toBe("success");
});

test("what goes wrong before the program was started is not put down to it", async () => {
  const results = await box.sweep("", { files: () => ({ "params.json/x": "" }) });
  expect(results.at(0)?.error?.code).toMatch(/^(ENOTDIR|EEXIST)$/);
  expect(results.at(0)?.error?.message).not.toContain("METALAB_RUN_DIR");
});

test.skipIf(!existsSync("/dev/full") || !existsSync("/proc/self/fd"))(
  "output that cannot be written leaves no file open, and no folder",
  async () => {
    const script = `require("fs").symlinkSync("/dev/full", process.env.METALAB_RUN_DIR + "/stdout.log"); console.log("x".repeat(1e5))`;
    const results = await box.sweep(script, { keepOutput: 100, folder: join(box.folder, "full") });
    expect(results.at(0)?.error).toMatchObject({ code: "ENOSPC" });
    expect(openedAt("/dev/full")).toBe(0);
    await until(() => readdirSync(join(box.folder, "full")).length === 0);
  },
);

test.each([
  ["a text", "node main.cjs"],
  ["with a number", [process.execPath, 1]],
  ["nothing", undefined],
])("a command that is %s fails that run, in words", async (_, command) => {
  const results = await box.sweep("", { argv: () => command as readonly string[] });
  expect(results.at(0)?.error).toMatchObject({ code: "METALAB_OPTION_VALUE" });
  expect(results.at(0)?.error?.message).toMatch(
    /^programOperation\(\): argv gives a list of texts, .*, got .*Write numbers with String\(\)/,
  );
});
