import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../helpers/built.ts";

const deno = [process.env["METALAB_DENO"], join(ROOT, "node_modules", ".bin", "deno")].find(
  (path) => path !== undefined && existsSync(path),
);
const required = process.env["METALAB_REQUIRE_ALL"] === "1";
if (deno === undefined) {
  console.warn(
    "deno: NOT TESTED, there is no Deno. Install it (npm install --prefix <folder> deno) and set METALAB_DENO to <folder>/node_modules/.bin/deno",
  );
}

test.skipIf(deno === undefined && !required)(
  "a script runs in Deno: in its process, in worker processes and in threads",
  { timeout: 120_000 },
  () => {
    ensureBuilt();
    const folder = mkdtempSync(join(tmpdir(), "metalab-deno-"));
    try {
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(ROOT, join(folder, "node_modules", "metalab"), "junction");
      writeFileSync(join(folder, "package.json"), '{ "dependencies": { "metalab": "*" } }');
      const script = join(folder, "sweep.mjs");
      writeFileSync(
        script,
        `import { Experiment, grid, inline, processes, run, threads } from "metalab";
        const experiment = new Experiment({
          name: "squares",
          params: grid({ x: [1, 2, 3] }),
          operation: ({ params }) => ({ y: params.x ** 2 }),
        });
        for (const executor of [inline(), processes({ workers: 2 }), threads({ workers: 2 })]) {
          const store = ${JSON.stringify(folder)} + "/" + executor.name;
          const results = await run(experiment, { store, executor, progress: "none" }).result();
          console.log(executor.name, results.filter({ x: 3 }).at(0).metric("y"));
        }`,
      );
      const { stdout, stderr } = spawnSync(
        deno!,
        ["run", "--allow-all", "--node-modules-dir=manual", script],
        {
          cwd: folder,
          encoding: "utf8",
          env: { ...process.env, NO_COLOR: "1" },
        },
      );
      expect(stdout, stderr).toBe("inline 9\nprocesses 9\nthreads 9\n");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
