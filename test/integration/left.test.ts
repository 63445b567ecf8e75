import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompiledScript, compile } from "../helpers/compile.ts";

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { Experiment, grid, run } from "metalab";
    const [store, kind] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "left",
      params: grid({ x: [0, 1, 2] }),
      operation: async ({ params }) => {
        if (params.x === 1 && kind === "exit") process.exit(7);
        if (params.x === 1 && kind === "never") await new Promise(() => undefined);
        return { y: params.x };
      },
    });
    const results = await run(experiment, { store }).result();
    console.log("results", results.length);
  `);
});
afterAll(() => script?.remove());

function ended(kind: string) {
  const args = [script.path, join(script.folder, kind), kind];
  return spawnSync(process.execPath, args, { encoding: "utf8" });
}

describe("a process that ends before its sweep", () => {
  test.each(["never", "exit"])("says so, with how far it came (%s)", (kind) => {
    const { stdout, stderr, status } = ended(kind);
    expect(stderr).toContain("metalab: left: the process ended before the sweep did, with 1 of 3 runs done");
    expect(stdout).toBe("");
    expect(status).not.toBe(0);
  });

  test("is not said of one that is done", () => {
    const { stdout, stderr, status } = ended("well");
    expect([stdout, stderr, status]).toEqual(["results 3\n", "", 0]);
  });
});
