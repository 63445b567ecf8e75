import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { compareStrategies, loadResults } from "../../../src/index.ts";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);
const calls = join(scratch.folder, "calls.txt");
beforeEach(() => rmSync(calls, { force: true }));

const hasPython = spawnSync("python3", ["-c", ""]).status === 0;

/** A script that can take arguments, and knows nothing of us: writes what it was given. */
writeFileSync(
  join(scratch.folder, "main.py"),
  `import argparse, json
p = argparse.ArgumentParser()
for name, kind in dict(layers=int, learning_rate=float, batch_size=int, model=str, alpha=float, beta=int).items():
    p.add_argument("--" + name, type=kind)
p.add_argument("--do_something", action="store_true")
given = {name: value for name, value in vars(p.parse_args()).items() if value is not None and value is not False}
with open("calls.txt", "a") as calls:
    calls.write(json.dumps(given) + "\\n")
if "alpha" in given:
    print(json.dumps({"val_acc": 1 - abs(given["alpha"] - 0.05)}))
`,
);

function metalab(...argv: readonly string[]): Promise<CliEnded> {
  const { PATH = "" } = process.env;
  return cli(["run", "--no-resume", ...argv], { cwd: scratch.folder, env: { PATH } });
}

function given(): readonly Readonly<Record<string, unknown>>[] {
  if (!existsSync(calls)) return [];
  const lines = readFileSync(calls, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const UNIFORM = ["--alpha", "uniform(1e-5, 1e-1, 3)"];
const BETA = ["--beta", "[1, 2, 3, 4]"];

describe.skipIf(!hasPython)("Grid's page, line by line", () => {
  test.each<[string, readonly string[], readonly Readonly<Record<string, unknown>>[]]>([
    ["arguments", ["--layers", "32", "--learning_rate", "0.01"], [{ layers: 32, learning_rate: 0.01 }]],
    ["boolean", ["--do_something"], [{ do_something: true }]],
    ["float", ["--learning_rate", "0.01"], [{ learning_rate: 0.01 }]],
    ["scientific notation", ["--learning_rate", "1e-2"], [{ learning_rate: 0.01 }]],
    ["int", ["--batch_size", "32"], [{ batch_size: 32 }]],
    ["string", ["--model", "bert"], [{ model: "bert" }]],
    ["list", ["--layers", "[32, 64, 128]"], [{ layers: 32 }, { layers: 64 }, { layers: 128 }]],
    ["range", ["--layers", "(1, 10, 2)"], [1, 3, 5, 7, 9].map((layers) => ({ layers }))],
    [
      "string list",
      ["--model", "['resnet18' 'transformer', 'resnet50']"],
      [{ model: "resnet18" }, { model: "transformer" }, { model: "resnet50" }],
    ],
  ])("%s", async (_, argv, jobs) => {
    expect((await metalab("main.py", ...argv)).code).toBe(0);
    expect(given()).toEqual(jobs);
  });

  test("a distribution gives as many draws as its size says, those of NumPy's seed", async () => {
    expect((await metalab("--numpy-seed", "0", "main.py", ...UNIFORM)).code).toBe(0);
    // >>> np.random.seed(0); np.random.uniform(1e-5, 1e-1, 3)
    // array([0.05488586, 0.07152178, 0.06028031])
    expect(given().map(({ alpha }) => Number(alpha).toFixed(8))).toEqual([
      "0.05488586",
      "0.07152178",
      "0.06028031",
    ]);
  });

  test("grid search is 3 x 4 = 12 jobs, the first flag slowest", async () => {
    await metalab("main.py", ...UNIFORM, ...BETA);
    const jobs = given();
    expect(jobs.map(({ beta }) => beta)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
    for (const start of [0, 4, 8]) {
      expect(new Set(jobs.slice(start, start + 4).map(({ alpha }) => alpha)).size).toBe(1);
    }
    expect(new Set(jobs.map(({ alpha }) => alpha)).size).toBe(3);
  });

  test("random search is 3 of these 12", async () => {
    await metalab("main.py", ...UNIFORM, ...BETA);
    const all = given();
    rmSync(calls);
    await metalab("--strategy", "random_search", "--trials", "3", "main.py", ...UNIFORM, ...BETA);
    const some = given();
    expect(new Set(some.map((job) => JSON.stringify(job))).size).toBe(3);
    for (const job of some) expect(all).toContainEqual(job);
  });
});

test.skipIf(process.platform === "win32")(
  "what Bayesian optimization gains over random search is told",
  async () => {
    writeFileSync(join(scratch.folder, "score.sh"), '#!/bin/sh\necho "{\\"loss\\": $2}"\n', { mode: 0o755 });
    for (const seed of ["1", "2", "3"]) {
      for (const [strategy, alpha] of [
        ["gp", "uniform(0, 1)"],
        ["random_search", "uniform(0, 1, 12)"],
      ] as const) {
        const argv = ["--strategy", strategy, "--trials", "12", "--minimize", "loss", "--seed", seed];
        const { code } = await metalab(
          ...argv,
          "--name",
          `${strategy}-${seed}`,
          "score.sh",
          "--alpha",
          alpha,
        );
        expect(code).toBe(0);
      }
    }
    const of = (strategy: string) =>
      Promise.all(
        [1, 2, 3].map((seed) =>
          loadResults(join(scratch.folder, "runs"), { experiment: `${strategy}-${seed}` }),
        ),
      );
    const names = ["gp", "random_search"] as const;
    const found = compareStrategies(await Promise.all(names.map(of)), { names });
    expect(found.budget).toBe(12);
    expect(found.strategies.map(({ repeats }) => repeats)).toEqual([3, 3]);
    expect(found.beats("gp", "random_search", 12)).toBe(1);
  },
);
