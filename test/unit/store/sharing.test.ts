import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LivenessJudge, lookAt, ownIdentity, type Pulse } from "../../../src/store/file/liveness.ts";
import { FileSharing } from "../../../src/store/file/sharing.ts";
import { MemorySharing } from "../../../src/store/memory-sharing.ts";
import type { Lease, Sharing } from "../../../src/store/sharing.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "metalab-sharing-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const experiment = "demo@1";
/** The id of a run. */
const id = (run: number) => createHash("sha256").update(String(run)).digest("hex");
const leases = () => join(root, "leases", experiment);

/** Lets a lease and a claim of a process that has ended stand in the store. */
function leaveBehind(writer: string, lease: Partial<Pulse & Lease>, claims: readonly string[] = []): void {
  const place = lease.place ?? ownIdentity().place;
  mkdirSync(join(leases(), "claims", "p"), { recursive: true });
  writeFileSync(
    join(leases(), `${writer}.json`),
    JSON.stringify({ writer, host: "h", plan: "p", pid: 1, start: "never", beat: 1, place, ...lease }),
  );
  for (const claim of claims) writeFileSync(join(leases(), "claims", "p", claim), `${writer}\n${place}\n`);
}

describe.each([
  ["a file store", (): Sharing => new FileSharing({ root, experiment })],
  ["a memory store", (): Sharing => new MemorySharing()],
])("sharing in %s", (_name, make) => {
  test("gives each piece to one sweep, and to others once that one has left", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const b = await sharing.enter({ writer: "h-2-b", plan: "p" });
    expect(await a.claim(0)).toEqual({ isMine: true, isTakenOver: false });
    expect(await b.claim(0)).toEqual({ isMine: false, holder: { writer: "h-1-a", liveness: "alive" } });
    expect([await a.holds(0), await b.holds(0)]).toEqual([true, false]);
    expect([...(await b.holders())]).toEqual([[0, { writer: "h-1-a", liveness: "alive" }]]);
    await a.leave();
    expect((await b.claim(0)).isMine).toBe(true);
  });

  test("keeps sweeps of other plans apart", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const b = await sharing.enter({ writer: "h-2-b", plan: "q" });
    expect((await a.claim(0)).isMine).toBe(true);
    expect((await b.claim(0)).isMine).toBe(true);
  });

  test("gives each run to one of the sweeps of different plans, until that one has left", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const b = await sharing.enter({ writer: "h-2-b", plan: "q", retries: { count: 1, classes: ["error"] } });
    const same = await sharing.enter({ writer: "h-3-c", plan: "p" });
    expect((await a.reserve([id(1), id(2)])).refused.size).toBe(0);
    const asked = await b.reserve([id(2), id(3)]);
    expect([...asked.refused]).toEqual([[id(2), { writer: "h-1-a", liveness: "alive" }]]);
    expect((await a.reserve([id(3)])).refused.get(id(3))).toEqual({
      writer: "h-2-b",
      liveness: "alive",
      retries: { count: 1, classes: ["error"] },
    });
    // Of the same plan it is the piece that decides.
    expect((await same.reserve([id(1)])).refused.size).toBe(0);
    expect([a.reservedBy(id(3))?.writer, a.reservedBy(id(2))]).toEqual(["h-2-b", undefined]);
    await a.leave();
    expect((await b.reserve([id(2)])).refused.size).toBe(0);
  });

  test("of several that ask for the same runs at once, exactly one gets each", async () => {
    const sharing = make();
    const members = await Promise.all(
      ["a", "b", "c", "d"].map((name) => sharing.enter({ writer: `h-1-${name}`, plan: name })),
    );
    const runs = Array.from({ length: 50 }, (_, run) => id(run));
    const got = new Map<string, number>();
    for (let from = 0; from < runs.length; from += 10) {
      const wanted = runs.slice(from, from + 10);
      const answers = await Promise.all(members.map((member) => member.reserve(wanted)));
      for (const { refused } of answers) {
        for (const run of wanted) if (!refused.has(run)) got.set(run, (got.get(run) ?? 0) + 1);
      }
    }
    expect([...got.values()]).toEqual(runs.map(() => 1));
  });

  test("what one holds that rests can be taken, and what it holds after that cannot", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const same = await sharing.enter({ writer: "h-2-b", plan: "p" });
    const other = await sharing.enter({ writer: "h-3-c", plan: "q" });
    await a.claim(0);
    await a.reserve([id(1)]);
    const before = (await other.reserve([])).departed;
    await a.rest();
    expect((await sharing.members()).map(({ liveness }) => liveness)).toEqual(["alive", "alive", "alive"]);
    await vi.waitFor(async () => {
      expect(await same.claim(0)).toEqual({ isMine: true, isTakenOver: true });
    });
    // What was found out about a process holds for a moment.
    const taken = await vi.waitFor(async () => {
      const answer = await other.reserve([id(1)]);
      expect(answer.refused.size).toBe(0);
      return answer;
    });
    // The store has to be read again before what is taken is begun: after each rest.
    const first = [...taken.departed].filter((name) => !before.has(name));
    expect(first.length).toBe(1);
    expect((await a.reserve([id(1), id(2)])).refused.has(id(1))).toBe(true);
    expect((await other.reserve([id(2)])).refused.get(id(2))?.writer).toBe("h-1-a");
    expect((await a.claim(1)).isMine).toBe(true);
    expect((await same.claim(1)).isMine).toBe(false);
    await a.rest();
    await vi.waitFor(async () => {
      const again = (await other.reserve([id(2)])).departed;
      expect([...again].filter((name) => !before.has(name) && !first.includes(name)).length).toBe(1);
    });
    for (const one of [a, same, other]) await one.leave();
  });

  test("whoever rests and then finds that it still holds a piece keeps it", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const same = await sharing.enter({ writer: "h-2-b", plan: "p" });
    await a.claim(0);
    await a.rest();
    expect(await a.holds(0)).toBe(true);
    expect((await same.claim(0)).isMine).toBe(false);
    for (const one of [a, same]) await one.leave();
  });

  test("tells of one that has left, though nothing is written under its name", async () => {
    const sharing = make();
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const b = await sharing.enter({ writer: "h-2-b", plan: "p" });
    expect([...(await a.departed())]).toEqual([]);
    await b.leave();
    expect([...(await a.departed())]).toEqual(["h-2-b"]);
    expect([...(await a.reserve([id(1)])).departed]).toEqual(["h-2-b"]);
    await a.leave();
  });

  test("lists who is at work, and asks each to stop once", async () => {
    const sharing = make();
    expect(await sharing.requestStop({ host: "x", pid: 7 })).toEqual([]);
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    expect((await sharing.members()).map(({ writer, liveness }) => [writer, liveness])).toEqual([
      ["h-1-a", "alive"],
    ]);
    expect(await a.stopRequest()).toBeUndefined();
    expect((await sharing.requestStop({ host: "x", pid: 7, reason: "enough" })).length).toBe(1);
    const late = await sharing.enter({ writer: "h-3-c", plan: "p" });
    expect(await late.stopRequest()).toBeUndefined();
    expect(await a.stopRequest()).toEqual({ host: "x", pid: 7, reason: "enough" });
    expect(await a.stopRequest()).toBeUndefined();
    await a.leave();
    await late.leave();
    expect(await sharing.members()).toEqual([]);
  });
});

