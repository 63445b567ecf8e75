import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadResults } from "../../src/run/load.ts";
import { session } from "../../src/run/session/verb.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { type Ended, ended } from "../helpers/sandbox.ts";

const POINTS = 300;
const ROUNDS = 24;

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { writeSync } from "node:fs";
    import { setTimeout as wait } from "node:timers/promises";
    import { session } from "metalab";
    const [mode, store, name = "one", ifExists = "append"] = process.argv.slice(2);
    const options = { name, workspace: "w", store, ifExists };
    async function inBlock(name) {
      await using s = await session({ ...options, name });
      s.track("loss").append({ value: 1, epoch: 0 });
      throw new TypeError("from the block " + name);
    }
    const modes = {
      block: () => inBlock("one"),
      caught: async () => {
        try { await inBlock("one"); } catch {}
        await wait(1);
        throw new Error("of something else");
      },
      said: async () => {
        await using s = await session(options);
        try { throw new TypeError("told"); } catch (error) { s.fail(error); }
      },
      open: async () => {
        const s = await session(options);
        s.metric("loss", 2);
        setTimeout(() => { throw new RangeError("elsewhere"); }, 1);
        await wait(100_000);
      },
      second: async () => {
        { await using s = await session({ ...options, name: "good" }); s.metric("loss", 1); }
        await inBlock("bad");
      },
      callback: () => session(options, (s) => { s.metric("loss", 3); throw new TypeError("from the callback"); }),
      left: async () => {
        const s = await session(options);
        s.parameters().set({ lr: 0.5 });
        s.track("loss").append({ value: 4, epoch: 0 });
        process.exit(0);
      },
      kill: async () => {
        const s = await session(options);
        s.log("opened");
        for (let i = 0; i < ${POINTS}; i++) {
          s.track("loss").append({ value: i, pid: process.pid });
          if (i % 10 === 0) s.parameters().set({ ["p" + (i % 50)]: i });
          if (i % 20 === 0) s.metric("m", i);
          writeSync(1, process.pid + ":" + i + "\\n");
        }
        await s.close();
      },
      hold: async () => {
        const s = await session(options);
        s.log("held");
        writeSync(1, s.name + "\\n");
        process.stdin.once("data", () => void s.close().then(() => process.exit(0)));
      },
      many: async () => {
        const opened = await Promise.all(Array.from({ length: 8 }, () => session(options)));
        for (const s of opened) s.metric("pid", process.pid);
        writeSync(1, opened.map((s) => s.name).join("\\n") + "\\n");
        for (const s of opened) await s.close();
      },
    };
    await modes[mode]();
  `);
});
afterAll(() => script?.remove());

const folder = (name: string): string => join(script.folder, name);

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [script.path, ...args], { stdio: ["pipe", "pipe", "pipe"] });
}

function run(...args: readonly string[]): Promise<Ended> {
  return ended(start(...args));
}

async function only(store: string) {
  const results = await loadResults(store, { workspace: "w" });
  expect(results.length).toBe(1);
  return [...results][0]!;
}

describe("the end of a session", () => {
  test("an error that leaves its block and ends the process marks it as failed", async () => {
    const { code, err } = await run("block", folder("block"));
    expect(code).toBe(1);
    expect(err).toContain("from the block");
    const one = await only(folder("block"));
    expect(one.status).toBe("failed");
    expect(one.error).toMatchObject({ name: "TypeError", message: "from the block one" });
    expect((await one.series("loss")).value).toEqual(Float64Array.of(1));
    expect(one.metrics).toEqual({ loss: 1 });
  });

  test("an error that is caught outside of its block is not seen", async () => {
    const { code } = await run("caught", folder("caught"));
    expect(code).toBe(1);
    expect((await only(folder("caught"))).status).toBe("success");
  });

  test("fail() marks it, whatever happens then", async () => {
    expect(await run("said", folder("said"))).toMatchObject({ code: 0, err: "" });
    expect((await only(folder("said"))).error).toMatchObject({ name: "TypeError", message: "told" });
  });

  test("an error anywhere that ends the process marks open ones as failed", async () => {
    const { code, err } = await run("open", folder("open"));
    expect(code).toBe(1);
    expect(err).toContain("elsewhere");
    const one = await only(folder("open"));
    expect(one.error).toMatchObject({ name: "RangeError" });
    expect(one.metrics).toEqual({ loss: 2 });
  });

  test("those that ended before are left as they are", async () => {
    await run("second", folder("second"));
    const results = await loadResults(folder("second"), { workspace: "w" });
    expect([...results].map((one) => [one.session, one.status])).toEqual([
      ["good", "success"],
      ["bad", "failed"],
    ]);
  });

  test("the callback form knows", async () => {
    const { code, err } = await run("callback", folder("callback"));
    expect(code).toBe(1);
    expect(err).toContain("from the callback");
    const one = await only(folder("callback"));
    expect([one.status, one.error?.message, one.metric("loss")]).toEqual(["failed", "from the callback", 3]);
  });

  test("a process that ends without closing leaves it interrupted, with all that it reported", async () => {
    const { code, err } = await run("left", folder("left"));
    expect(code).toBe(0);
    expect(err).toMatch(/^metalab: the session "one" of workspace "w" was not closed/);
    const one = await only(folder("left"));
    expect(one.status).toBe("interrupted");
    expect(one.params).toEqual({ lr: 0.5 });
    expect(one.metrics).toEqual({ loss: 4 });
    expect(await one.track("loss")).toEqual([{ value: 4, epoch: 0 }]);
    expect((await one.details()).status).toBe("interrupted");
  });
});

describe("kill -9", () => {
  test(`loses nothing that was reported, in ${ROUNDS} rounds`, async () => {
    const store = folder("kills");
    const moments = fc.sample(fc.integer({ min: 0, max: POINTS }), ROUNDS);
    const told: string[] = [];
    let kills = 0;
    for (const moment of moments) {
      const child = start("kill", store);
      let out = "";
      child.stdout!.on("data", (chunk: Buffer) => {
        out += chunk.toString();
        if (out.split("\n").length > moment) child.kill("SIGKILL");
      });
      const { signal } = await new Promise<{ signal: NodeJS.Signals | null }>((resolve) => {
        child.on("close", (_, signal) => resolve({ signal }));
      });
      if (signal === "SIGKILL") kills += 1;
      told.push(...out.split("\n").slice(0, -1));

      const results = await loadResults(store, { workspace: "w" });
      expect(results.parts[0]!.store.damage).toEqual([]);
      const one = [...results][0];
      if (one === undefined) {
        expect(told).toEqual([]);
        continue;
      }
      if (told.length > 0) {
        const kept = await one.track("loss");
        const points = kept.map(({ pid, value }) => `${String(pid)}:${String(value)}`);
        expect(new Set(points).size).toBe(points.length);
        const has = new Set(points);
        expect(told.filter((point) => !has.has(point))).toEqual([]);
      }
      if (out.split("\n").length <= POINTS) expect(["interrupted", "success"]).toContain(one.status);
    }
    expect(kills).toBeGreaterThan(5);
    await using last = await session({ name: "one", workspace: "w", store });
    last.log("the end");
    const logs = await (await only(store)).logs();
    expect(logs.at(-1)?.message).toBe("the end");
  }, 240_000);
});

describe("two processes", () => {
  test("do not have one session open at once; unique names keep them apart", async () => {
    const store = folder("two");
    const holder = start("hold", store);
    const told = await new Promise<string>((resolve) => {
      holder.stdout!.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    expect(told).toBe("one\n");
    expect((await only(store)).status).toBe("running");
    const second = await run("hold", store);
    expect(second.code).toBe(1);
    expect(second.err).toContain("METALAB_SESSION_OPEN");
    await expect(session({ name: "one", workspace: "w", store, ifExists: "refuse" })).rejects.toMatchObject({
      code: "METALAB_SESSION_EXISTS",
    });
    await using other = await session({ name: "one", workspace: "w", store, ifExists: "unique" });
    expect(other.name).toBe("one-2");
    holder.stdin!.end("go\n");
    await ended(holder);
    const results = await loadResults(store, { workspace: "w" });
    expect([...results].map((one) => [one.session, one.status])).toEqual([
      ["one", "success"],
      ["one-2", "running"],
    ]);
  });

  test("open sessions of unique names at the same time, each once", async () => {
    const store = folder("many");
    const both = await Promise.all([
      run("many", store, "n", "unique"),
      run("many", store, "n", "unique"),
      run("many", store, "n", "unique"),
    ]);
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    const names = both.flatMap(({ out }) => out.trim().split("\n"));
    expect(names.length).toBe(24);
    expect(new Set(names).size).toBe(24);
    const results = await loadResults(store, { workspace: "w" });
    expect(results.filter({ status: "success" }).length).toBe(24);
    expect(readdirSync(join(store, "sessions", "w")).length).toBe(24);
    for (const name of names) {
      const log = readFileSync(join(store, "sessions", "w", name, "session.jsonl"), "utf8");
      expect(log.split("\n").filter((line) => line.includes('"kind":"open"')).length).toBe(1);
    }
    expect(existsSync(join(store, "leases"))).toBe(false);
  });
});
