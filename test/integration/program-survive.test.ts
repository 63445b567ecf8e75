import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isRunning, type Programs, programs, until } from "../helpers/programs.ts";
import { stderrOf } from "../helpers/sweeps.ts";

let box: Programs;
beforeAll(() => {
  box = programs();
});
afterAll(() => box.remove());
afterEach(() => writeFileSync(join(box.folder, "pids"), ""));

const pids = (): readonly number[] => box.read("pids").trim().split("\n").filter(Boolean).map(Number);
const allGone = (): boolean => pids().every((pid) => !isRunning(pid));

/** Writes its process id down. */
const NOTE = `const { appendFileSync } = require("fs"); const note = (pid) => appendFileSync("pids", pid + "\\n"); note(process.pid);`;
/** Starts something that stays, and notes it. */
const STAY = (options: string) =>
  `note(require("child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], ${options}).pid);`;

describe.skipIf(process.platform === "win32")("a run that takes too long", () => {
  test.each<[string, string]>([
    ["ends by itself", ""],
    ["ignores SIGTERM", `process.on("SIGTERM", () => {});`],
    ["has children", STAY(`{ stdio: "ignore" }`)],
    ["has children with groups of their own", STAY(`{ stdio: "ignore", detached: true }`)],
    ["has children that hold its pipes", STAY(`{ stdio: "inherit" }`)],
    ["is stopped by a signal", `process.kill(process.pid, "SIGSTOP");`],
  ])("leaves nothing behind when it %s", async (_, script) => {
    const results = await box.sweep(
      `${NOTE} ${script} setInterval(() => {}, 1000);`,
      { grace: 200 },
      { run: { timeout: 1_500 } },
    );
    expect(results.at(0)?.error).toMatchObject({ class: "timeout" });
    expect(pids().length).toBeGreaterThan(0);
    await until(allGone);
  });
});

describe("files that a run leaves and that cannot be kept", () => {
  test.skipIf(process.platform === "win32")("stay where they are, and do not fail it", async () => {
    const results = await box.sweep(
      `const { writeFileSync, truncateSync } = require("fs");
      process.chdir(process.env.METALAB_RUN_DIR);
      for (const name of ["fine", "two\\nlines", Buffer.from([0x61, 0xff]), "large"]) writeFileSync(name, "text");
      truncateSync("large", 300 * 1024 * 1024);
      console.log('{"y": 1}');`,
      { folder: join(box.folder, "stay") },
    );
    const run = results.at(0)!;
    expect(run).toMatchObject({ status: "success", metrics: { y: 1 } });
    expect(String(await run.artifact("fine"))).toBe("text");
    const [folder = ""] = readdirSync(join(box.folder, "stay"));
    const path = join(box.folder, "stay", folder);
    expect(readdirSync(path)).toEqual(expect.arrayContaining(["large", "two\nlines"]));

    // The next process removes what those that were killed had in flight, but not these.
    const parent = join(box.folder, "later");
    const ended = join(parent, folder.replace(/\d+$/, String(spawnSync(process.execPath, ["-e", ""]).pid)));
    const killed = ended.replace(/[^/]{12}(-[^/]+)$/, "000000000000$1");
    mkdirSync(killed, { recursive: true });
    renameSync(path, ended);
    await box.sweep(`console.log('{"y": 1}');`, { folder: parent });
    expect(existsSync(join(ended, "large"))).toBe(true);
    expect(existsSync(killed)).toBe(false);
  });

  test("are none when it has removed its folder", async () => {
    const results = await box.sweep(
      `console.log('{"y": 1}');
      setTimeout(() => require("fs").rmSync(process.env.METALAB_RUN_DIR, { recursive: true }), 300);
      setTimeout(() => console.log("x".repeat(100_000)), 600);`,
      { onLine: () => undefined },
    );
    expect(results.at(0)?.error).toBeUndefined();
    expect(results.at(0)?.metrics).toEqual({ y: 1 });
  });
});