describe("sharing in a file store", () => {
  test("leaves nothing behind, not even what the dead left", async () => {
    leaveBehind("h-9-dead", { pid: 2 ** 22 + 1 }, ["3", "3.1"]);
    const lease = readFileSync(join(leases(), "h-9-dead.json"), "utf8");
    // Killed while it rested, and another between the temporary name of its lease and the name.
    writeFileSync(join(leases(), "h-9-dead.rest"), "1");
    writeFileSync(join(leases(), ".tmp-9-abc"), lease.replace("h-9-dead", "h-8-dead"));
    const a = await new FileSharing({ root, experiment }).enter({ writer: "h-1-a", plan: "p" });
    await a.claim(0);
    expect(existsSync(leases())).toBe(true);
    await a.leave();
    expect(readdirSync(root)).toEqual([]);
  });

  test("lets exactly one of several take over what a dead process held", async () => {
    leaveBehind("h-9-dead", { pid: 2 ** 22 + 1 }, ["3"]);
    const members = await Promise.all(
      ["a", "b", "c"].map((name) => new FileSharing({ root, experiment }).enter({ writer: name, plan: "p" })),
    );
    const claims = await Promise.all(members.map((member) => member.claim(3)));
    expect(claims.filter(({ isMine }) => isMine)).toEqual([{ isMine: true, isTakenOver: true }]);
    expect(readFileSync(join(leases(), "claims", "p", "3.1"), "utf8")).toMatch(/^[abc]\n/);
  });

  test("makes one file for all the pieces of a sweep, and finds what others hold in it", async () => {
    const sharing = new FileSharing({ root, experiment });
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    const b = await sharing.enter({ writer: "h-2-b", plan: "p" });
    for (let piece = 0; piece < 20; piece++) {
      expect((await (piece % 2 === 0 ? a : b).claim(piece)).isMine).toBe(true);
    }
    const inodes = (parity: number) =>
      new Set(
        Array.from(
          { length: 10 },
          (_, i) => statSync(join(leases(), "claims", "p", String(2 * i + parity))).ino,
        ),
      );
    if (process.platform !== "win32") expect([inodes(0).size, inodes(1).size]).toEqual([1, 1]);
    const holders = await new FileSharing({ root, experiment })
      .enter({ writer: "h-3-c", plan: "p" })
      .then(async (c) => [await c.holders(), await c.leave()] as const);
    expect(
      [...holders[0]].map(([piece, { writer }]) => [piece, writer]).sort((x, y) => +x[0]! - +y[0]!),
    ).toEqual(Array.from({ length: 20 }, (_, piece) => [piece, piece % 2 === 0 ? "h-1-a" : "h-2-b"]));
    await a.leave();
    expect((await b.claim(0)).isMine).toBe(true);
    await b.leave();
    expect(readdirSync(root)).toEqual([]);
  });

  test("reads a list to its last whole line, and the list of a dead process not at all", async () => {
    leaveBehind("h-9-dead", { pid: 2 ** 22 + 1, plan: "q" });
    leaveBehind("h-8-live", { pid: process.pid, start: ownIdentity().start, plan: "q" });
    mkdirSync(join(leases(), "claims", "q"), { recursive: true });
    const listOf = (writer: string) => join(leases(), "claims", "q", `.runs-${writer}`);
    const head = (writer: string) => `${writer}\n${ownIdentity().place}\n`;
    writeFileSync(listOf("h-9-dead"), `${head("h-9-dead")}${id(1).slice(0, 13)}\n`);
    writeFileSync(listOf("h-8-live"), `${head("h-8-live")}${id(2).slice(0, 13)}\n${id(3).slice(0, 7)}`);
    const a = await new FileSharing({ root, experiment }).enter({ writer: "h-1-a", plan: "p" });
    const { refused, departed } = await a.reserve([id(1), id(2), id(3)]);
    expect([...refused.keys()]).toEqual([id(2)]);
    expect([...departed].join()).toMatch(/^h-9-dead/);
    appendFileSync(listOf("h-8-live"), `${id(3).slice(7, 13)}\n-${id(2).slice(0, 13)}\n`);
    expect([...(await a.reserve([id(2), id(3)])).refused.keys()]).toEqual([id(3)]);
    await a.leave();
  });

  test("who leaves before its lease could be read is among those who have left", async () => {
    mkdirSync(join(root, "experiments", experiment, "segments"), { recursive: true });
    writeFileSync(join(root, "experiments", experiment, "segments", "h-7-gone.jsonl"), "");
    class Late extends FileSharing {
      override lease(writer: string): undefined {
        rmSync(join(leases(), `${writer}.json`));
      }
    }
    const a = await new Late({ root, experiment }).enter({ writer: "h-1-a", plan: "p" });
    leaveBehind("h-7-gone", {});
    expect([...(await a.reserve([id(1)])).departed]).toEqual(["h-7-gone"]);
    await a.leave();
  });

  test("others find a list again that was deleted with all leases", async () => {
    const times = { everyMs: 5 };
    const a = await new FileSharing({ root, experiment, times }).enter({ writer: "h-1-a", plan: "p" });
    const b = await new FileSharing({ root, experiment }).enter({ writer: "h-2-b", plan: "q" });
    expect((await a.reserve([id(1)])).refused.size).toBe(0);
    rmSync(leases(), { recursive: true });
    await vi.waitFor(() => expect(existsSync(join(leases(), "h-1-a.json"))).toBe(true));
    expect((await a.reserve([id(2)])).refused.size).toBe(0);
    expect([...(await b.reserve([id(2)])).refused.keys()]).toEqual([id(2)]);
    for (const one of [a, b]) await one.leave();
    expect(readdirSync(root)).toEqual([]);
  });

  test("sees at once that a process goes on which was stopped", async () => {
    let nowMs = 0;
    let isStopped = true;
    const own = ownIdentity();
    const look = () => ({ start: "7", isStopped });
    const judge = new LivenessJudge({ own, look, nowMs: () => nowMs });
    leaveBehind("h-8-live", { pid: 8, start: "7", plan: "q" });
    mkdirSync(join(leases(), "claims", "q"), { recursive: true });
    const list = join(leases(), "claims", "q", ".runs-h-8-live");
    writeFileSync(list, `h-8-live\n${own.place}\n${id(1).slice(0, 13)}\n${id(2).slice(0, 13)}\n`);
    const sharing = new FileSharing({ root, experiment, judge, nowMs: () => nowMs });
    const a = await sharing.enter({ writer: "h-1-a", plan: "p" });
    expect((await a.reserve([id(1)])).refused.get(id(1))?.liveness).toBe("stopped");
    nowMs = 5_000;
    expect((await a.reserve([id(1)])).refused.size).toBe(0);
    isStopped = false;
    nowMs += 1;
    expect((await a.reserve([id(2)])).refused.get(id(2))?.liveness).toBe("alive");
    await a.leave();
  });

  test("takes an empty claim for a live one at first, for a dead one later", async () => {
    let nowMs = 0;
    const sharing = new FileSharing({ root, experiment, nowMs: () => nowMs });
    const a = await sharing.enter({ writer: "a", plan: "p" });
    mkdirSync(join(leases(), "claims", "p"), { recursive: true });
    writeFileSync(join(leases(), "claims", "p", "5"), "");
    expect((await a.claim(5)).isMine).toBe(false);
    nowMs = 20_000;
    expect(await a.claim(5)).toEqual({ isMine: true, isTakenOver: true });
  });

  test("says which writers have been here and are gone", async () => {
    mkdirSync(join(root, "experiments", experiment, "segments"), { recursive: true });
    for (const stem of ["h-1-0000000a", "h-2-0000000b"]) {
      writeFileSync(join(root, "experiments", experiment, "segments", `${stem}.jsonl`), "");
    }
    const a = await new FileSharing({ root, experiment }).enter({ writer: "h-1-0000000a", plan: "p" });
    expect([...(await a.departed())]).toEqual(["h-2-0000000b"]);
  });

  test("works on where the folder cannot be written", async () => {
    writeFileSync(join(root, "leases"), "not a folder");
    const a = await new FileSharing({ root, experiment }).enter({ writer: "a", plan: "p" });
    expect(await a.claim(0)).toEqual({ isMine: true, isTakenOver: false });
    expect(await a.holds(0)).toBe(true);
    await a.leave();
  });
});

