import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyRun, loadResults } from "../../../src/index.ts";
import { ensureBuilt, ROOT } from "../../helpers/built.ts";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";
import { isRunning, until } from "../../helpers/programs.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);

const env = { PATH: process.env["PATH"] ?? "" };
const at = (name: string): string => join(scratch.folder, name);

function metalab(...argv: readonly string[]): Promise<CliEnded> {
  return cli(["run", "--json", ...argv], { cwd: scratch.folder, env });
}

async function runsOf(experiment: string): Promise<readonly AnyRun[]> {
  return [...(await loadResults(at("runs"), { experiment }))] as readonly AnyRun[];
}

/** Waits for good, beside a process of its own, and says both pids. */
const HANG = `const { spawn } = require("node:child_process");
const { appendFileSync } = require("node:fs");
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
appendFileSync("pids.txt", process.pid + " " + child.pid + "\\n");
setInterval(() => {}, 1000);
`;

function pids(): readonly number[] {
  return existsSync(at("pids.txt"))
    ? readFileSync(at("pids.txt"), "utf8").trim().split(/\s+/).map(Number)
    : [];
}

beforeAll(() => {
  writeFileSync(at("hang.cjs"), HANG);
});

describe("limits of a run", () => {
  test("--timeout ends it, with all that it started", async () => {
    const { code, json } = await metalab("--timeout", "1500ms", "hang.cjs");
    expect([code, json]).toEqual([1, expect.objectContaining({ failed: 1 })]);
    expect((await runsOf("hang"))[0]?.error?.class).toBe("timeout");
    expect(pids()).toHaveLength(2);
    await until(() => !pids().some(isRunning));
    expect(readdirSync(at("runs"))).not.toContain("work");
  });

  test.skipIf(process.platform !== "linux")("--memory ends it when it occupies more", async () => {
    writeFileSync(
      at("grow.cjs"),
      "const kept = []; setInterval(() => kept.push(Buffer.alloc(20e6, 1)), 20);\n",
    );
    const { code } = await metalab("--memory", "200MB", "--timeout", "60s", "grow.cjs");
    expect(code).toBe(1);
    expect((await runsOf("grow"))[0]?.error?.class).toBe("oom");
  });

  test("--retries tries it again", async () => {
    const flaky = `const { appendFileSync, readFileSync } = require("node:fs");
appendFileSync("tries.txt", "x");
if (readFileSync("tries.txt", "utf8").length < 3) process.exit(9);
console.log('{"y": 1}');
`;
    writeFileSync(at("flaky.cjs"), flaky);
    const { code, json } = await metalab("--retries", "2", "flaky.cjs");
    expect([code, json]).toEqual([0, expect.objectContaining({ success: 1, failed: 0 })]);
    const [run] = await runsOf("flaky");
    expect([run?.attempt, run?.metrics["y"]]).toEqual([3, 1]);
  });
});

describe("limits of a sweep", () => {
  test("--on-failure stop leaves the rest undone", async () => {
    writeFileSync(at("fail.cjs"), "process.exit(Number(process.argv[3]));\n");
    const { code, json } = await metalab("--on-failure", "stop", "fail.cjs", "--x", "[0, 5, 6]");
    const counts = { total: 3, success: 1, failed: 1, stoppedBy: "--on-failure stop", code: 3 };
    expect([code, json]).toEqual([3, expect.objectContaining(counts)]);
  });

  test("--budget-cost counts the metric cost", async () => {
    writeFileSync(at("cost.cjs"), "console.log('{\"cost\": 2}');\n");
    const { code, json } = await metalab("--budget-cost", "3", "cost.cjs", "--x", "(0, 5)");
    expect([code, json]).toEqual([
      3,
      expect.objectContaining({ success: 2, stoppedBy: "--budget-cost (3, used 4)" }),
    ]);
  });

  test("--budget-time starts no more", async () => {
    writeFileSync(at("slow.cjs"), "setTimeout(() => console.log('{\"y\": 1}'), 300);\n");
    const { code, json } = await metalab("--budget-time", "500ms", "slow.cjs", "--x", "(0, 500)");
    const { total, stoppedBy } = json as { readonly total: number; readonly stoppedBy: string };
    expect([code, total, stoppedBy.replace(/ .*/, "")]).toEqual([3, 500, "--budget-time"]);
    const ended = (await runsOf("slow")).length;
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(500);
  });
});

