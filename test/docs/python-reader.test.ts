import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Experiment, fileStore, grid, run, seeds } from "metalab";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { fencedBlocks } from "../helpers/doc-examples.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-python-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)("a store is read by the Python program in its description", async () => {
  const experiment = new Experiment({
    name: "read_elsewhere",
    version: "2",
    params: grid({ rate: [0.99, 0.999], label: ["a", "ü"] }),
    seeds: seeds({ base: 1, replicates: 2 }),
    operation: ({ params, seeds, capture }) => {
      let value = seeds.rng("start").uniform();
      for (let step = 0; step < 2000; step++) {
        value *= params.rate;
        capture.metric("value", value, { step });
        if (step % 100 === 0) capture.metric("noise", seeds.rng(`${step}`).normal(), { step });
      }
      return { value };
    },
  });
  const store = fileStore(folder);
  await run(experiment, { store, progress: false }).result();
  // Deliberately again: each id has two records now, and the later generation counts.
  const results = await run(experiment, { store, resume: false, progress: false }).result();

  const code = fencedBlocks(readFileSync(join(ROOT, "docs", "store-format.md"), "utf8"))
    .filter((block) => block.info[0] === "python")
    .map((block) => block.lines.join("\n"));
  expect(code).toHaveLength(2);
  const script = join(folder, "read.py");
  writeFileSync(script, code.join("\n\n"));
  const done = spawnSync("python3", [script, join(folder, "experiments", "read_elsewhere@2")], {
    encoding: "utf8",
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
  });
  expect(done.stderr).toBe("");

  const told = done.stdout.trim().split("\n").sort();
  const expected: string[] = [];
  for (const one of results) {
    const id = one.id.slice(0, 12);
    const metrics = Object.entries(one.metrics).map(
      ([name, value]) => `'${name}': ${pythonText(Number(value))}`,
    );
    expected.push(
      `${id} success {'rate': ${one.params.rate}, 'label': '${one.params.label}'} {${metrics.join(", ")}}`,
    );
    for (const name of ["value", "noise"]) {
      const series = await one.series(name);
      expected.push(`${id} ${name} ${series.length} ${pythonText(series.value.at(-1)!)}`);
    }
  }
  expect(told).toEqual(expected.sort());
});

/** Python writes exponents with two digits at least, and numbers below 1e-4 with an exponent. */
function pythonText(value: number): string {
  const text = Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
