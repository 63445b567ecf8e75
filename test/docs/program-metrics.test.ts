import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { fencedBlocks } from "../helpers/doc-examples.ts";
import { hasPython, programs } from "../helpers/programs.ts";

const box = programs();
afterAll(() => box.remove());

const blocks = fencedBlocks(readFileSync(join(ROOT, "docs", "program-metrics.md"), "utf8"));
const block = (language: string, about: string): string => {
  const found = blocks.filter(({ info, lines }) => info[0] === language && lines.join("\n").includes(about));
  expect(found).toHaveLength(1);
  return found[0]!.lines.join("\n");
};

const seriesOf = async (argv: readonly string[]) => {
  const results = await box.sweep("", { argv: () => argv });
  const run = results.at(0)!;
  expect(run.error).toBeUndefined();
  return { metrics: run.metrics, loss: Array.from((await run.series("loss")).value) };
};

test.skipIf(!hasPython)("the lines for Python report", async () => {
  const code = `${block("python", "def report")}\nfor step in range(3):\n    report(step=step, loss=1 / (step + 1))\nreport(accuracy=float("nan"))\n`;
  const path = box.write("report.py", code);
  expect(await seriesOf(["python3", path])).toEqual({
    metrics: { loss: 1 / 3, accuracy: Number.NaN },
    loss: [1, 0.5, 1 / 3],
  });
  // Without metalab nothing happens.
  expect(spawnSync("python3", [path], { encoding: "utf8" })).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "",
  });
});

test("the lines for JavaScript report", async () => {
  const code = `${block("js", "report")}\nfor (let step = 0; step < 3; step++) report({ step, loss: 1 / (step + 1) });\n`;
  const path = box.write("report.mjs", code);
  expect(await seriesOf([process.execPath, path])).toEqual({
    metrics: { loss: 1 / 3 },
    loss: [1, 0.5, 1 / 3],
  });
  expect(spawnSync(process.execPath, [path], { encoding: "utf8" })).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "",
  });
});

test.skipIf(!hasPython)("the lines that look for the stop file end the program", () => {
  const path = box.write("stop.py", `${block("python", "METALAB_STOP_FILE")}\nprint("went on")\n`);
  const run = (stop: string) =>
    spawnSync("python3", [path], { encoding: "utf8", env: { ...process.env, METALAB_STOP_FILE: stop } })
      .stdout;
  expect(run(path)).toBe("");
  expect(run(join(box.folder, "nowhere"))).toBe("went on\n");
});
