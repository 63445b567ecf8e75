import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryGroup } from "../helpers/memory-group.ts";
import { createSandbox, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const RUNS = 12;
const SCRIPT = `
  import { mkdirSync, rmSync, writeSync } from "node:fs";
  import { spawn } from "node:child_process";
  import { Experiment, grid, processes, run, threads } from "metalab";
  const [kind, way, store, options = "{}"] = process.argv.slice(2);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const ways = {
    exit: () => process.exit(7),
    timer: async () => { setTimeout(() => { throw new RangeError("in a timer"); }, 5); await pause(60_000); },
    rejection: async () => { Promise.reject(new TypeError("nobody waits")); await pause(60_000); },
    heap: () => { const all = []; for (;;) all.push(new Array(1000).fill(Math.random())); },
    memory: async () => { const all = []; for (;;) { all.push(Buffer.alloc(20_000_000, 1)); await pause(5); } },
    child: async () => { spawn(process.execPath, ["-e", "const all = []; setInterval(() => all.push(Buffer.alloc(20_000_000, 1)), 5)", store]); await pause(60_000); },
    loop: () => { for (;;); },
    never: () => new Promise(() => {}),
    stop: () => process.kill(process.pid, "SIGSTOP"),
    kill: () => process.kill(process.pid, "SIGKILL"),
    abort: () => process.abort(),
    print: () => { for (let i = 0; i < 1000; i++) process.stdout.write("y".repeat(1 << 20) + "\\n"); },
    folder: () => { const folder = store + "-cwd"; mkdirSync(folder); process.chdir(folder); rmSync(folder, { recursive: true }); },
    leave: () => { spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", store], { stdio: "ignore" }).unref(); },
  };
  const experiment = new Experiment({
    name: "fails",
    params: grid({ x: Array.from({ length: ${RUNS} }, (_, x) => x) }),
    operation: async ({ params, capture }) => {
      capture.metric("reported", params.x);
      capture.log("at " + params.x);
      for (let step = 0; step < 3; step++) capture.metric("loss", 1 / (step + 1), { step });
      capture.data("state", { at: params.x, weights: new Float64Array([0.5, -0]) });
      if (params.x === 5) await ways[way]();
      await pause(2);
      return { y: params.x };
    },
  });
  const executor = { processes, threads }[kind]({ workers: 2 });
  const handle = run(experiment, { executor, store, progress: false, ...JSON.parse(options) });
  const results = await handle.result();
  writeSync(2, "ended " + results.length);
`;

let box: Sandbox;
beforeAll(async () => {
  box = await createSandbox();
  box.write("fails.mjs", SCRIPT);
});
afterAll(async () => {
  expect(await until(() => processesOf(box.folder).length === 0)).toBe(true);
  box.remove();
});

interface Told {
  readonly records: readonly RunRecord[];
  readonly sixth: RunRecord;
  readonly out: number;
}

/** What the failing run must have kept, whatever ended it. */
const KEPT = { reported: 5, loss: 1 / 3 };

async function expectKept(store: string, sixth: RunRecord): Promise<void> {
  const [opened, key] = [fileStore(store), { name: "fails", version: "1" }];
  expect(sixth.metrics).toEqual(KEPT);
  const { columns } = await opened.block(key, sixth, sixth.series!["loss"]!);
  expect([[...columns["step"]!], [...columns["value"]!]]).toEqual([
    [0, 1, 2],
    [1, 1 / 2, 1 / 3],
  ]);
  const data = await opened.block(key, sixth, sixth.data!["state"]!);
  expect(data.columns["value"]).toEqual([{ at: 5, weights: new Float64Array([0.5, -0]) }]);
  expect((await opened.logs(key, sixth)).map(({ message }) => message)).toEqual(["at 5"]);
}

async function fail(
  kind: string,
  way: string,
  options: object = {},
  flags: readonly string[] = [],
  enter: readonly string[] = [],
): Promise<Told> {
  const store = box.path(`store-${kind}-${way}-${JSON.stringify(options).length}`);
  const [program, ...args] = [...enter, process.execPath, ...flags];
  const child = spawn(program!, [...args, "fails.mjs", kind, way, store, JSON.stringify(options)], {
    cwd: box.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = 0;
  let err = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    out += chunk.length;
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, err.slice(-8)]).toEqual([0, `ended ${RUNS}`]);
  const opened = fileStore(store);
  const records = await recordsOf(opened, "fails");
  const sixth = records.find(({ params }) => params["x"] === 5)!;
  const others = records.filter((record) => record !== sixth);
  expect(others.map(({ params }) => params["x"]).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: RUNS }, (_, x) => x).filter((x) => x !== 5),
  );
  // Only the run that did it has failed, and every other ran once.
  expect(new Set(others.map(({ status, attempt }) => `${status} ${attempt}`))).toEqual(
    new Set(["success 1"]),
  );
  if (sixth.status === "failed") await expectKept(store, sixth);
  return { records, sixth, out };
}

