import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyRun, loadResults } from "../../../src/index.ts";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);

const hasPython = spawnSync("python3", ["-c", ""]).status === 0;
const env = { PATH: process.env["PATH"] ?? "" };

/** Any script of argparse: knows nothing of us. */
const MAIN = `import argparse, json, os
p = argparse.ArgumentParser()
p.add_argument("--alpha", type=float, default=0.5)
p.add_argument("--beta", type=int, default=1)
p.add_argument("--model", default="none")
p.add_argument("--fast", action="store_true")
a = p.parse_args()
if a.beta == 99:
    raise SystemExit("no such beta")
with open("calls.txt", "a") as calls:
    calls.write(json.dumps([repr(a.alpha), a.beta, a.model, a.fast]) + "\\n")
print("val acc: %.4f" % (1 - abs(a.alpha - 0.3)))
print(json.dumps({"loss": abs(a.alpha - 0.3) + a.beta, "alpha_seen": a.alpha}))
`;

/** The same in JavaScript, for where there is no Python: prints its arguments as JSON. */
const ECHO = `const { appendFileSync } = require("node:fs");
appendFileSync("words.txt", JSON.stringify(process.argv.slice(2)) + "\\n");
console.log(JSON.stringify({ count: process.argv.length - 2, x: Number(process.argv[3]) }));
`;

beforeAll(() => {
  writeFileSync(join(scratch.folder, "main.py"), MAIN);
  writeFileSync(join(scratch.folder, "echo.cjs"), ECHO);
});

function metalab(...argv: readonly string[]): Promise<CliEnded> {
  return cli(argv, { cwd: scratch.folder, env });
}

