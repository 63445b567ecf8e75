import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Experiment, grid, minimize, run, seeds } from "../../src/index.ts";
import { ROOT } from "../helpers/built.ts";
import { cli, scratchFolder } from "../helpers/cli.ts";
import { markdownExamples } from "../helpers/doc-examples.ts";

const page = readFileSync(join(ROOT, "docs", "python-metalab.md"), "utf8");

/** Every line of code of the page on hyperparameter search of metalab for Python. */
const THEIRS = `
uv run python examples/hypersearch/run.py
params = metalab.random(
    space={
        "lr": metalab.loguniform(1e-4, 1e-1),    # Log-uniform for learning rates
        "momentum": metalab.uniform(0.0, 0.99),   # Uniform for bounded params
    },
    n_trials=30,
    seed=123,  # Reproducible sampling
)
# First run: executes all runs
handle = metalab.run(exp, resume=True)
# Second run: skips completed, only runs new/failed
# Filter successful runs
successful = results.filter(status="success")
# Grouped display
results.display(group_by=["search_type"])
# Export to pandas DataFrame
df = results.table(as_dataframe=True)
grid_exp = metalab.Experiment(
    name="hypersearch_grid",
    params=metalab.grid(lr=[0.001, 0.01, 0.1], momentum=[0.0, 0.5, 0.9]),
    ...
random_exp = metalab.Experiment(
    name="hypersearch_random",
    params=metalab.random(space={...}, n_trials=30),
`;

const FEATURES = [
  ...["`metalab.random()`", "`loguniform()`, `uniform()`", "`resume=True`", "`results.filter()`"],
  ...["`results.display()`", "Multiple experiments", "Scatter Plot", "Grid vs Random", "Filtering by"],
  ...["Aggregation", "Run Comparison", "9 combinations", "27 trials", "total runs", "runtime"],
];

test("every line of Python has its snippet here", () => {
  const lines = new Set(page.split("\n"));
  expect(THEIRS.split("\n").filter((line) => line !== "" && !lines.has(line))).toEqual([]);
  // After each of their snippets stands one of ours.
  const kinds = [...page.matchAll(/^```(\w+)(?: \w+)?\n[\s\S]*?^```/gm)].map(([, kind]) => kind);
  for (const [at, kind] of kinds.entries()) if (kind === "python") expect(kinds[at + 1]).toBe("ts");
});

test.each(FEATURES)("%s has its row", (feature) => {
  const row = page.split("\n").find((line) => line.startsWith(`| ${feature}`));
  expect(row?.split("|")[2]?.trim()).toMatch(/\S/);
});

test("the commands for a shell work", async () => {
  const scratch = scratchFolder();
  try {
    for (const name of ["hypersearch_grid", "hypersearch_random"]) {
      const experiment = new Experiment({
        name,
        params: grid({ lr: [0.1, 0.2] }),
        seeds: seeds({ base: 1, replicates: 2 }),
        operation: ({ params, trial }) => ({ final_value: params.lr + trial.replicate }),
        objective: minimize("final_value"),
      });
      await run(experiment, { store: join(scratch.folder, "runs"), progress: false }).result();
    }
    const lines = page.split("\n").filter((line) => /^metalab /.test(line));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const { code, err } = await cli(line.split(" ").slice(1), { cwd: scratch.folder });
      expect([line, code, err]).toEqual([line, 0, ""]);
    }
  } finally {
    scratch.remove();
  }
});

test("all snippets are run as examples", () => {
  const run = markdownExamples("docs/python-metalab.md", page);
  expect(run.length).toBeGreaterThanOrEqual(1);
  for (const one of run) expect(one.run).toBe(true);
});
