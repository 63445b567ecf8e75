import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { createSandbox, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const RUNS = 240;
const ROUNDS = 100;
/** Rounds that go on with the same store. */
const PER_STORE = 3;

/** Sandboxes that are worked in at the same time: a process that starts leaves the machine idle. */
const LANES = 3;

let boxes: readonly Sandbox[] = [];
beforeAll(async () => {
  boxes = await Promise.all(Array.from({ length: LANES }, createSandbox));
  for (const box of boxes)
    box.write(
      "kill.mjs",
      `import { appendFileSync, writeSync, openSync } from "node:fs";
     import { Experiment, grid, run } from "metalab";
     const [store, executed, told, concurrency] = process.argv.slice(2);
     const experiment = new Experiment({
       name: "kill",
       params: grid({ x: Array.from({ length: ${RUNS} }, (_, x) => x) }),
       operation: async ({ params, capture }) => {
         appendFileSync(executed, process.pid + " " + params.x + "\\n");
         for (let step = 0; step < 5; step++) capture.metric("loss", params.x / (step + 1), { step });
         if (params.x % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
         return { y: params.x * 2 };
       },
     });
     const events = openSync(told, "a");
     const handle = run(experiment, { store, workers: 2, concurrency: Number(concurrency), progress: "none" });
     for await (const event of handle) {
       if (event.type === "run:success") writeSync(events, event.params.x + "\\n");
       if (event.type === "run:failed") writeSync(events, "failed " + event.params.x + " " + event.error.class + "\\n");
     }
     writeSync(events, "all " + (await handle.result()).length + "\\n");`,
    );
});
afterAll(() => {
  for (const box of boxes) box.remove();
});

function lines(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
}

test(`kill -9 of a worker, the driver or all, at random moments of ${ROUNDS} rounds, loses and repeats nothing`, async () => {
  const moments = fc.sample(
    fc.tuple(
      fc.constantFrom("worker", "driver", "all"),
      fc.integer({ min: 0, max: 150 }),
      fc.constantFrom(1, 4),
    ),
    ROUNDS,
  );
  let kills = 0;
  let rounds = 0;
  const carryOut = async (box: Sandbox, own: readonly number[]): Promise<void> => {
    let known = new Map<string, string>();
    for (const round of own) {
      const [whom, after, concurrency] = moments[round]!;
      if (round % PER_STORE === 0) known = new Map();
      const store = box.path(`store-${Math.floor(round / PER_STORE)}`);
      const [executed, told] = [box.path(`executed-${round}`), box.path(`told-${round}`)];
      const child = box.start(["kill.mjs", store, executed, told, String(concurrency)], { stdio: "ignore" });
      const end = ended(child);
      let isOver = false;
      void end.then(() => {
        isOver = true;
      });
      await until(() => isOver || lines(executed).length > after, 20_000);
      if (!isOver) {
        kills += 1;
        const workers = processesOf(box.folder).filter((pid) => pid !== child.pid);
        const victims =
          whom === "driver"
            ? [child.pid!]
            : whom === "worker"
              ? workers.slice(0, 1)
              : [child.pid!, ...workers];
        for (const pid of victims) {
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // It ended by itself.
          }
        }
      }
      const how = await end;
      if (whom === "worker") expect(how).toBe(0);
      // No process is left, whoever was killed.
      expect(await until(() => processesOf(box.folder).length === 0, 5_000)).toBe(true);

      const records = await recordsOf(fileStore(store), "kill");
      const done = records.filter(({ status }) => status === "success");
      const stored = new Map(done.map(({ params, id }) => [String(params["x"]), id]));
      // No run was finished twice, and none that was finished before ran again.
      expect(done.length).toBe(stored.size);
      for (const line of lines(executed)) expect(known.has(line.split(" ")[1]!)).toBe(false);
      for (const x of known.keys()) expect(stored.has(x)).toBe(true);
      for (const line of lines(told)) {
        if (/^\d+$/.test(line)) expect(stored.has(line)).toBe(true);
      }
      if (whom === "worker") {
        // The driver goes on to the end; what the dead worker was at is all that may have failed.
        const failed = lines(told).filter((line) => line.startsWith("failed"));
        expect(failed.length).toBeLessThanOrEqual(1);
        for (const line of failed) expect(line).toMatch(/ crash$/);
        expect(lines(told).at(-1)).toBe(`all ${RUNS}`);
        expect(stored.size).toBe(RUNS - failed.length);
      }
      for (const { params, metrics } of done) expect(metrics["y"]).toBe(Number(params["x"]) * 2);
      known = stored;
      rounds += 1;
    }
  };
  const lanes = boxes.map((box, lane) => {
    const own = Array.from(moments.keys()).filter((round) => Math.floor(round / PER_STORE) % LANES === lane);
    return carryOut(box, own);
  });
  await Promise.all(lanes);
  expect(rounds).toBe(ROUNDS);
  expect(kills).toBeGreaterThan(ROUNDS / 3);
}, 600_000);
