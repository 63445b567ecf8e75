import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { ensureBuilt, ROOT } from "../../helpers/built.ts";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";
import { ended } from "../../helpers/sandbox.ts";

beforeAll(ensureBuilt);

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const env = { PATH: process.env["PATH"] ?? "" };
const metalab = (...argv: readonly string[]): Promise<CliEnded> => cli(argv, { cwd: scratch.folder, env });
const at = (path: string): string => join(scratch.folder, path);
const write = (path: string, text: string): void => writeFileSync(at(path), text, { mode: 0o755 });

interface Answer {
  readonly trials: number;
  readonly success: number;
  readonly pruned: number;
  readonly failed: number;
  readonly best: { readonly params: Readonly<Record<string, unknown>>; readonly value: number };
}

/** Its loss is the sum of its arguments: \`./sum.sh --a 0.3 --b 4\`. */
const SUM = `#!/bin/sh
total=0
while [ $# -gt 0 ]; do
  case $1 in --*) ;; *) total=$(awk "BEGIN { printf \\"%.17g\\", $total + $1 }") ;; esac
  shift
done
echo "{\\"loss\\": $total}"
`;

describe.skipIf(process.platform === "win32")("what the guide of ml-search names", () => {
  test.each([
    ["{ type: TPESampler, n_startup_trials: 4 }", "tpe"],
    ["{ type: RandomSampler }", "random"],
    ["{ type: CmaEsSampler }", "cmaes"],
    ["{ type: GridSampler }", "grid"],
  ])("sampler: %s", async (sampler, name) => {
    write("sum.sh", SUM);
    write(
      "search.yaml",
      `
study_name: sampled
metric: loss
sampler: ${sampler}
search_space:
  a: { type: uniform, low: 1, high: 2${name === "grid" ? ", step: 0.5" : ""} }
  b: { type: int, low: 3, high: 5 }
  c: { type: categorical, choices: [10, 20] }
${name === "grid" ? "" : "  d: { type: loguniform, low: 1e-3, high: 1e-1 }"}
`,
    );
    const argv = ["search", "-c", "search.yaml", "--n-trials", "18", "--json", "--", "./sum.sh"];
    const { code, json } = await metalab(...argv);
    expect([code, json]).toEqual([0, expect.objectContaining({ trials: 18, success: 18 })]);
    const { best } = json as Answer;
    const sum = Object.values(best.params).reduce<number>((total, value) => total + Number(value), 0);
    expect(best.value).toBeCloseTo(sum, 10);
    // All of the 3 × 3 × 2 combinations were tried.
    if (name === "grid") expect(best.params).toEqual({ a: 1, b: 3, c: 10 });
    const [manifest] = await fileStore(at("runs")).experiments();
    expect(manifest?.params).toMatchObject({ sampler: { name } });
  });

  test.each([
    "{ type: MedianPruner, n_startup_trials: 2, n_warmup_steps: 2 }",
    "{ type: PercentilePruner, percentile: 25, n_startup_trials: 2 }",
    "{ type: HyperbandPruner, min_resource: 1, max_resource: 30, reduction_factor: 3 }",
  ])(
    "pruner: %s",
    async (pruner) => {
      write(
        "train.sh",
        `#!/bin/sh
for step in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do
  echo "{\\"step\\": $step, \\"loss\\": $2}"
  sleep 0.02
done
`,
      );
      write(
        "search.yaml",
        `
study_name: pruned
metric: loss
sampler: RandomSampler
pruner: ${pruner}
search_space: { x: { type: uniform, low: 0, high: 1 } }
`,
      );
      const { code, json } = await metalab(
        ...["search", "-c", "search.yaml", "--n-trials", "12", "--json", "--", "./train.sh"],
      );
      expect(code).toBe(0);
      const { success, pruned, failed, best } = json as Answer;
      expect([success + pruned, failed]).toEqual([12, 0]);
      expect(pruned).toBeGreaterThan(0);
      expect(best.value).toBe(best.params["x"]);
      for (const type of ["optimization_history", "param_importances", "slice", "intermediate_values"]) {
        const drawn = await metalab("plot", "--study-name", "pruned", "--type", type, "-o", `${type}.svg`);
        expect([drawn.code, drawn.err]).toEqual([0, ""]);
        expect(readFileSync(at(`${type}.svg`), "utf8")).toMatch(/^<svg/);
      }
    },
    120_000,
  );

  test("plots of two and more parameters, also as PNG", async () => {
    write("sum.sh", SUM);
    write(
      "search.yaml",
      "study_name: two\nmetric: loss\nsampler: grid\nsearch_space: { opt.lr: [1, 2, 3], opt.bs: [4, 5] }\n",
    );
    await metalab("search", "-c", "search.yaml", "-n", "6", "--", "./sum.sh");
    const drawn = await metalab(
      "plot",
      "--study-name",
      "two",
      "--type",
      "parallel_coordinate",
      "-o",
      "p.png",
    );
    expect([drawn.code, drawn.err]).toEqual([0, ""]);
    expect(readFileSync(at("p.png")).subarray(1, 4).toString()).toBe("PNG");
    const argv = ["plot", "--study-name", "two", "--type", "contour", "--params", "lr", "bs", "-o", "c.svg"];
    expect((await metalab(...argv)).code).toBe(0);
    expect(readFileSync(at("c.svg"), "utf8")).toContain("opt.bs");
  });

  test("cross-validation judges a trial by the mean of its folds", async () => {
    write("fold.sh", '#!/bin/sh\necho "{\\"loss\\": $METALAB_FOLD}"\n');
    write(
      "search.yaml",
      `
study_name: folded
metric: loss
search_space: { x: [1, 2] }
cross_validation:
  enabled: true
  n_folds: 5
  aggregation: 'mean'
`,
    );
    const { json } = await metalab("search", "-c", "search.yaml", "-n", "2", "--json", "--", "./fold.sh");
    expect(json).toMatchObject({ trials: 2, runs: 10, success: 10, best: { value: 2 } });
  });

  test.each([
    ["replicates: 2", "Best mean loss: 1\n"],
    ["cross_validation: { n_folds: 2 }", "Best loss over folds: 1\n"],
    ["", "Best loss: 1\n"],
  ])("the end says what its best is the best of: %j", async (setting, told) => {
    write("one.sh", '#!/bin/sh\necho "{\\"loss\\": 1}"\n');
    write("search.yaml", `study_name: told\nmetric: loss\nsearch_space: { x: [1, 2] }\n${setting}\n`);
    const { out } = await metalab("search", "-c", "search.yaml", "-n", "2", "--", "./one.sh");
    expect(out).toContain(told);
  });

  test("processes on one store share the trials out", async () => {
    write("slow.sh", '#!/bin/sh\necho $PPID >> calls.txt\nsleep 0.1\necho "{\\"loss\\": $2}"\n');
    write(
      "search.yaml",
      "study_name: shared\nmetric: loss\nlag: 4\nsampler: tpe\nsearch_space: { x: { type: uniform, low: 0, high: 1 } }\n",
    );
    const argv = ["search", "-c", "search.yaml", "--total", "24", "--json", "--", "./slow.sh"];
    const processes = [1, 2].map(() =>
      ended(
        spawn(process.execPath, [join(ROOT, "dist", "cli", "main.js"), ...argv], {
          cwd: scratch.folder,
          stdio: ["ignore", "pipe", "pipe"],
        }),
      ),
    );
    for (const { code, out } of await Promise.all(processes)) {
      expect([code, JSON.parse(out)]).toEqual([
        0,
        expect.objectContaining({ trials: 24, runs: 24, success: 24 }),
      ]);
    }
    const callers = readFileSync(at("calls.txt"), "utf8").trimEnd().split("\n");
    expect(callers).toHaveLength(24);
    expect(new Set(callers).size).toBe(2);
  }, 120_000);

  test.each(["conservative", "comprehensive", "architecture"])(
    "the preset %s is searched as it is written",
    async (preset) => {
      expect((await metalab("init", "--preset", preset, "--name", "d", "--yes")).code).toBe(0);
      write("train.sh", '#!/bin/sh\necho "{\\"val_acc\\": 0.5}"\n');
      const argv = ["search", "-c", "configs/d_config.yaml", "-n", "3", "--json", "--", "./train.sh"];
      const { code, json } = await metalab(...argv);
      expect([code, json]).toEqual([0, expect.objectContaining({ trials: 3, success: 3 })]);
      expect(existsSync((json as { best: { config: string } }).best.config)).toBe(true);
    },
  );
});