describe("liveness", () => {
  const here = { pid: 10, place: "boot/ns", start: "100" };
  const pulse: Pulse = { writer: "w", pid: 20, place: "boot/ns", start: "200", beat: 1 };

  test("of a process of this system is a fact, whatever the clock says", () => {
    let found: ReturnType<typeof lookAt> = { start: "200", isStopped: false };
    let nowMs = 0;
    const judge = new LivenessJudge({ own: here, look: () => found, nowMs: () => nowMs });
    expect(judge.judge(pulse)).toBe("alive");
    nowMs = 1e9;
    expect(judge.judge(pulse)).toBe("alive");
    found = { start: "200", isStopped: true };
    expect(judge.judge(pulse)).toBe("stopped");
    found = { start: "999", isStopped: false };
    expect(judge.judge(pulse)).toBe("dead");
    found = undefined;
    expect(judge.judge(pulse)).toBe("dead");
  });

  test("of a process elsewhere is whether its beat goes on, by the clock of whoever looks", () => {
    let nowMs = 5;
    const judge = new LivenessJudge({ own: here, look: () => undefined, nowMs: () => nowMs });
    const far = { ...pulse, place: "other/ns" };
    expect(judge.judge(far)).toBe("alive");
    nowMs += 59_000;
    expect(judge.judge(far)).toBe("alive");
    nowMs += 2_000;
    expect(judge.judge(far)).toBe("dead");
    expect(judge.judge({ ...far, beat: 2 })).toBe("alive");
    nowMs += 61_000;
    expect(judge.judge({ ...far, beat: 3 })).toBe("alive");
  });

  test("of a real process follows its signals", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const { start } = lookAt(child.pid!)!;
    const judge = new LivenessJudge();
    const of = { ...ownIdentity(), writer: "w", beat: 0, pid: child.pid!, start };
    expect(judge.judge(of)).toBe("alive");
    if (process.platform === "linux") {
      expect(start).toMatch(/^[0-9]+$/);
      child.kill("SIGSTOP");
      while (judge.judge(of) !== "stopped") await new Promise((resolve) => setTimeout(resolve, 1));
      child.kill("SIGCONT");
    }
    child.kill("SIGKILL");
    await ended;
    expect(judge.judge(of)).toBe("dead");
  });
});
