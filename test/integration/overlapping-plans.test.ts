import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { type Driver, killDrivers, startDriver, when } from "../helpers/drivers.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { appendFileSync, existsSync, readFileSync, writeSync } from "node:fs";
    import { Experiment, grid, run, seeds } from "metalab";
    const [store, log, go, text] = process.argv.slice(2);
    const { from = 0, to, reverse, replicates = 1, pauseMs = 2, failing = 0, ...options } = JSON.parse(text);
    const xs = Array.from({ length: to - from }, (_, i) => from + i);
    const experiment = new Experiment({
      name: "overlap",
      params: grid({ x: reverse ? xs.reverse() : xs }),
      seeds: seeds({ base: 1, replicates }),
      operation: async ({ params, seeds: { replicate } }) => {
        appendFileSync(log, params.x + "/" + replicate + " " + process.pid + "\\n");
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        const begun = readFileSync(log, "utf8").split("\\n").filter((line) => line.startsWith(params.x + "/"));
        if (params.x < failing && begun.length < 2) throw new Error("try again");
        return { y: params.x };
      },
    });
    writeSync(1, "ready\\n");
    while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 2));
    const results = await run(experiment, { store, progress: "none", ...options }).result();
    writeSync(1, "done " + results.length + " " + results.successful.length + "\\n");
  `);
});
afterAll(() => script?.remove());

afterEach(killDrivers);

/** A plan: x from `from` to below `to`, and options of `run()`. */
interface Wanted {
  readonly from?: number;
  readonly to: number;
  readonly reverse?: boolean;
  readonly replicates?: number;
  readonly pauseMs?: number;
  /** The first attempt of x below this fails. */
  readonly failing?: number;
  readonly only?: string | number | object;
  readonly concurrency?: number;
  readonly retries?: number;
  readonly resume?: boolean;
}

function drive(store: string, wanted: Wanted): Driver {
  const args = [script.path, store, `${store}.log`, `${store}.go`, JSON.stringify(wanted)];
  return startDriver(args);
}

/** Which run (`x/replicate`) was executed by whom, in order. */
function executed(store: string): readonly (readonly [run: string, pid: number])[] {
  const log = `${store}.log`;
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [run = "", pid] = line.split(" ");
    return [run, Number(pid)];
  });
}

/** Starts all at the same moment, whatever starting the processes took. */
async function start(name: string, plans: readonly Wanted[]) {
  const store = join(script.folder, name);
  const drivers = plans.map((wanted) => drive(store, wanted));
  await when(() => drivers.every(({ out }) => out().includes("ready")));
  writeFileSync(`${store}.go`, "");
  return { store, drivers };
}

function twice(store: string): readonly string[] {
  const runs = executed(store).map(([run]) => run);
  return runs.filter((run, at) => runs.indexOf(run) !== at);
}

describe("sweeps of overlapping plans", () => {
  test.each<[string, number, readonly (readonly [Wanted, number])[]]>([
    [
      "one value more",
      250,
      [
        [{ to: 240 }, 240],
        [{ to: 250 }, 250],
      ],
    ],
    [
      "another order",
      200,
      [
        [{ to: 200 }, 200],
        [{ to: 200, reverse: true, concurrency: 4 }, 200],
      ],
    ],
    [
      "more replicates",
      300,
      [
        [{ to: 100 }, 100],
        [{ to: 100, replicates: 3 }, 300],
      ],
    ],
    [
      "different only",
      300,
      [
        [{ to: 300, only: "x < 200" }, 200],
        [{ to: 300, only: "x >= 100", concurrency: 2 }, 200],
        [{ to: 300, only: 150 }, 150],
      ],
    ],
    [
      "one part of the other, and one of the same plan twice",
      2_000,
      [
        [{ to: 2_000, pauseMs: 0 }, 2_000],
        [{ to: 2_000, pauseMs: 0 }, 2_000],
        [{ from: 500, to: 1_500, pauseMs: 0, concurrency: 3 }, 1_000],
      ],
    ],
    [
      "fewer runs than sweeps",
      3,
      [
        [{ to: 2, pauseMs: 150 }, 2],
        [{ to: 3, pauseMs: 150 }, 3],
        [{ to: 2, pauseMs: 150, reverse: true }, 2],
      ],
    ],
  ])(
    "%s: each of %i runs is executed once, and each sweep has all of its own",
    async (name, all, plans) => {
      const { store, drivers } = await start(
        name.replaceAll(/[ ,]+/g, "-"),
        plans.map(([wanted]) => wanted),
      );
      expect(await Promise.all(drivers.map(({ ended }) => ended))).toEqual(drivers.map(() => 0));
      for (const [at, [, runs]] of plans.entries()) {
        expect(drivers[at]!.out()).toContain(`done ${runs} ${runs}`);
      }
      expect(twice(store)).toEqual([]);
      expect(executed(store).length).toBe(all);
      if (all >= 200) expect(new Set(executed(store).map(([, pid]) => pid)).size).toBe(drivers.length);
      expect(readdirSync(store).sort()).toEqual(["experiments", "metalab.json"]);
    },
    60_000,
  );

  test("a later one takes the runs that are done, leaves those in flight, and has both", async () => {
    const { store, drivers } = await start("later", [{ to: 60, pauseMs: 60, concurrency: 2 }]);
    await when(() => executed(store).length > 10);
    const second = drive(store, { to: 60, reverse: true, pauseMs: 60, concurrency: 2 });
    const third = drive(store, { to: 20, pauseMs: 60 });
    expect(await Promise.all([drivers[0]!, second, third].map(({ ended }) => ended))).toEqual([0, 0, 0]);
    for (const [one, runs] of [[drivers[0]!, 60] as const, [second, 60] as const, [third, 20] as const]) {
      expect(one.out()).toContain(`done ${runs} ${runs}`);
    }
    expect(twice(store)).toEqual([]);
  }, 60_000);

  test.each([1, 3])(
    "finish what one of them leaves that is killed, %i at a time",
    async (concurrency) => {
      const { store, drivers } = await start(`killed-${concurrency}`, [
        { to: 150, pauseMs: 10, concurrency },
        { to: 120, pauseMs: 10, concurrency },
        { to: 150, pauseMs: 10, concurrency, only: "x >= 40" },
      ]);
      const by = ({ child }: Driver) => executed(store).filter(([, pid]) => pid === child.pid).length;
      await when(() => drivers.every((one) => by(one) > 5));
      drivers[0]!.child.kill("SIGKILL");
      expect(await drivers[1]!.ended).toBe(0);
      expect(await drivers[2]!.ended).toBe(0);
      expect(drivers[1]!.out()).toContain("done 120 120");
      expect(drivers[2]!.out()).toContain("done 110 110");
      // At most what was in flight was begun twice.
      expect(twice(store).length).toBeLessThanOrEqual(concurrency);
      const ids = (await recordsOf(fileStore(store), "overlap")).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBe(150);
      expect(readdirSync(store).sort()).toEqual(["experiments", "metalab.json"]);
    },
    60_000,
  );

  test("take over from one that was asked to stop", async () => {
    const { store, drivers } = await start("stopped", [
      { to: 80, pauseMs: 20 },
      { to: 70, pauseMs: 20 },
    ]);
    const by = ({ child }: Driver) => executed(store).filter(([, pid]) => pid === child.pid).length;
    await when(() => drivers.every((one) => by(one) > 3));
    drivers[0]!.child.kill("SIGINT");
    expect(await drivers[0]!.ended).toBe("SIGINT");
    expect(await drivers[1]!.ended).toBe(0);
    expect(drivers[1]!.out()).toContain("done 70 70");
    expect(twice(store)).toEqual([]);
  }, 60_000);

  test("do the work of one that is suspended; what it had not begun it leaves to them", async () => {
    const { store, drivers } = await start("suspended", [
      { to: 60, pauseMs: 30 },
      { to: 55, pauseMs: 30 },
    ]);
    const by = ({ child }: Driver) => executed(store).filter(([, pid]) => pid === child.pid).length;
    await when(() => drivers.every((one) => by(one) > 2));
    drivers[0]!.child.kill("SIGSTOP");
    expect(await drivers[1]!.ended).toBe(0);
    expect(drivers[1]!.out()).toContain("done 55 55");
    drivers[0]!.child.kill("SIGCONT");
    expect(await drivers[0]!.ended).toBe(0);
    expect(drivers[0]!.out()).toContain("done 60 60");
    // What was in flight, and nothing else.
    expect(twice(store).length).toBeLessThanOrEqual(1);
  }, 60_000);

  test("a failed run is tried again by whoever had it, and by nobody else meanwhile", async () => {
    const retries = 2;
    const { store, drivers } = await start("failing", [
      { to: 60, failing: 30, retries },
      { to: 50, failing: 30, retries, concurrency: 3 },
    ]);
    expect(await Promise.all(drivers.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(drivers[0]!.out()).toContain("done 60 60");
    expect(drivers[1]!.out()).toContain("done 50 50");
    expect(executed(store).length).toBe(90);
    const by = new Map<string, Set<number>>();
    for (const [run, pid] of executed(store)) by.set(run, (by.get(run) ?? new Set()).add(pid));
    expect([...by.values()].filter((pids) => pids.size > 1)).toEqual([]);
  }, 60_000);

  test("resume: false shares nothing", async () => {
    const { store, drivers } = await start("anew", [
      { to: 40, resume: false },
      { to: 30, resume: false },
    ]);
    expect(await Promise.all(drivers.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(executed(store).length).toBe(70);
  }, 60_000);
});
