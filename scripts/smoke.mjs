// Imports the built package as a user would and runs a small experiment twice. Plain JavaScript, so that it runs
// on any Node that the package supports: `npx -y -p node@24 node scripts/smoke.mjs`.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as metalab from "metalab";

const folder = mkdtempSync(join(tmpdir(), "metalab-smoke-"));
try {
  const experiment = new metalab.Experiment({
    name: "smoke",
    version: "1",
    params: metalab.grid({ lr: [0.1, 0.01], momentum: [0, 0.9] }),
    seeds: metalab.seeds({ base: 42, replicates: 2 }),
    operation: ({ params, seeds, capture }) => {
      const draw = seeds.rng("noise").uniform();
      for (let step = 0; step < 10; step++) capture.metric("loss", params.lr / (step + 1), { step });
      return { value: params.lr + params.momentum + draw };
    },
    objective: metalab.minimize("value"),
  });
  const once = async () => {
    let executed = 0;
    const handle = metalab.run(experiment, { store: folder, progress: false });
    for await (const event of handle) if (event.type === "run:success") executed += 1;
    return { executed, results: await handle.result() };
  };
  const first = await once();
  assert.equal(first.executed, 8);
  assert.equal(first.results.successful.length, 8);
  assert.equal((await first.results.best().series("loss")).length, 10);
  assert.equal((await first.results.toArrow()).numRows, 8);

  const second = await once();
  assert.equal(second.executed, 0);
  assert.deepEqual(second.results.best().params, first.results.best().params);

  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) {
    const database = new URL("../test/fixtures/import/study.db", import.meta.url);
    const { added } = await metalab.importRuns(fileURLToPath(database), { store: metalab.memoryStore() });
    assert.equal(added, 9);
  }

  assert.equal(createRequire(import.meta.url)("metalab").Experiment, metalab.Experiment);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`smoke: ok on Node ${process.version}`);
