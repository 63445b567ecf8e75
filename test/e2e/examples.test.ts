import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../helpers/built.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-examples-"));

beforeAll(ensureBuilt);
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Starts an example as its README line does, in a folder of its own. */
function start(name: string, folder: string): ChildProcess {
  const jiti = join(ROOT, "node_modules", "jiti", "lib", "jiti-cli.mjs");
  return spawn(process.execPath, [jiti, join(ROOT, "examples", name, "run.ts")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let out = "";
  let err = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

function folderFor(name: string): string {
  return mkdtempSync(join(work, `${name}-`));
}

async function finish(name: string, folder = folderFor(name)): Promise<string> {
  const { code, out, err } = await outcome(start(name, folder));
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

describe("examples", () => {
  test("hypersearch compares both searches and skips all 108 runs the second time", async () => {
    const out = await finish("hypersearch");
    expect(out).toContain("grid: 27 of 27 successful");
    expect(out).toContain("random: 81 of 81 successful");
    expect(out).toMatch(/steps to converge: n=81, mean \d+ ± \d+, from \d+ to 10000/);
    expect(out).toMatch(/"value" has 10000 steps/);
    expect(out).toMatch(/Arrow: 108 rows × \d+ columns/);
    expect(out).toMatch(/danfo: 108 rows × \d+ columns/);
    expect(out).toContain("108 of 108 runs skipped");
    for (const lr of ["0.001", "0.01", "0.1"]) expect(out).toMatch(new RegExp(`^\\s*${lr}\\s+9\\b`, "m"));
    expect(out).toMatch(/^\s*grid\s+27\b/m);
    expect(out).toMatch(/^\s*random\s+81\b/m);
  });

  test.each(["SIGKILL", "SIGINT"] as const)("hypersearch goes on where a %s stopped it", async (signal) => {
    // A sweep takes a fraction of a second, so some signals come too late; most do not.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const folder = folderFor("hypersearch");
      const first = start("hypersearch", folder);
      const ended = outcome(first);
      const begun = join(folder, "runs", "experiments", "hypersearch_grid@0.1", "segments");
      while (!existsSync(begun) && first.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      first.kill(signal);
      const { out } = await ended;
      if (first.signalCode !== signal || out.includes("successful")) continue;

      const again = await finish("hypersearch", folder);
      expect(again).toContain("random: 81 of 81 successful");
      expect(again).toContain("108 of 108 runs skipped");
      return;
    }
    throw new Error(`no ${signal} came in time in 20 attempts`);
  });

  test("pi estimates π ever closer", async () => {
    const out = await finish("pi");
    expect(out).toMatch(/^100000 samples: π ≈ 3\.1[34]/m);
  });

  test("curve-fit keeps series, artifacts and logs", async () => {
    const out = await finish("curve-fit");
    expect(out).toMatch(/best run [0-9a-f]{12}: loss .* in 2000 steps/);
    expect(out).toMatch(/fitted curve: 50 points/);
    expect(out).toMatch(/log: fitted a=2\.[45]\d\d, b=1\.[23]\d\d/);
  });

  test("optimizers runs all 180 combinations", async () => {
    const out = await finish("optimizers");
    expect(out).toContain("180 of 180 runs successful");
    for (const problem of ["sphere", "rosenbrock", "ackley"])
      expect(out).toMatch(new RegExp(`^${problem}$`, "m"));
  });

  test("http keeps many calls in flight and is never refused", async () => {
    const out = await finish("http");
    expect(out).toContain("72 of 72 successful, 0 refused by the server");
    expect(out).toContain("best: friendly at temperature 0.4, score 1");
  });

  test("hyperparameter_search_example searches by grid and at random, analyses, keeps and reloads", async () => {
    const folder = folderFor("hyperparameter_search_example");
    const out = await finish("hyperparameter_search_example", folder);
    for (const file of ["convergence.png", "importance.png", "lr_vs_score.png", "report.html"]) {
      expect(statSync(join(folder, file)).size).toBeGreaterThan(5_000);
    }
    expect(out).toMatch(/^val_loss \(minimize\): best 0\.1/m);
    expect(out).toMatch(/^the fifth best has val_loss 0\.\d{4}$/m);
    expect(out).toMatch(/^grid: 9 trials, best val_loss 0\.\d{4}$/m);
    expect(out).toMatch(/^random: 30 trials, best val_loss 0\.[01]\d{3}$/m);
    expect(out).toContain("9 rows are tagged grid_search, of 39");
    expect(out).toContain("saved and loaded: 30 trials");
  });

  test("search_comparison_example compares all methods with 36 trials each", async () => {
    const out = await finish("search_comparison_example");
    for (const name of ["grid", "random", "bayesian", "two stages"]) {
      expect(out).toMatch(new RegExp(`^${name} +(0\\.\\d{4} *){4}$`, "m"));
    }
    expect(out).toContain("auto(), 30 trials");
  });
});
