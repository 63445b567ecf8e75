import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../../src/run/run.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporaryStore() {
  const folder = mkdtempSync(join(tmpdir(), "metalab-retries-"));
  folders.push(folder);
  return fileStore(join(folder, "runs"));
}

/** One run that fails a number of times, and whose first attempt ends when it is let go. */
function failing(times: number) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let calls = 0;
  const experiment = overX(1, async () => {
    calls += 1;
    await released;
    if (calls <= times) throw new Error("service is busy");
    return { y: 1 };
  });
  return { experiment, release, calls: () => calls };
}

describe.each([
  ["a memory store", memoryStore],
  ["a file store", temporaryStore],
])("a sweep that waits for a run of another, in %s,", (_name, makeStore) => {
  const quiet = { progress: "none" } as const;

  test("waits until the other has tried it for the last time, also if itself it would not try again", async () => {
    const store = makeStore();
    const { experiment, release, calls } = failing(2);
    const retries = { count: 2, backoffMs: 400, factor: 1, jitter: 0 };
    const first = run(experiment, { store, ...quiet, retries });
    while (calls() < 1) await sleep(1);
    const second = run(experiment, { store, ...quiet });
    while (second.progress.waitingFor.length === 0) await sleep(1);
    release();
    const [mine, theirs] = await Promise.all([first.result(), second.result()]);
    expect(calls()).toBe(3);
    for (const results of [mine, theirs]) {
      expect([...results].map(({ status, attempt }) => [status, attempt])).toEqual([["success", 3]]);
    }
    expect(second.progress).toMatchObject({ success: 0, failed: 0, cached: 1 });
  });

  test("takes it as failed when the other has given it up", async () => {
    const store = makeStore();
    const { experiment, release, calls } = failing(100);
    const first = run(experiment, { store, ...quiet, retries: { count: 1, backoffMs: 50 } });
    while (calls() < 1) await sleep(1);
    const second = run(experiment, { store, ...quiet });
    while (second.progress.waitingFor.length === 0) await sleep(1);
    release();
    const [, theirs] = await Promise.all([first.result(), second.result()]);
    expect(calls()).toBe(2);
    expect([...theirs].map(({ status, attempt }) => [status, attempt])).toEqual([["failed", 2]]);
  });

  test("tries it itself, when it may and the other does not", async () => {
    const store = makeStore();
    const { experiment, release, calls } = failing(2);
    const first = run(experiment, { store, ...quiet });
    while (calls() < 1) await sleep(1);
    const second = run(experiment, { store, ...quiet, retries: { count: 2, backoffMs: 1 } });
    while (second.progress.waitingFor.length === 0) await sleep(1);
    release();
    expect((await first.result()).at(0)?.status).toBe("failed");
    expect((await second.result()).at(0)).toMatchObject({ status: "success", attempt: 3 });
    expect(calls()).toBe(3);
  });

  test("and that is waited for in turn, ends", async () => {
    const store = makeStore();
    let calls = 0;
    const experiment = overX(8, async ({ params }) => {
      calls += 1;
      await sleep(20);
      throw new Error(`always: ${params.x}`);
    });
    const sweeps = [3, 1, 2, 0].map((count) =>
      run(experiment, {
        store,
        ...quiet,
        ...(count > 0 ? { retries: { count, backoffMs: 5 } } : {}),
      }),
    );
    for (const sweep of sweeps) {
      const results = await sweep.result();
      expect([...results].map(({ status }) => status)).toEqual(Array(8).fill("failed"));
    }
    expect(calls).toBeGreaterThanOrEqual(8);
  });
});
