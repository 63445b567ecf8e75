import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { pythonFor } from "../helpers/python.ts";
import { createSandbox, type Ended, type Sandbox } from "../helpers/sandbox.ts";

const python = pythonFor("examples/sklearn", "sklearn", "scikit-learn");

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
  for (const name of ["yaml", "jiti"])
    symlinkSync(join(ROOT, "node_modules", name), sandbox.path("node_modules", name));
});
afterAll(() => sandbox.remove());

/** The words of a command line, in which single and double quotes hold blanks together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
}

/** Types the commands of an example's README into a copy of it, one after the other; the copy and what came of each. */
async function followed(
  name: string,
): Promise<{ readonly folder: string; readonly done: Map<string, Ended> }> {
  const folder = sandbox.path(name);
  mkdirSync(folder);
  cpSync(join(ROOT, "examples", name), folder, { recursive: true });
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = ""]) =>
    text.trim().split("\n"),
  );
  const path = [...(python === undefined ? [] : [dirname(python)]), process.env["PATH"]].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: "1", METALAB_STORE: undefined };
  const done = new Map<string, Ended>();
  for (const line of lines) {
    if (/^(npm|pip) install /.test(line)) continue;
    const [npx, program, ...words] = wordsOf(line);
    expect(npx, line).toBe("npx");
    const file = program === "jiti" ? ["jiti", "lib", "jiti-cli.mjs"] : ["metalab", "dist", "cli.js"];
    const ended = await sandbox.node([sandbox.path("node_modules", ...file), ...words], {
      cwd: folder,
      env,
      timeout: 240_000,
    });
    expect(ended.code, `${line}\n${ended.out}${ended.err}`).toBe(0);
    done.set(done.has(line) ? `${line} (again)` : line, ended);
  }
  return { folder, done };
}

describe("the commands in the READMEs of examples, as they are written", () => {
  test("train: a model in TypeScript on real data", { timeout: 300_000 }, async () => {
    const { folder, done } = await followed("train");
    const out = (line: string): string => done.get(`npx metalab ${line}`)!.out;

    expect(out("train -c config.yaml")).toMatch(/^validation: loss 0\.38\d+, accuracy 0\.8\d+$/m);
    const searched = out("search -c config.yaml");
    expect(searched).toMatch(/^Study penguins: 80 runs, \d+ successful, [1-9]\d* pruned, 0 failed\.$/m);
    // Much better than the settings that the file begins with.
    expect(Number(/^Best mean val_loss: (.*)$/m.exec(searched)![1])).toBeLessThan(0.25);
    expect(out("best penguins")).toMatch(/^val_loss 0\.\d+ over 2 replicates/);
    expect(out("compare penguins --by batch_size")).toContain("val_loss (minimize) by training.batch_size");
    expect(out("plot param_importances -e penguins")).toMatch(/^ *optimizer\.lr/m);
    expect(out("compare penguins-train --by lr")).toContain("0.01");
    expect(out("search -c config.yaml --resume -n 10")).toContain("Study penguins: 100 runs");
    expect(out("search -c config.yaml --epochs 10 --study-name quick -n 10")).toContain(
      "Study quick: 20 runs",
    );
    for (const file of ["contour.svg", "penguins.html", "penguins.parquet"])
      expect(statSync(join(folder, file)).size).toBeGreaterThan(1_000);
  });

  test("llm: every answer is paid for once", { timeout: 120_000 }, async () => {
    const { folder, done } = await followed("llm");

    const first = done.get("npx jiti run.ts")!.out;
    expect(first).toMatch(/^with 0\.02 usd: (\d\d|[12]\d\d) of 300 answers$/m);
    expect(first).toMatch(/^stopped by budget\.cost \(0\.02 usd, used 0\.02\d*\)$/m);
    expect(first).toMatch(/^then: 300 answers, (\d\d|[12]\d\d) of them from before$/m);
    expect(first).toMatch(/^reasoning has the highest mean correct, 0\.94, and is better than all 2 others/m);
    expect(first).toMatch(/^\d+ requests, up to \d+ at once; \d+ times 429, [1-9]\d* times 500$/m);
    const second = done.get("npx jiti run.ts (again)")!.out;
    expect(second).toContain("then: 300 answers, 300 of them from before");
    expect(second).toContain("0 requests");
    expect(done.get("npx metalab compare prompts_for_sums --by prompt")!.out).toContain(
      "Differences, paired",
    );
    expect(readFileSync(join(folder, "answers.csv"), "utf8").trim().split("\n")).toHaveLength(301);
  });

  test.skipIf(python === undefined)("sklearn: an ordinary script", { timeout: 600_000 }, async () => {
    const { folder, done } = await followed("sklearn");
    const out = (line: string): string => done.get(`npx metalab ${line}`)!.out;

    const searched = out("search -c config.yaml");
    expect(searched).toMatch(/^Study digits: 36 runs, \d+ successful, [1-9]\d* pruned, 0 failed\.$/m);
    expect(Number(/^Best val_acc over folds: (.*)$/m.exec(searched)![1])).toBeGreaterThan(0.95);
    expect(out("compare digits --by model")).toContain("val_acc (maximize) by model");
    expect(out("train -c runs/studies/digits/best_config.yaml")).toMatch(/^epoch 11: /m);
    expect(out("train -c runs/studies/digits/best_config.yaml --epochs 30")).toMatch(/^epoch 29: /m);
    expect(out("search -c config.yaml --resume -n 6")).toContain("Study digits: 54 runs");
    expect(existsSync(join(folder, "plots", "digits", "optimization-history.svg"))).toBe(true);
    const [header = "", ...rows] = readFileSync(join(folder, "digits.csv"), "utf8").trim().split("\n");
    expect(header.split(",")).toContain("params.hidden");
    expect(rows).toHaveLength(36);
  });
});