describe.each([["processes"], ["threads"]])("a run in %s", (kind) => {
  test.each<[string, string, string, object]>([
    ["exit", "exit", "7", {}],
    ["timer", "crash", "in a timer", {}],
    ["rejection", "crash", "nobody waits", {}],
    ["never", "timeout", "longer than 300 ms", { timeout: 300 }],
  ])(
    "that does this: %s, fails as %s, with what it reported",
    async (way, errorClass, message, options) => {
      const { sixth } = await fail(kind, way, options);
      expect(sixth).toMatchObject({ status: "failed", error: { class: errorClass } });
      expect(sixth.error?.message).toContain(message);
    },
    30_000,
  );

  test("is found among several in flight", async () => {
    const { sixth } = await fail(kind, "exit", { concurrency: 4 });
    expect(sixth).toMatchObject({ status: "failed", error: { class: "exit" } });
  }, 30_000);

  test("that loops for ever is ended", async () => {
    const { sixth } = await fail(kind, "loop", { timeout: 300 });
    expect(sixth).toMatchObject({ status: "failed", error: { class: "timeout" } });
    expect(sixth.durationMs).toBeLessThan(3_000);
  }, 30_000);

  test("that fills the heap fails as oom", async () => {
    // A thread has half of it.
    const { sixth } = await fail(kind, "heap", {}, ["--max-old-space-size=120"]);
    expect(sixth).toMatchObject({ status: "failed", error: { class: "oom" } });
  }, 60_000);

  test("that prints a gigabyte is not in the way of anything", async () => {
    const { sixth, out } = await fail(kind, "print", {}, ["--max-old-space-size=120"]);
    expect(sixth.status).toBe("success");
    expect(out).toBe(1000 * ((1 << 20) + 1));
  }, 60_000);
});

describe("a run in a process", () => {
  test.each<[string, string, object]>([
    ["kill", "SIGKILL", {}],
    ["abort", "SIGABRT", {}],
  ])("that is ended by a signal (%s) fails as crash", async (way, name, options) => {
    const { sixth } = await fail("processes", way, options);
    expect(sixth).toMatchObject({ status: "failed", error: { class: "crash", name } });
  });

  test("that is killed among several in flight is found by carrying them out again, one at a time", async () => {
    const { sixth } = await fail("processes", "kill", { concurrency: 4 });
    expect(sixth).toMatchObject({ status: "failed", error: { class: "crash", name: "SIGKILL" } });
  });

  test("that stops itself is a timeout", async () => {
    const { sixth } = await fail("processes", "stop", { timeout: 400 });
    expect(sixth).toMatchObject({ status: "failed", error: { class: "timeout" } });
  });

  test.each([["memory"], ["child"]])(
    "that occupies too much fails as oom, its children included: %s",
    async (way) => {
      const { sixth } = await fail("processes", way, { memory: "300MB" });
      expect(sixth).toMatchObject({ status: "failed", error: { class: "oom", name: "MemoryLimit" } });
      expect(sixth.error?.message).toContain("300 MB");
    },
    30_000,
  );

  const group = memoryGroup(500e6);
  if (typeof group === "string") {
    console.warn(`workers-failures: the death for want of memory is NOT TESTED here, since ${group}`);
  } else {
    test("that the kernel kills because the memory of the container is full fails as oom", async () => {
      try {
        const { sixth } = await fail("processes", "memory", {}, [], group.enter);
        expect(sixth).toMatchObject({
          status: "failed",
          error: { class: "oom", name: "OutOfMemory", code: "METALAB_WORKER_MEMORY" },
        });
        expect(sixth.error?.message).toContain(`one more process killed for that in ${group.folder}/memory.`);
      } finally {
        group.remove();
      }
    }, 60_000);
  }

  test("that deletes its working folder takes nothing else with it", async () => {
    const { sixth } = await fail("processes", "folder");
    expect(sixth.status).toBe("success");
  });

  test("that leaves a process behind has it ended with its worker", async () => {
    const { sixth } = await fail("processes", "leave");
    expect(sixth.status).toBe("success");
    expect(await until(() => processesOf(box.path("store-processes-leave")).length === 0, 2_000)).toBe(true);
  });
});

describe("workers", () => {
  test("end with a driver that is killed, also while they never let go of the processor", async () => {
    for (const way of ["loop", "never"]) {
      const store = box.path(`killed-${way}`);
      const child = box.start(["fails.mjs", "processes", way, store], { stdio: "ignore" });
      const isAtIt = (): boolean =>
        existsSync(store) && processesOf(box.folder).length > 1 && startsOf(store) >= 1;
      expect(await until(isAtIt, 20_000)).toBe(true);
      child.kill("SIGKILL");
      expect(await until(() => processesOf(box.folder).length === 0, 5_000)).toBe(true);
    }
  }, 60_000);

  test("hear of Ctrl-C from the driver only: once drains, twice aborts, and the terminal reaches no worker", async () => {
    const store = box.path("ctrl-c");
    // A group of its own, as a terminal makes one.
    const child = box.start(["fails.mjs", "processes", "never", store], { stdio: "ignore", detached: true });
    expect(await until(() => startsOf(store) >= 1, 20_000)).toBe(true);
    process.kill(-child.pid!, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(-child.pid!, "SIGINT");
    const signal = await new Promise((resolve) => child.on("exit", (_code, name) => resolve(name)));
    expect(signal).toBe("SIGINT");
    const records = await recordsOf(fileStore(store), "fails");
    const sixth = records.find(({ params }) => params["x"] === 5);
    expect(sixth).toMatchObject({ status: "cancelled", metrics: KEPT });
    expect(records.filter(({ status }) => status === "failed")).toEqual([]);
  }, 60_000);
});

/** Start lines in a store: runs that were seen to take long. */
function startsOf(store: string): number {
  const folder = `${store}/experiments/fails@1/segments`;
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce(
    (sum, name) => sum + readFileSync(`${folder}/${name}`, "utf8").split('"kind":"start"').length - 1,
    0,
  );
}
