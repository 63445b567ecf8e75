import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";
import { madeResults } from "../../helpers/made-results.ts";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const MINUTE = 60_000;

async function advised(durations: readonly number[], isPruned: boolean): Promise<string> {
  await madeResults(
    durations.map((durationMs, trial) => ({
      trial,
      durationMs,
      metrics: { loss: trial },
      status: isPruned && trial === 0 ? "pruned" : "success",
    })),
    { store: fileStore(join(scratch.folder, "runs")) },
  );
  const { code, out } = await cli(["doctor"], { cwd: scratch.folder });
  expect(code).toBe(0);
  return out.replaceAll(/\s+/g, " ");
}

test("doctor tells of trials that take long, and how they take less", async () => {
  const out = await advised([10 * MINUTE, 20 * MINUTE, 30 * MINUTE], false);
  expect(out).toContain("Half of the runs took 20 m 0 s or more");
  for (const way of ["Nothing was pruned", "--workers", "fewer epochs or less data"])
    expect(out).toContain(way);
});

test("doctor does not advise pruning where there is some", async () => {
  const out = await advised([MINUTE, 2 * MINUTE, 3 * MINUTE], true);
  expect(out).toContain("Half of the runs took");
  expect(out).not.toContain("Nothing was pruned");
});

test("doctor has nothing to say of trials that take seconds", async () => {
  expect(await advised([1_000, 2_000, MINUTE - 1], false)).toContain("nothing to complain of");
});
