import { spawn } from "node:child_process";
import {
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
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LivenessJudge, lookAt, ownIdentity, type Pulse } from "../../../src/store/file/liveness.ts";
import { FileSharing } from "../../../src/store/file/sharing.ts";
import { MemorySharing } from "../../../src/store/memory-sharing.ts";
import type { Sharing } from "../../../src/store/sharing.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "metalab-sharing-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const experiment = "demo@1";
const leases = () => join(root, "leases", experiment);

/** Lets a lease and a claim of a process that has ended stand in the store. */
function leaveBehind(writer: string, lease: Partial<Pulse>, claims: readonly string[] = []): void {
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