function lines(name: string): unknown[] {
  const text = readFileSync(join(scratch.folder, name), "utf8");
  writeFileSync(join(scratch.folder, name), "");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

async function runsOf(experiment: string): Promise<readonly AnyRun[]> {
  return [...(await loadResults(join(scratch.folder, "runs"), { experiment }))] as readonly AnyRun[];
}

describe.skipIf(!hasPython)("a script of argparse", () => {
  test("is run for each combination, with all digits, and only once", async () => {
    const argv = [
      "run",
      "main.py",
      "--alpha",
      "uniform(1e-5, 1e-1, 2)",
      "--beta",
      "[1, 2]",
      "--fast=[true,false]",
    ];
    const first = await metalab(...argv);
    expect([first.code, first.out.replace(/ in .*/, "")]).toEqual([0, "main@1: 8 runs (8 success)\n"]);
    const runs = await runsOf("main");
    for (const run of runs) expect(run.metrics["alpha_seen"]).toBe(run.params["alpha"]);
    const called = lines("calls.txt") as [string, number, string, boolean][];
    expect(called.map(([, beta, , fast]) => [beta, fast])).toEqual([
      ...[
        [1, true],
        [1, false],
        [2, true],
        [2, false],
        [1, true],
        [1, false],
        [2, true],
        [2, false],
      ],
    ]);

    const again = await metalab(...argv.map((word) => word.replace("1e-1, 2", "1e-1, 3")), "--model", "none");
    // Another argument makes other runs; the same ones with a larger size are known.
    expect(again.out).toContain("12 success");
    const more = await metalab(...argv.map((word) => word.replace("1e-1, 2", "1e-1, 3")));
    expect(more.out.replace(/ in .*/, "")).toBe("main@1: 12 runs (8 cached, 4 success)\n");
    expect((await metalab(...argv.slice(0, 6))).out).toContain("4 cached");
    expect(lines("calls.txt")).toHaveLength(16);
  });

  test("a search follows a metric in its output, and goes on by its name", async () => {
    const argv = [
      "--strategy",
      "tpe",
      "--metric",
      "acc=/val acc: ([\\d.]+)/",
      "--maximize",
      "acc",
      "--name",
      "searched",
    ];
    const script = ["main.py", "--alpha", "uniform(0, 1, 3)", "--beta", "(1, 5)", "--model", "x"];
    const { code, out, err } = await metalab("run", "--trials", "4", ...argv, ...script);
    expect([code, err]).toEqual([
      0,
      "--alpha: the search chooses from all of uniform(0, 1), so the size 3 is not used.\n",
    ]);
    expect(out).toMatch(
      /^searched@1: 4 runs \(4 success\) in .*\nBest acc: [\d.]+\n {2}python3 main.py --alpha 0\.\d+ --beta [1-4] --model x\n$/,
    );
    const longer = await metalab("run", "--json", "--trials", "6", ...argv, ...script);
    expect(longer.json).toMatchObject({ total: 6, cached: 4, success: 2, best: { metric: "acc" } });
    expect((await metalab("plan", "searched")).out).toContain("6 runs, 6 done, 0 to be run");
  });

  test("failures are recorded, and the code says so", async () => {
    const { code, json } = await metalab(
      "run",
      "--json",
      "--name",
      "failing",
      "main.py",
      "--beta",
      "[1, 99]",
    );
    expect([code, json]).toEqual([1, expect.objectContaining({ success: 1, failed: 1 })]);
    const failed = (await runsOf("failing")).find(({ status }) => status === "failed");
    expect(failed?.error?.message).toContain("no such beta");
  });

  test("a run without its objective has failed", async () => {
    const { code } = await metalab("run", "--json", "--name", "aimless", "--minimize", "losss", "main.py");
    expect(code).toBe(1);
    expect((await runsOf("aimless"))[0]?.error?.message).toContain("loss");
  });
});

describe("any script", () => {
  test("gets each argument as it is, whatever is in it", async () => {
    const hostile = "a 'b' \"c\" $(touch x) `y` ; | & \\ * \n é";
    await metalab("run", "--name", "hostile", "echo.cjs", "--x", hostile, "-", "", "--", "--y", "[1, 2]");
    expect(lines("words.txt")).toEqual([["--x", hostile, "-", "", "--", "--y", "[1, 2]"]]);
  });

  test("some combinations at random are some of all, each once", async () => {
    const script = ["echo.cjs", "--x", "(0, 20)", "--y", "[a, b]"];
    const { json } = await metalab(
      "run",
      "--json",
      "--strategy",
      "random_search",
      "--trials",
      "7",
      "--name",
      "some",
      ...script,
    );
    expect(json).toMatchObject({ total: 7, success: 7 });
    const seen = lines("words.txt").map(String);
    expect(new Set(seen).size).toBe(7);
    const all = await metalab(
      "run",
      "--json",
      "--strategy",
      "random_search",
      "--trials",
      "99",
      "--name",
      "some",
      ...script,
    );
    expect(all.json).toMatchObject({ total: 40, cached: 7, success: 33 });
    lines("words.txt");
  });

  test("replicates have seeds of their own, and options are kept for who goes on", async () => {
    const argv = [
      "run",
      "--name",
      "twice",
      "--replicates",
      "2",
      "--tag",
      "t",
      "--style",
      "equals",
      "echo.cjs",
      "--x",
      "[1, 2]",
    ];
    expect((await metalab(...argv)).out).toContain("twice@1: 4 runs (4 success)");
    expect(lines("words.txt")).toEqual([["--x=1"], ["--x=1"], ["--x=2"], ["--x=2"]]);
    expect((await metalab("worker", "twice")).out).toContain("4 cached");
    expect((await metalab("run", "--no-resume", ...argv.slice(1))).out).toContain("4 success");
    expect(lines("words.txt")).toHaveLength(4);
  });

  test("a budget ends the sweep with 3", async () => {
    const { code } = await metalab(
      "run",
      "--name",
      "budget",
      "--budget-runs",
      "2",
      "echo.cjs",
      "--x",
      "(0, 9)",
    );
    expect([code, lines("words.txt").length]).toEqual([3, 2]);
  });

  test("--dry-run of 10^6 combinations prints the first, and runs nothing", async () => {
    const script = ["echo.cjs", "--x", "(0, 1000000)"];
    const { out, err } = await metalab("run", "--dry-run", "--limit", "2", "--name", "dry", ...script);
    expect(out).toMatch(/^.*echo\.cjs --x 0\n.*echo\.cjs --x 1\n$/);
    expect(err).toBe("… 999998 more; --limit all prints them.\n");
    const { json } = await metalab("run", "--dry-run", "--limit", "1", "--json", "--name", "dry", ...script);
    expect(json).toMatchObject({ trials: 1_000_000, commands: [[process.execPath, "echo.cjs", "--x", "0"]] });
    expect(await runsOf("hostile")).toHaveLength(1);
    await expect(runsOf("dry")).rejects.toThrow("dry");
  });

  test("--follow prints what it prints", async () => {
    const { err } = await metalab("run", "--follow", "--name", "followed", "echo.cjs", "--x", "5");
    expect(err).toContain('[0] {"count":2,"x":5}\n');
    lines("words.txt");
  });

  test.each([
    [[], "the argument <script> is missing"],
    [["ehco.cjs"], 'got no such file. Did you mean "echo.cjs"?'],
    [["--trials", "3", "echo.cjs"], "Say --strategy random_search"],
    [["--strategy", "random_search", "echo.cjs"], "needs --trials"],
    [["--strategy", "tpa", "echo.cjs"], "Did you mean tpe?"],
    [["--strategy", "tpe", "--trials", "3", "echo.cjs"], "Say --minimize or --maximize"],
    [["--pruner", "median", "echo.cjs"], "--pruner goes with a search"],
    [["--metric", "loss", "echo.cjs"], "--metric loss needs a direction"],
    [["--direction", "minimize", "echo.cjs"], "--direction minimize needs a metric"],
    [["--minimize", "a", "--maximize", "a", "echo.cjs"], "a is to be minimized and maximized"],
    [["--literal", "yy", "echo.cjs", "--x", "1"], "--literal: names a flag of the script"],
    [["--interpreter", "nothing-here", "echo.cjs"], "--interpreter: a program that is on the PATH"],
    [["--numpy-seed", "4294967296", "echo.cjs"], "an integer from 0 and below 2^32"],
    [["echo.cjs", "--x", "(1, 2, 0)"], "  (1, 2, 0)\n         ^"],
  ])("%j is wrong", async (argv, message) => {
    const { code, out, err } = await metalab("run", ...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).not.toMatch(/ {4}at |\(\): /);
  });

  test("options behind the script are pointed out", async () => {
    const { err } = await metalab("run", "--dry-run", "echo.cjs", "--trials", "3");
    expect(err).toBe(
      "--trials stands behind the script, so the script gets it. Options of metalab stand before the script.\n",
    );
  });
});

test.each([
  ["nosuch.py", "is not there"],
  ["echo.cjs/x", "is not there"],
  [".", "is no file"],
])("--source %s is refused, since its edits would go unnoticed", async (path, told) => {
  const { code, err } = await metalab("run", "--source", path, "echo.cjs", "--x", "1");
  expect(code).toBe(2);
  expect(err).toContain(`--source: a file that is code, got ${JSON.stringify(path)}, which ${told}.`);
  writeFileSync(
    join(scratch.folder, "sources.yaml"),
    `search_space: { x: [1, 2] }\nmetric: x\nsources: [${path}]\ncommand: node echo.cjs\n`,
  );
  expect((await metalab("search", "-c", "sources.yaml")).err).toContain(`sources.yaml: sources: a file that`);
});