describe("metrics of a script", () => {
  test("that has none are asked for, once it has run", async () => {
    writeFileSync(at("mute.cjs"), 'console.log("loss: 0.5");\n');
    const { code, err } = await metalab("mute.cjs");
    expect([code, err]).toEqual([0, expect.stringContaining("No run reported a metric.")]);
    const again = await metalab("--auto-metrics", "mute.cjs");
    expect(again.err).toContain("run it with --no-resume");
    const anew = await metalab("--auto-metrics", "--no-resume", "mute.cjs");
    expect([anew.code, anew.err]).toEqual([0, ""]);
  });

  test("--metrics reads a file, --metric a pattern, --auto-metrics the rest", async () => {
    const text = `const { writeFileSync } = require("node:fs");
writeFileSync("out.json", JSON.stringify({ test: { acc: 0.75 } }));
console.log("val f1: 0.5");
console.log("val f1: 0.6");
console.log("size = 12");
`;
    writeFileSync(at("measured.cjs"), text);
    await metalab(
      ...[
        "--metrics",
        "out.json:test",
        "--metric",
        "f1=/val f1: ([\\d.]+)/@max",
        "--auto-metrics",
        "measured.cjs",
      ],
    );
    const [run] = await runsOf("measured");
    expect(run?.metrics).toMatchObject({ acc: 0.75, f1: 0.6, size: 12 });
  });

  test.each(["signal", "file"])("--pruner stops hopeless trials, by --prune %s", async (how) => {
    const text = `const { appendFileSync, existsSync } = require("node:fs");
const x = Number(process.argv[3]);
let step = 0;
const tick = () => {
  if (step === 200 || existsSync(process.env.METALAB_STOP_FILE)) process.exit(0);
  appendFileSync(process.env.METALAB_METRICS, JSON.stringify({ step: step++, loss: x }) + "\\n");
  setTimeout(tick, x < 5 ? 0 : 50);
};
tick();
`;
    writeFileSync(at("steps.cjs"), text);
    const argv = ["--strategy", "sobol", "--trials", "12", "--minimize", "loss", "--pruner", "median"];
    const { json } = await metalab(
      "--name",
      `pruned-${how}`,
      "--prune",
      how,
      ...argv,
      "steps.cjs",
      "--x",
      "(0, 10)",
    );
    expect((json as { readonly pruned: number }).pruned).toBeGreaterThan(0);
    const pruned = (await runsOf(`pruned-${how}`)).find(({ status }) => status === "pruned");
    expect(pruned?.metrics["loss"]).toBe(pruned?.params["x"]);
  });
});

describe("the program itself", () => {
  beforeAll(() => ensureBuilt());
  const main = join(ROOT, "dist", "cli", "main.js");
  const real = { ...process.env, METALAB_STORE: "", NO_COLOR: "1" };

  test.each([
    [
      "typed.ts",
      "const lr: number = Number(process.argv[3]);\nconsole.log(JSON.stringify({ twice: 2 * lr }));\n",
      [1, 2],
    ],
    ["shell.sh", 'echo "{\\"twice\\": $2$2}"\n', [11]],
  ])("starts %s by what it is written in", async (script, text, twice) => {
    if (process.platform === "win32" && script.endsWith(".sh")) return;
    writeFileSync(at(script), text);
    const values = script.endsWith(".ts") ? "[0.5, 1]" : "[1]";
    const argv = [main, "run", "--store", "built", script, "--lr", values];
    const how = { cwd: scratch.folder, env: real, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync(process.execPath, argv, how);
    expect([status, stderr]).toEqual([0, ""]);
    const found = await loadResults(at("built"), { experiment: script.replace(/\..*/, "") });
    expect([...found].map(({ metrics }) => metrics["twice"])).toEqual(twice);
  });

  /** Starts a sweep that hangs, and waits until `count` of its programs do. */
  async function hanging(
    store: string,
    workers: number,
  ): Promise<{ child: ChildProcess; err: () => string }> {
    writeFileSync(at("pids.txt"), "");
    const argv = [main, "run", "-j", String(workers), "--store", store, "hang.cjs", "--x", "(0, 50)"];
    const child = spawn(process.execPath, argv, { cwd: scratch.folder, env: real });
    let err = "";
    child.stderr.on("data", (piece: Buffer) => {
      err += piece.toString();
    });
    await until(() => pids().filter((pid) => pid > 0).length === 2 * workers);
    return { child, err: () => err };
  }

  const ended = (child: ChildProcess): Promise<readonly [number | null, string | null]> =>
    new Promise((resolve) => {
      child.on("close", (...how) => resolve(how));
    });

  test.skipIf(process.platform === "win32")(
    "Ctrl-C lets what is in flight finish; a second one stops it, and nothing is left behind",
    async () => {
      const { child, err } = await hanging("stopped", 2);
      const end = ended(child);
      child.kill("SIGINT");
      await until(() => err().includes("2 runs in flight will finish; Ctrl-C again stops them"));
      expect(pids().every(isRunning)).toBe(true);
      child.kill("SIGINT");
      expect(await end).toEqual([130, null]);
      // Said once, with what goes on.
      expect(err().match(/of 50 runs done/g)).toHaveLength(1);
      expect(err().match(/The same command goes on from there\./g)).toHaveLength(1);
      await until(() => !pids().some(isRunning));
      expect(pids()).toHaveLength(4);
      expect(readdirSync(at("stopped"))).not.toContain("work");
      const left = await loadResults(at("stopped"), { experiment: "hang" });
      expect([...left].map(({ status }) => status)).not.toContain("success");
    },
  );

  test.skipIf(process.platform === "win32")(
    "a sweep whose messages nobody reads any more, as after Ctrl-C in a pipe to tee, goes on",
    async () => {
      writeFileSync(at("tell.cjs"), 'console.error("told"); setTimeout(() => console.log("{}"), 100);\n');
      const argv = [main, "run", "--follow", "--store", "unread", "tell.cjs", "--x", "(0, 5)"];
      const child = spawn(process.execPath, argv, { cwd: scratch.folder, env: real });
      child.stderr.once("data", () => child.stderr.destroy());
      expect(await ended(child)).toEqual([0, null]);
      expect(await loadResults(at("unread"), { experiment: "tell" })).toHaveLength(5);
    },
  );

  test.skipIf(!existsSync("/dev/full"))("an output that cannot be written is told without a stack", () => {
    const argv = ["-c", '"$@" > /dev/full', "sh", process.execPath, main, "run", "--help"];
    const { status, stderr } = spawnSync("sh", argv, { cwd: scratch.folder, env: real, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^metalab: the output cannot be written: ENOSPC.*\n$/);
  });
});
