import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../helpers/built.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-full-"));
const disk = join(work, "disk");
mkdirSync(disk);

/** A real file system of 1 MB, where root allows it. */
const mounted =
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "ignore" }).status === 0;
if (!mounted) {
  const told = "disk-full: no tmpfs can be mounted here (needs root); that test is skipped";
  if (process.env.METALAB_REQUIRE_ALL === "1") throw new Error(told);
  console.warn(told);
}

const script = join(work, "sweep.mjs");

beforeAll(() => {
  ensureBuilt();
  writeFileSync(
    script,
    `
import { writeSync } from "node:fs";
import { Experiment, grid, run } from ${JSON.stringify(join(ROOT, "dist", "index.js"))};
const experiment = new Experiment({
  name: "full",
  params: grid({ x: Array.from({ length: 6000 }, (_, i) => i) }),
  operation: ({ params, capture }) => {
    writeSync(3, params.x + "\\n");
    for (let step = 0; step < 20; step += 1) capture.metric("noise", Math.sin(params.x * 20 + step), { step });
    return { y: params.x * 2 };
  },
});
const handle = run(experiment, { store: process.argv[2] });
try {
  for await (const event of handle) if (event.type === "run:success") writeSync(1, event.id + "\\n");
  const results = await handle.result();
  writeSync(1, "ended " + results.length + "\\n");
} catch (error) {
  writeSync(2, error.name + " " + error.code + ": " + error.message + "\\n");
  process.exitCode = 3;
}
`,
  );
});

afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(work, { recursive: true, force: true });
});

interface Sweep {
  readonly status: number | null;
  readonly finished: readonly string[];
  readonly executed: number;
  readonly err: string;
  readonly out: string;
}

function sweep(store: string, prefix = ""): Sweep {
  const executed = join(work, "executed.txt");
  rmSync(executed, { force: true });
  const command = `${prefix} "$1" "$2" "$3" 3>"$4"`;
  const done = spawnSync("bash", ["-c", command, "bash", process.execPath, script, store, executed], {
    encoding: "utf8",
  });
  const lines = existsSync(executed) ? readFileSync(executed, "utf8").trim().split("\n") : [];
  return {
    status: done.status,
    finished: done.stdout.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line)),
    executed: lines.length,
    err: done.stderr,
    out: done.stdout,
  };
}

async function storedIds(store: string): Promise<Set<string>> {
  const metalab = (await import(join(ROOT, "dist", "index.js"))) as typeof import("../../src/index.ts");
  const results = await metalab.loadResults(store, { experiment: "full" });
  return new Set([...results.successful].map((run) => run.id));
}

describe("a store without space", () => {
  test.skipIf(!mounted)(
    "a full disk stops the sweep with a clear error, and resume goes on after space is made",
    async () => {
      const store = join(disk, "runs");
      const first = sweep(store);
      expect(first.status).toBe(3);
      expect(first.err).toMatch(/StoreError METALAB_STORE_FULL: .*(space|full)/);
      expect(first.finished.length).toBeGreaterThan(10);
      const kept = await storedIds(store);
      for (const id of first.finished) expect(kept.has(id)).toBe(true);

      // Still full: nothing that was there is lost, and the answer is the same.
      const again = sweep(store);
      expect(again.status).toBe(3);
      const after = await storedIds(store);
      for (const id of kept) expect(after.has(id)).toBe(true);

      expect(spawnSync("mount", ["-o", "remount,size=64m", disk]).status).toBe(0);
      const last = sweep(store);
      expect(last.err).toBe("");
      expect(last.status).toBe(0);
      expect(last.out).toContain("ended 6000");
      expect(last.executed).toBe(6000 - after.size);
    },
  );

  test("a limit on file size is a failing write: clear error, intact records, resume works", async () => {
    const store = join(work, "limited");
    // 200 blocks of 1,024 bytes for each file.
    const first = sweep(store, "ulimit -f 200;");
    expect(first.status).toBe(3);
    expect(first.err).toMatch(/StoreError METALAB_STORE_(FULL|WRITE): /);
    const kept = await storedIds(store);
    expect(first.finished.length).toBeGreaterThan(10);
    for (const id of first.finished) expect(kept.has(id)).toBe(true);

    const last = sweep(store);
    expect(last.err).toBe("");
    expect(last.out).toContain("ended 6000");
    expect(last.executed).toBe(6000 - kept.size);
  });
});
