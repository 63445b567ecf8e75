import { afterAll, beforeAll, expect, test } from "vitest";
import { ownModule } from "../../src/errors.ts";
import { createSandbox, type Sandbox } from "../helpers/sandbox.ts";

let box: Sandbox;
beforeAll(async () => {
  box = await createSandbox();
});
afterAll(() => box.remove());

/** Tries verbs while the files of metalab are away, which were there when it was imported. */
const SCRIPT = `
  import { mkdirSync, renameSync, rmdirSync } from "node:fs";
  import * as metalab from "metalab";
  const { Experiment, grid, memoryStore, plot, run } = metalab;
  const experiment = new Experiment({ name: "changed", params: grid({ x: [1, 2] }), operation: ({ params }) => ({ y: params.x }) });
  const store = memoryStore();
  const sweep = (options) => run(experiment, { store, progress: false, ...options }).result();
  const results = process.argv[2] === "later" ? await sweep() : undefined;
  const dist = new URL("./node_modules/metalab/dist", import.meta.url);
  const away = new URL("./away", import.meta.url);
  renameSync(dist, away);
  mkdirSync(dist);
  const verbs = results === undefined
    ? {
        run: () => sweep(),
        plan: () => metalab.plan(experiment, { store }),
        accept: () => metalab.accept(experiment, { store }),
      }
    : {
        processes: () => sweep({ store: "elsewhere", workers: 2 }),
        threads: () => sweep({ store: "elsewhere", executor: metalab.threads() }),
        gc: () => metalab.gc(store, { keepBest: 1 }),
        plot: () => plot(results, "slice"),
        report: () => metalab.report(results, "report.html"),
      };
  for (const [verb, call] of Object.entries(verbs)) {
    const told = await call().catch((error) => error);
    console.log(verb, told.name, told.code, told.message);
  }
  rmdirSync(dist);
  renameSync(away, dist);`;

test.each([
  ["at once", ["run", "plan", "accept"]],
  ["later", ["processes", "threads", "gc", "plot", "report"]],
])("a program under which metalab is replaced is told to start again: %s", async (when, verbs) => {
  box.write("replaced.mjs", SCRIPT);
  const { out, err } = await box.node(["replaced.mjs", when]);
  expect(err).toBe("");
  const lines = out.trim().split("\n");
  expect(lines.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual(
    verbs.map((verb) => `${verb} ExecutorError METALAB_FILES_CHANGED`),
  );
  for (const line of lines) expect(line).toMatch(/Start it again: .* Cannot find module .*dist/);
});

test("a package that is missing is not taken for that", async () => {
  const error = Object.assign(new Error("Cannot find package 'no-such-package'"), {
    code: "ERR_MODULE_NOT_FOUND",
  });
  await expect(ownModule(Promise.reject(error))).rejects.toBe(error);
});
