import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LivenessJudge, lookAt } from "../../src/store/file/liveness.ts";
import { FileSharing } from "../../src/store/file/sharing.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";

const source = (path: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { existsSync, writeSync } from "node:fs";
    import { FileSharing } from ${source("store/file/sharing.ts")};
    const [root, go, threadAfterMs] = process.argv.slice(2);
    const times = { everyMs: 50, threadAfterMs: Number(threadAfterMs) };
    const member = await new FileSharing({ root, experiment: "demo@1", times }).enter({ writer: "w", plan: "p" });
    await member.claim(0);
    writeSync(1, "busy\\n");
    // Nothing of the event loop turns here.
    while (!existsSync(go));
    await member.leave();
    writeSync(1, "left\\n");
  `);
});
afterAll(() => script?.remove());

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** A process that is at a piece in a long synchronous call. */
async function busyProcess(name: string, threadAfterMs: number) {
  const root = join(script.folder, name);
  const go = `${root}.go`;
  const child = spawn(process.execPath, [script.path, root, go, String(threadAfterMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  let out = "";
  const told = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes("busy")) resolve();
    });
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  await told;
  return { child, root, release: () => writeFileSync(go, ""), out: () => out, ended };
}

/** Somebody on another system, for whom a minute takes 3 seconds. */
function elsewhere(root: string): FileSharing {
  const nowMs = (): number => performance.now() * 20;
  const judge = new LivenessJudge({ own: { pid: 1, place: "elsewhere", start: "1" }, look: lookAt, nowMs });
  return new FileSharing({ root, experiment: "demo@1", judge, nowMs });
}

/** How long until others take the process for dead, in milliseconds; at most `limitMs`. */
async function msUntilDead(other: FileSharing, limitMs: number): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const [member] = await other.members();
    const ms = performance.now() - beganMs;
    if (member?.liveness !== "alive" || ms > limitMs) return ms;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("for somebody on another system", () => {
  test("a process lives while an operation keeps it busy, and is dead when it is", async () => {
    const { child, root, release, ended } = await busyProcess("beating", 0);
    const other = elsewhere(root);
    expect(await msUntilDead(other, 7_000)).toBeGreaterThan(7_000);
    expect(existsSync(`${root}.go`)).toBe(false);
    child.kill("SIGKILL");
    await ended;
    expect(await msUntilDead(other, 60_000)).toBeLessThan(60_000);
    release();
  }, 120_000);

  test("a process without the thread would not: it is what beats", async () => {
    const { root, release, ended, out } = await busyProcess("silent", 1e9);
    expect(await msUntilDead(elsewhere(root), 60_000)).toBeLessThan(60_000);
    release();
    await ended;
    expect(out()).toContain("left");
  }, 120_000);

  test("the thread ends with the sweep, and leaves nothing behind", async () => {
    const { root, release, ended, out } = await busyProcess("leaving", 0);
    release();
    await ended;
    expect(out()).toContain("left");
    expect(readdirSync(root)).toEqual([]);
  }, 60_000);
});
