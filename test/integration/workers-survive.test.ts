import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { createSandbox, ended, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const SCRIPT = `
  import { appendFileSync, existsSync, rmSync, writeSync } from "node:fs";
  import { spawn } from "node:child_process";
  import { Experiment, grid, processes, run, threads } from "metalab";
  const [kind, way, store, count, options = "{}"] = process.argv.slice(2);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const busy = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
  const ways = {
    stop: () => process.kill(process.pid, "SIGSTOP"),
    pause: () => {
      spawn("sh", ["-c", "sleep 1; kill -CONT " + process.pid], { stdio: "ignore" });
      process.kill(process.pid, "SIGSTOP");
    },
    busy: () => busy(3_000),
    wait: () => pause(3_000),
    never: () => new Promise(() => {}),
    lines: () => { for (let i = 0; i < 12_000; i++) console.log("line " + i); },
    delete: () => rmSync(store, { recursive: true }),
    clock: () => undefined,
    none: () => undefined,
  };
  if (way === "clock") {
    const now = Date.now;
    // As if the clock were set back in the middle of the sweep.
    Date.now = () => now() - (existsSync(store + "-back") ? 3_600_000 : 0);
  }
  const experiment = new Experiment({
    name: "survives",
    params: grid({ x: Array.from({ length: Number(count) }, (_, x) => x) }),
    operation: async ({ params, capture }) => {
      appendFileSync(store + "-executed", params.x + "\\n");
      for (let step = 0; step < 3; step++) capture.metric("loss", params.x, { step });
      if (way === "clock" && params.x === 30) appendFileSync(store + "-back", "");
      if (params.x === 60) await ways[way]();
      return { y: params.x };
    },
  });
  const executor = { processes, threads }[kind]({ workers: 2 });
  const handle = run(experiment, { executor, store, progress: "none", ...JSON.parse(options) });
  const error = await handle.result().then(() => undefined, (thrown) => thrown);
  writeSync(1, error === undefined ? "ended" : error.name + " " + error.code + ": " + error.message);
`;

let box: Sandbox;
const detached = new Set<ChildProcess>();
beforeAll(async () => {
  box = await createSandbox();
  box.write("survives.mjs", SCRIPT);
});
afterAll(async () => {
  // Only where a test failed is one still there.
  for (const child of detached) child.kill("SIGKILL");
  expect(await until(() => processesOf(box.folder).length === 0)).toBe(true);
  box.remove();
});

const COUNT = 600;

function start(kind: string, way: string, count = COUNT, options: object = {}) {
  const store = box.path(`store-${kind}-${way}`);
  const args = ["survives.mjs", kind, way, store, String(count), JSON.stringify(options)];
  return { store, args };
}

async function sweep(kind: string, way: string, count = COUNT) {
  const { store, args } = start(kind, way, count);
  const told = await box.node(args);
  return { ...told, store, records: await recordsOf(fileStore(store), "survives") };
}

function executed(store: string): readonly number[] {
  const path = `${store}-executed`;
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").map(Number) : [];
}

/** Every run was executed once and succeeded, but for those that are named. */
function expectAll(store: string, records: readonly RunRecord[], but: readonly number[] = []): void {
  const all = Array.from({ length: COUNT }, (_, x) => x);
  expect([...executed(store)].sort((a, b) => a - b)).toEqual(all);
  const succeeded = records.filter(({ status }) => status === "success").map(({ params }) => params["x"]);
  expect(succeeded.sort((a, b) => Number(a) - Number(b))).toEqual(all.filter((x) => !but.includes(x)));
  expect(records).toHaveLength(COUNT);
}

describe.each([["processes"], ["threads"]])("in %s", (kind) => {
  test.each([["busy"], ["wait"]])(
    "runs that wait behind a long one (%s) are carried out elsewhere meanwhile, each once",
    async (way) => {
      const { store, out, records } = await sweep(kind, way);
      expect(out).toBe("ended");
      expectAll(store, records);
      const long = records.find(({ params }) => params["x"] === 60)!;
      const end = long.started + long.durationMs;
      expect(long.durationMs).toBeGreaterThan(2_900);
      for (const { started, durationMs, params } of records)
        if (params["x"] !== 60) expect(started + durationMs).toBeLessThan(end);
    },
    60_000,
  );

  test("a run that prints without end keeps its first ten thousand lines, and that there were more", async () => {
    const { store, records, out } = await sweep(kind, "lines");
    expect(out.match(/^line /gm)).toHaveLength(12_000);
    expectAll(store, records);
    const record = records.find(({ params }) => params["x"] === 60)!;
    const logs = await fileStore(store).logs({ name: "survives", version: "1" }, record);
    expect(logs).toHaveLength(10_001);
    expect(logs.at(-1)?.message).toContain("only the first 10000 printed lines are kept");
  }, 60_000);

  // Date.now is replaced in the main process and in every worker, since each of them imports the script.
  test("a clock that is set back by an hour changes nothing but the dates", async () => {
    const { store, out, records } = await sweep(kind, "clock");
    expect(out).toBe("ended");
    expectAll(store, records);
    for (const { durationMs } of records) expect(durationMs).toBeGreaterThanOrEqual(0);
    const dates = records.map(({ started }) => started);
    expect(Math.max(...dates) - Math.min(...dates)).toBeGreaterThan(3_500_000);
    const again = await box.node(start(kind, "clock").args);
    expect(again.out).toBe("ended");
    expect(executed(store)).toHaveLength(COUNT);
  }, 60_000);

  test("a store that is deleted midway ends the sweep with an error that says so", async () => {
    const { out } = await sweep(kind, "delete");
    expect(out).toMatch(/^StoreError METALAB_STORE_\w+: store: /);
  }, 60_000);

  test.each([
    ["once lets runs in flight finish, and begins no more", 1, 100_000],
    ["twice stops runs in flight", 2, COUNT],
  ])(
    "Ctrl-C %s",
    async (_, times, count) => {
      const store = box.path(`store-${kind}-ctrl-c-${times}`);
      const way = times === 1 ? "wait" : "never";
      const args = ["survives.mjs", kind, way, store, String(count), '{ "progress": "log" }'];
      // A group of its own, as a terminal makes one.
      const child = box.start(args, { detached: true });
      detached.add(child);
      const end = ended(child);
      let heard = "";
      child.stderr!.on("data", (chunk: Buffer) => {
        heard += chunk.toString();
      });
      expect(await until(() => executed(store).includes(60), 20_000)).toBe(true);
      process.kill(-child.pid!, "SIGINT");
      expect(await until(() => heard.includes("stopping"), 10_000)).toBe(true);
      if (times > 1) process.kill(-child.pid!, "SIGINT");
      expect((await end).signal).toBe("SIGINT");
      const records = await recordsOf(fileStore(store), "survives");
      const long = records.find(({ params }) => params["x"] === 60)!;
      expect(long).toMatchObject({ status: times === 1 ? "success" : "cancelled", metrics: { loss: 60 } });
      expect(records.filter((record) => record.status !== "success" && record !== long)).toEqual([]);
      expect(records).toHaveLength(new Set(executed(store)).size);
      if (times === 1) expect(records.length).toBeLessThan(count);
    },
    60_000,
  );
});

describe("a worker that is stopped", () => {
  test("goes on when it is told to soon enough", async () => {
    const { store, out, records } = await sweep("processes", "pause");
    expect(out).toBe("ended");
    expectAll(store, records);
  }, 60_000);

  test("for longer is replaced, and its run fails as crash with what it reported", async () => {
    const { store, out, records } = await sweep("processes", "stop");
    expect(out).toBe("ended");
    expectAll(store, records, [60]);
    const stopped = records.find(({ params }) => params["x"] === 60)!;
    expect(stopped).toMatchObject({
      status: "failed",
      error: { class: "crash", name: "Stopped", code: "METALAB_WORKER_STOPPED" },
      metrics: { loss: 60 },
    });
    expect(stopped.error?.message).toMatch(/SIGSTOP.*within 5 s.*SIGCONT/);
  }, 60_000);
});
