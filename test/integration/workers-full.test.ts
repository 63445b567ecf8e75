import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { createSandbox, ended, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const RUNS = 2_500;
const SCRIPT = `
  import { appendFileSync, writeSync } from "node:fs";
  import { Experiment, grid, processes, run, threads } from "metalab";
  const [kind, store, executed] = process.argv.slice(2);
  const experiment = new Experiment({
    name: "full",
    params: grid({ x: Array.from({ length: ${RUNS} }, (_, x) => x) }),
    operation: ({ params, capture }) => {
      appendFileSync(executed, params.x + "\\n");
      for (let step = 0; step < 20; step++) capture.metric("noise", Math.sin(params.x * 20 + step), { step });
      return { y: params.x * 2 };
    },
  });
  // Whoever reads may be slow, and the pipe full.
  const say = (text) => {
    for (let bytes = Buffer.from(text); bytes.length > 0; )
      try {
        bytes = bytes.subarray(writeSync(1, bytes));
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
  };
  const handle = run(experiment, { store, executor: { processes, threads }[kind]({ workers: 2 }), progress: "none" });
  try {
    for await (const event of handle) if (event.type === "run:success") say(event.id + "\\n");
    say("ended " + (await handle.result()).length + "\\n");
  } catch (error) {
    writeSync(2, error.name + " " + error.code + ": " + error.message + "\\n");
  }
`;

let box: Sandbox;
let disk: string;
let isMounted = false;
beforeAll(async () => {
  box = await createSandbox();
  box.write("full.mjs", SCRIPT);
  disk = box.path("disk");
  mkdirSync(disk);
  // A real file system of 1 MB, where root allows it; elsewhere a limit on the size of files has to do.
  isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0;
});
afterAll(async () => {
  expect(await until(() => processesOf(box.folder).length === 0)).toBe(true);
  if (isMounted) spawnSync("umount", [disk]);
  box.remove();
});

async function sweep(kind: string, store: string, isLimited = false) {
  const executed = box.path("executed");
  rmSync(executed, { force: true });
  const args = ["full.mjs", kind, store, executed];
  // 200 blocks of 1,024 bytes for each file.
  const limited = 'ulimit -f 200; exec "$@"';
  const child = isLimited
    ? spawn("bash", ["-c", limited, "bash", process.execPath, ...args], { cwd: box.folder })
    : box.start(args);
  const { out, err } = await ended(child);
  const records = await recordsOf(fileStore(store), "full");
  return {
    out,
    err,
    told: out.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line)),
    executed: existsSync(executed) ? readFileSync(executed, "utf8").trim().split("\n").length : 0,
    kept: new Set(records.filter(({ status }) => status === "success").map(({ id }) => id)),
  };
}

describe.each([["processes"], ["threads"]])("workers (%s) whose store", (kind) => {
  test("is full end the sweep with a clear error, keep what was told, and go on when there is room", async () => {
    const store = isMounted ? `${disk}/${kind}` : box.path(`limited-${kind}`);
    const full = await sweep(kind, store, !isMounted);
    expect(full.err).toMatch(/^StoreError METALAB_STORE_(FULL|WRITE): /);
    expect(full.told.length).toBeGreaterThan(10);
    for (const id of full.told) expect(full.kept.has(id)).toBe(true);

    if (isMounted) expect(spawnSync("mount", ["-o", "remount,size=64m", disk]).status).toBe(0);
    const after = await sweep(kind, store);
    expect([after.err, after.out.includes(`ended ${RUNS}`)]).toEqual(["", true]);
    expect(after.executed).toBe(RUNS - full.kept.size);
    expect(after.kept.size).toBe(RUNS);
    if (isMounted) {
      rmSync(store, { recursive: true });
      expect(spawnSync("mount", ["-o", "remount,size=1m", disk]).status).toBe(0);
    }
  }, 60_000);

  test("takes no larger files end the sweep in the same way", async () => {
    const store = box.path(`large-${kind}`);
    const full = await sweep(kind, store, true);
    expect(full.err).toMatch(/^StoreError METALAB_STORE_(FULL|WRITE): /);
    for (const id of full.told) expect(full.kept.has(id)).toBe(true);
    const after = await sweep(kind, store);
    expect(after.err).toBe("");
    expect(after.executed).toBe(RUNS - full.kept.size);
  }, 60_000);
});
