import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { writeSync } from "node:fs";
    import { Experiment, grid, run } from "metalab";
    const [store, kind] = process.argv.slice(2);
    const pause = (ms, signal) => new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); });
    });
    if (kind === "own") process.on("SIGINT", () => writeSync(1, "mine\\n"));
    const experiment = new Experiment({
      name: "signals",
      params: grid({ x: Array.from({ length: 100_000 }, (_, i) => i) }),
      operation: async ({ params, signal }) => {
        if (params.x === 7) writeSync(1, "ready\\n");
        if (kind === "busy") for (const end = Date.now() + 2; Date.now() < end; );
        else if (kind === "hang" && params.x >= 5) await pause(60_000, signal);
        else if (kind === "deaf" && params.x >= 5) await pause(60_000);
        else await pause(params.x < 5 ? 1 : 100);
        return { y: params.x };
      },
    });
    const error = await run(experiment, { store, concurrency: kind === "busy" ? 1 : 3, progress: "none", handleSignals: kind !== "off" })
      .result().catch((thrown) => thrown);
    writeSync(1, "rejected " + error.code + "\\n");
  `);
});
afterAll(() => script?.remove());

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Starts the script and sends it signals once it is ready, one after another, each when stderr speaks or at once. */
function interrupted(kind: string, store: string, signals: readonly NodeJS.Signals[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script.path, store, kind], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    const left = [...signals];
    const send = (): void => {
      const signal = left.shift();
      if (signal !== undefined) child.kill(signal);
    };
    let ready = false;
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (ready || !out.includes("ready")) return;
      ready = true;
      send();
      // With notices off nothing answers a signal: give the process a turn, then go on.
      const next = setInterval(() => (left.length > 0 ? send() : clearInterval(next)), 150);
      next.unref();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
}

const statuses = async (store: string) =>
  (await recordsOf(fileStore(store), "signals")).map(({ status }) => status);

describe("Ctrl-C", () => {
  test("once lets runs in flight finish, keeps them, and ends the process by that signal", async () => {
    const store = join(script.folder, "once");
    const { signal, out } = await interrupted("calm", store, ["SIGINT"]);
    expect(signal).toBe("SIGINT");
    expect(out).not.toContain("rejected");
    const kept = await statuses(store);
    expect(kept.length).toBeGreaterThan(5);
    expect(new Set(kept)).toEqual(new Set(["success"]));
  });

  test("is heard while operations never let go of the processor", async () => {
    const store = join(script.folder, "busy");
    const { signal } = await interrupted("busy", store, ["SIGINT"]);
    expect(signal).toBe("SIGINT");
    expect((await statuses(store)).length).toBeLessThan(100_000);
  });

  test("twice stops runs in flight through their signal", async () => {
    const store = join(script.folder, "twice");
    const { signal } = await interrupted("hang", store, ["SIGINT", "SIGINT"]);
    expect(signal).toBe("SIGINT");
    expect((await statuses(store)).filter((status) => status === "cancelled").length).toBe(3);
  });

  test("three times ends the process at once", async () => {
    const store = join(script.folder, "thrice");
    const { code } = await interrupted("deaf", store, ["SIGINT", "SIGINT", "SIGINT"]);
    expect(code).toBe(130);
    expect(new Set(await statuses(store))).toEqual(new Set(["success"]));
  });

  test("is left to whoever listens for it too", async () => {
    const { code, out } = await interrupted("own", join(script.folder, "own"), ["SIGINT"]);
    expect(code).toBe(0);
    expect(out).toContain("mine");
    expect(out).toContain("rejected METALAB_CANCELLED");
  });

  test("is not touched with handleSignals: false", async () => {
    const { signal, out } = await interrupted("off", join(script.folder, "off"), ["SIGINT"]);
    expect(signal).toBe("SIGINT");
    expect(out).toBe("ready\n");
  });

  test("SIGTERM drains in the same way", async () => {
    const store = join(script.folder, "term");
    const { signal } = await interrupted("calm", store, ["SIGTERM"]);
    expect(signal).toBe("SIGTERM");
    expect(new Set(await statuses(store))).toEqual(new Set(["success"]));
  });

  test.skipIf(process.platform === "win32")(
    "so does a terminal that is closed, however often it says so",
    async () => {
      const store = join(script.folder, "hangup");
      const { signal } = await interrupted("calm", store, ["SIGHUP", "SIGHUP", "SIGHUP"]);
      expect(signal).toBe("SIGHUP");
      expect(new Set(await statuses(store))).toEqual(new Set(["success"]));
    },
  );
});