describe("a run", () => {
  test("may close its output and go on", async () => {
    const results = await box.sweep(
      `require("fs").closeSync(1); require("fs").closeSync(2); setTimeout(() => { require("fs").appendFileSync(process.env.METALAB_METRICS, '{"y": 1}'); }, 200);`,
    );
    expect(results.at(0)).toMatchObject({ status: "success", metrics: { y: 1 } });
  });

  test.skipIf(process.platform === "win32")("is over when it ends, whoever holds its pipes", async () => {
    const results = await box.sweep(
      `${NOTE} ${STAY(`{ stdio: "inherit" }`)} console.log('{"y": 1}'); setTimeout(() => process.exit(0), 50);`,
    );
    expect(results.at(0)).toMatchObject({ status: "success", metrics: { y: 1 } });
    await until(allGone);
  });

  test.skipIf(process.platform === "win32")("is over also when a daemon holds its pipes", async () => {
    const results = await box.sweep(
      `${NOTE} ${STAY(`{ stdio: "inherit", detached: true }`)} console.log('{"y": 1}'); setTimeout(() => process.exit(0), 50);`,
    );
    try {
      expect(results.at(0)).toMatchObject({ status: "success", metrics: { y: 1 } });
    } finally {
      // One that has left the group, and whose parent is gone, is its own master.
      for (const pid of pids()) if (isRunning(pid)) process.kill(pid, "SIGKILL");
    }
  });

  test("may print bytes that are no text", async () => {
    const results = await box.sweep(
      `process.stdout.write(Buffer.from([0xff, 0xfe, 0x0a, 0xc3])); process.stdout.write("\\n{\\"y\\": 1}\\n");`,
    );
    const run = results.at(0)!;
    expect(run.metrics).toEqual({ y: 1 });
    expect([...((await run.artifact("stdout.log")) as Uint8Array)].slice(0, 4)).toEqual([
      0xff, 0xfe, 0x0a, 0xc3,
    ]);
    expect((await run.logs())[0]?.message).toBe("\ufffd\ufffd");
  });

  test("may print 100 MB on one line", async () => {
    const results = await box.sweep(
      `const { writeSync } = require("fs");
       const put = (buffer) => { for (let at = 0; at < buffer.length; ) try { at += writeSync(1, buffer, at); } catch (error) { if (error.code !== "EAGAIN") throw error; } };
       const part = Buffer.alloc(1e6, "x"); for (let i = 0; i < 100; i++) put(part); put(Buffer.from("\\n{\\"y\\": 1}\\n"));`,
      { keepOutput: 1000 },
    );
    const run = results.at(0)!;
    expect(run.metrics).toEqual({ y: 1 });
    expect(await run.data("process")).toMatchObject({ stdoutBytes: 100_000_010 });
    const kept = (await run.artifact("stdout.log")) as string;
    expect(kept.length).toBeLessThan(2_100);
    expect(kept).toMatch(/^x{1000}\n… \(99998010 bytes left out\) …\nx+\n\{"y": 1\}\n$/);
  });

  test("may draw a progress bar", async () => {
    const results = await box.sweep(
      `for (let i = 0; i <= 100; i += 50) process.stdout.write("\\r" + i + "% loss=" + (1 - i / 100)); process.stdout.write("\\ndone\\r\\n");`,
      { metrics: { patterns: [{ name: "loss", pattern: "loss=([\\d.]+)" }] } },
    );
    const run = results.at(0)!;
    expect((await run.logs()).map(({ message }) => message)).toEqual(["100% loss=0", "done"]);
    expect(Array.from((await run.series("loss")).value)).toEqual([1, 0.5, 0]);
  });

  test("may occupy no more than it is allowed to", async () => {
    if (process.platform === "win32") return;
    const results = await box.sweep(
      `${NOTE} require("child_process").fork(__filename.replace("main", "eat")).on("spawn", function () { note(this.pid); }); setInterval(() => {}, 1000);`,
      {
        memory: 400e6,
        files: () => {
          box.write("eat.cjs", `const kept = []; setInterval(() => kept.push(Buffer.alloc(50e6, 1)), 10);`);
          return {};
        },
      },
    );
    expect(results.at(0)?.error).toMatchObject({ class: "oom", code: "METALAB_MEMORY_LIMIT" });
    await until(allGone);
  });

  test("whose pattern never comes to an end has failed", async () => {
    const results = await box.sweep(`console.log("a".repeat(4000) + "!"); setInterval(() => {}, 1000);`, {
      metrics: { patterns: [{ name: "x", pattern: "(a+)+$" }] },
    });
    expect(results.at(0)?.error).toMatchObject({ code: "METALAB_METRIC_PATTERN_SLOW" });
  });
});

describe("a program that is replaced on disk in the course of a sweep", () => {
  test("is said to be, and each run names the content that it began with", async () => {
    const old = `require("fs").appendFileSync("replaced", "1"); console.log('{"y": 1}');`;
    let results: Awaited<ReturnType<Programs["sweep"]>> | undefined;
    const text = await stderrOf(async () => {
      results = await box.sweep(
        old,
        {
          files: ({ trial }) => {
            if (trial.number === 2) box.write("main.cjs", `console.log('{"y": 2}');`);
            return {};
          },
        },
        { xs: [0, 1, 2, 3], run: { progress: "log" } },
      );
    });
    const runs = [...(results ?? [])];
    expect(runs.map(({ metrics }) => metrics["y"])).toEqual([1, 1, 2, 2]);
    const codes = runs.map(({ origin }) => origin?.code);
    expect(codes[0]).toMatch(/^program\/1:[0-9a-f]{64}$/);
    expect(codes[1]).toBe(codes[0]);
    expect(codes[3]).not.toBe(codes[0]);
    expect(text).toMatch(/main\.cjs changed on disk in the course of the sweep/);
  });

  test("makes what was run before stale", async () => {
    const store = join(box.folder, "stale-store");
    const script = (y: number) => `console.log('{"y": ${y}}');`;
    const options = { run: { store } };
    await box.sweep(script(1), {}, options);
    const kept = await box.sweep(script(2), {}, options);
    expect(kept.at(0)?.metrics).toEqual({ y: 1 });
    const anew = await box.sweep(script(2), {}, { run: { store, onStale: "rerun" } });
    expect(anew.at(0)?.metrics).toEqual({ y: 2 });
    const again = await box.sweep(
      script(2),
      { argv: () => ["/nowhere"] },
      { run: { store, onStale: "rerun" } },
    );
    expect(again.at(0)?.metrics).toEqual({ y: 2 });
  });
});
