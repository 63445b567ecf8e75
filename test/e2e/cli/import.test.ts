import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run as sweep } from "../../../src/run/run.ts";
import { ROOT } from "../../helpers/built.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";

const FIXTURES = join(ROOT, "test", "fixtures", "import");

let scratch = scratchFolder();
const run = (...argv: readonly string[]) => cli(argv, { cwd: scratch.folder });

beforeEach(() => {
  scratch = scratchFolder();
  cpSync(join(FIXTURES, "study.journal"), join(scratch.folder, "study.journal"));
});
afterEach(() => scratch.remove());

test("imports, and imports only what is new", async () => {
  const first = await run("import", "study.journal", "--store", "all");
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out.split("\n")).toEqual([
    "digits-net@optuna: 7 runs added.",
    "front@optuna: 2 runs added.",
    "1 unfinished run left out.",
    "",
  ]);
  const second = await run("import", "study.journal", "--store", "all");
  expect(second.out).toContain("digits-net@optuna: 0 runs added, 7 known already.");
  const listed = await run("ls", "--store", "all", "--json");
  expect(listed.json).toMatchObject({
    experiments: [
      { name: "digits-net", version: "optuna", runs: 7 },
      { name: "front", version: "optuna", runs: 2 },
    ],
  });
});

test("what was imported is ranked and shown as any runs are", async () => {
  await run("import", "study.journal");
  const { json } = await run("best", "digits-net", "--json");
  // lr 0.00046689… and 3 layers: the least of what was finished, as Optuna says too.
  expect(json).toMatchObject({ best: [{ values: { value: 0.0014006849561126677 } }] });
  const { best } = json as { readonly best: readonly { readonly ids: readonly string[] }[] };
  const shown = await run("show", best[0]!.ids[0]!);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain("0.00046689");
  const { out } = await run("ls", "digits-net", "--filter", "status = 'pruned'");
  expect(out).toContain("pruned");
});

test("tells what was imported as JSON, and all of a folder", async () => {
  const { json, code } = await run("import", join(FIXTURES, "mlruns"), "--name", "nets", "--json");
  expect(code).toBe(0);
  expect(json).toEqual({
    store: join(scratch.folder, "runs"),
    tool: "mlflow",
    experiments: [{ name: "nets", version: "mlflow", added: 4, known: 0 }],
    added: 4,
    known: 0,
    unfinished: 1,
    lost: [],
  });
});

test("ends with 1 where something was lost", async () => {
  const path = join(scratch.folder, "study.journal");
  writeFileSync(path, readFileSync(path, "utf8").replace('{"op_code":2', '\u001b[31m{"op_code":2'));
  const { code, out, err } = await run("import", "study.journal");
  expect(code).toBe(1);
  expect(out).toContain("7 runs added");
  expect(err).toContain("line 2 is no JSON");
});

test.each([
  [["import"], 2, "path"],
  [["import", "nothing"], 2, "got nothing there"],
  [["import", "."], 2, "Give the file"],
  [["import", "study.journal", "--name", "x"], 2, "is for a source with one experiment"],
  [["import", join(FIXTURES, "mlruns"), "--name", "a/b"], 2, "has the character /"],
])("%j is refused", async (argv, exit, told) => {
  const { code, out, err } = await run(...argv);
  expect([code, out]).toEqual([exit, ""]);
  expect(err).toContain(told);
});

test("an experiment of one's own that says imported in its metadata is none that was imported", async () => {
  const experiment = new Experiment({
    name: "prices",
    params: grid({ x: [1, 2] }),
    operation: ({ params }) => {
      if (params.x === 2) throw new Error("no such day");
      return { loss: params.x };
    },
    metadata: { imported: { tool: "download.sh" } },
  });
  const store = join(scratch.folder, "runs");
  const results = await sweep(experiment, { store, progress: "none" }).result();
  const why = await run("why", results.successful.at(0)!.id.slice(0, 12));
  expect(why.out).toContain("skipped while its code is the same");
  expect((await run("doctor")).out).toContain("metalab retry");
  expect((await run("plan", "prices")).err).toContain('"prices" was defined by a script');
});
