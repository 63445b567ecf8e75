import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { readUnfinished } from "../../src/store/unfinished.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { type Driver, killDrivers, startDriver, when } from "../helpers/drivers.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { appendFileSync, existsSync, writeSync } from "node:fs";
    import { Experiment, grid, run } from "metalab";
    const [store, log, runs, pauseMs, concurrency, go] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "shared",
      params: grid({ x: Array.from({ length: Number(runs) }, (_, i) => i) }),
      operation: async ({ params }) => {
        appendFileSync(log, params.x + " " + process.pid + "\\n");
        await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
        return { y: params.x, pid: process.pid };
      },
    });
    // All begin at the same moment, whatever starting the process took.
    writeSync(1, "ready\\n");
    while (go && !existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 2));
    const results = await run(experiment, { store, concurrency: Number(concurrency), progress: "none" }).result();
    writeSync(1, "done " + results.length + " " + results.successful.length + "\\n");
  `);
});
afterAll(() => script?.remove());

afterEach(killDrivers);

function drive(store: string, log: string, runs: number, pauseMs: number, concurrency = 1, go = ""): Driver {
  const args = [script.path, store, log, String(runs), String(pauseMs), String(concurrency), go];
  return startDriver(args);
}

/** Which run was executed by whom, in order. */
function executed(log: string): readonly (readonly [x: number, pid: number])[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => line.split(" ").map(Number) as [number, number]);
}

async function distinctRuns(store: string): Promise<number> {
  return new Set((await recordsOf(fileStore(store), "shared")).map(({ id }) => id)).size;
}

describe("sweeps of one plan on one store", () => {
  test.each([
    [2, 300, 1],
    [3, 300, 4],
    [2, 5, 1],
    [3, 2_000, 1],
  ])(
    "%i at the same moment execute each of %i runs once, %i at a time",
    async (drivers, runs, concurrency) => {
      const store = join(script.folder, `same-${drivers}-${runs}`);
      const log = `${store}.log`;
      const go = `${store}.go`;
      const all = Array.from({ length: drivers }, () => drive(store, log, runs, 2, concurrency, go));
      await when(() => all.every(({ out }) => out().includes("ready")));
      writeFileSync(go, "");
      expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(Array(drivers).fill(0));
      for (const { out } of all) expect(out()).toContain(`done ${runs} ${runs}`);
      const ran = executed(log);
      expect(ran.length).toBe(runs);
      expect(new Set(ran.map(([x]) => x)).size).toBe(runs);
      if (runs >= 300) expect(new Set(ran.map(([, pid]) => pid)).size).toBe(drivers);
      expect(readdirSync(store).sort()).toEqual(["experiments", "metalab.json"]);
    },
    60_000,
  );

  test("finish what one of them leaves that is killed", async () => {
    const store = join(script.folder, "killed");
    const log = `${store}.log`;
    const [a, b] = [drive(store, log, 120, 10, 2), drive(store, log, 120, 10, 2)];
    const by = (one: Driver) => executed(log).filter(([, pid]) => pid === one.child.pid).length;
    await when(() => by(a) > 5 && by(b) > 5);
    a.child.kill("SIGKILL");
    expect(await b.ended).toBe(0);
    expect(b.out()).toContain("done 120 120");
    const ran = executed(log);
    // At most what was in flight was begun twice.
    expect(ran.length).toBeLessThanOrEqual(122);
    expect(await distinctRuns(store)).toBe(120);
    expect(readdirSync(store).sort()).toEqual(["experiments", "metalab.json"]);
  }, 60_000);

  test("do the work of one that is stopped; when it goes on, its late record lands", async () => {
    const store = join(script.folder, "stopped");
    const log = `${store}.log`;
    const [a, b] = [drive(store, log, 60, 30), drive(store, log, 60, 30)];
    const by = (one: Driver) => executed(log).filter(([, pid]) => pid === one.child.pid).length;
    await when(() => by(a) > 2 && by(b) > 2);
    a.child.kill("SIGSTOP");
    expect(await b.ended).toBe(0);
    expect(b.out()).toContain("done 60 60");
    const before = (await recordsOf(fileStore(store), "shared")).length;
    a.child.kill("SIGCONT");
    expect(await a.ended).toBe(0);
    expect(a.out()).toContain("done 60 60");
    // What was in flight, and nothing else, was done twice.
    expect(executed(log).length).toBe(61);
    expect((await recordsOf(fileStore(store), "shared")).length).toBe(before + 1);
    expect(await distinctRuns(store)).toBe(60);
  }, 60_000);

  test("take over from one that was asked to stop", async () => {
    const store = join(script.folder, "cancelled");
    const log = `${store}.log`;
    const [a, b] = [drive(store, log, 60, 20), drive(store, log, 60, 20)];
    const by = (one: Driver) => executed(log).filter(([, pid]) => pid === one.child.pid).length;
    await when(() => by(a) > 2 && by(b) > 2);
    a.child.kill("SIGINT");
    expect(await a.ended).toBe("SIGINT");
    expect(await b.ended).toBe(0);
    expect(b.out()).toContain("done 60 60");
    expect(executed(log).length).toBe(60);
  }, 60_000);
});

describe("Ctrl-C", () => {
  test("while a sweep waits for another ends it at once, and leaves the other alone", async () => {
    const store = join(script.folder, "waiting");
    const log = `${store}.log`;
    const a = drive(store, log, 1, 1_500);
    await when(() => executed(log).length === 1);
    const b = drive(store, log, 1, 1_500);
    await when(() => b.out().includes("ready"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    b.child.kill("SIGINT");
    expect(await b.ended).toBe("SIGINT");
    expect(a.child.exitCode).toBeNull();
    expect(await a.ended).toBe(0);
    expect(executed(log).length).toBe(1);
    expect(readdirSync(store).sort()).toEqual(["experiments", "metalab.json"]);
  }, 30_000);

  test("at any moment of a sweep, from its start to its end, ends it and leaves nothing behind", async () => {
    const store = join(script.folder, "moments");
    const log = `${store}.log`;
    const RUNS = 3_000;
    for (let delay = 0; delay < 600; delay += 40) {
      const one = drive(store, log, RUNS, 0, 8);
      await when(() => one.out().includes("ready"));
      await new Promise((resolve) => setTimeout(resolve, delay));
      one.child.kill("SIGINT");
      const end = await one.ended;
      // It may have been faster than the signal.
      expect([0, "SIGINT"]).toContain(end);
      if (existsSync(store)) {
        expect(readdirSync(store).filter((name) => name === "leases" || name === "control")).toEqual([]);
      }
    }
    const last = drive(store, log, RUNS, 0, 8);
    expect(await last.ended).toBe(0);
    expect(executed(log).length).toBe(RUNS);
  }, 120_000);
});

const ROUNDS = 100;
/** Stores that are worked on at the same time: a process that starts leaves the machine idle. */
const LANES = 4;

test(`two sweeps, killed at random in ${ROUNDS} rounds, lose nothing, repeat nothing, and leave nobody behind`, async () => {
  const moments = fc.sample(
    fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom("one", "both"), fc.constantFrom(1, 4)),
    ROUNDS,
  );
  const RUNS = 150;
  let rounds = 0;
  const lane = async (number: number): Promise<void> => {
    let store = "";
    let log = "";
    let finished = new Set<string>();
    for (let round = number; round < ROUNDS; round += LANES) {
      const [starts, who, concurrency] = moments[round]!;
      // A store with work left is gone on with; a full one would have nothing to lose.
      if (store === "" || finished.size === RUNS) {
        store = join(script.folder, `random-${round}`);
        finished = new Set();
      }
      log = `${store}-${round}.log`;
      const drivers = [0, 1].map(() => drive(store, log, RUNS, 1, concurrency));
      let pending = 2;
      for (const { ended } of drivers) void ended.then(() => (pending -= 1));
      await when(() => executed(log).length > starts || pending === 0);
      drivers[0]!.child.kill("SIGKILL");
      if (who === "both") drivers[1]!.child.kill("SIGKILL");
      const [, second] = await Promise.all(drivers.map(({ ended }) => ended));
      if (who === "one") expect(second).toBe(0);
      const ran = executed(log).map(([x]) => String(x));
      for (const x of ran) expect(finished.has(x)).toBe(false);
      const twice = ran.length - new Set(ran).size;
      expect(twice).toBeLessThanOrEqual(concurrency);
      const records = await recordsOf(fileStore(store), "shared");
      const stored = new Set(records.map(({ params }) => String(params["x"])));
      for (const x of finished) expect(stored.has(x)).toBe(true);
      if (who === "one") expect(stored.size).toBe(RUNS);
      const open = await readUnfinished(fileStore(store), { name: "shared", version: "1" }, ["running"]);
      expect(open.unfinished.length).toBe(0);
      finished = stored;
      rounds += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  expect(rounds).toBe(ROUNDS);
}, 400_000);
