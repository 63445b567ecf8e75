import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { deleteRuns } from "../../../../src/run/delete-runs.ts";
import { gc } from "../../../../src/run/gc.ts";
import { loadResults } from "../../../../src/run/load.ts";
import { copyStore } from "../../../../src/run/merge.ts";
import { saveResults } from "../../../../src/run/saved.ts";
import type { SessionOptions } from "../../../../src/run/session/options.ts";
import type { Session } from "../../../../src/run/session/session.ts";
import { session } from "../../../../src/run/session/verb.ts";
import { tag } from "../../../../src/run/tag.ts";
import { compact, verify } from "../../../../src/run/upkeep.ts";
import { fileStore } from "../../../../src/store/file/file-store.ts";
import { LineFormatter } from "../../../../src/store/line.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import type { Store } from "../../../../src/store/store.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-session-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(work, String(folders++));
const W = { workspace: "w" };

async function first(store: string | Store, workspace = "w") {
  return [...(await loadResults(store, { workspace }))][0]!;
}

function train(s: Session): void {
  s.parameters().set({ lr: 0.1 });
  for (let epoch = 0; epoch < 3; epoch++) s.track("loss").append({ value: 1 / (epoch + 1), epoch });
  s.log("trained");
}

describe("what a session keeps", () => {
  test("is in its folder at once, as lines to follow", async () => {
    const store = newFolder();
    await using s = await session({ name: "a", ...W, store });
    train(s);
    expect(s.folder).toBe(join(store, "sessions", "w", "a"));
    const lines = (file: string) =>
      readFileSync(join(s.folder, file), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(JSON.parse(readFileSync(join(s.folder, "parameters.json"), "utf8"))).toEqual({ lr: 0.1 });
    expect(lines("tracks/loss.jsonl").map(({ crc: _, ...point }) => point)).toEqual([
      { value: 1, epoch: 0 },
      { value: 0.5, epoch: 1 },
      { value: 1 / 3, epoch: 2 },
    ]);
    expect(lines("log.jsonl").map(({ level, message }) => [level, message])).toEqual([["info", "trained"]]);
    expect(s.isOpen).toBe(true);
  });

  test("is a run like any other once it is closed", async () => {
    const store = memoryStore();
    const value = await session(
      { name: "a", ...W, store, description: "the first", tags: ["grid-search", "lr-0.1"] },
      async (s) => {
        train(s);
        s.log("careful", "warn");
        s.metrics({ accuracy: 0.5, label: "x" });
        s.metric("step", 0.25, { step: 3 });
        s.data("classes", ["cat", "dog"]);
        void s.artifact("weights", { w: [1, 2] });
        return "what it returns";
      },
    );
    expect(value).toBe("what it returns");
    const one = await first(store);
    expect(one.status).toBe("success");
    expect(one.session).toBe("a");
    expect(one.origin?.session?.description).toBe("the first");
    expect(one.params).toEqual({ lr: 0.1 });
    expect(one.metrics).toEqual({ loss: 1 / 3, accuracy: 0.5, label: "x", step: 0.25 });
    expect(one.tags).toEqual(["grid-search", "lr-0.1"]);
    expect([...(await one.series("loss")).step]).toEqual([0, 1, 2]);
    expect(await one.track("loss")).toHaveLength(3);
    expect([...(await one.series("step")).value]).toEqual([0.25]);
    expect((await one.logs()).map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "info: trained",
      "warn: careful",
    ]);
    expect(await one.data("classes")).toEqual(["cat", "dog"]);
    expect(await one.artifact("weights")).toEqual({ w: [1, 2] });
    const results = await loadResults(store, { workspace: "w" });
    expect(results.filter({ tags: "lr-0.1" }).length).toBe(1);
    expect(results.filter({ tags: "lr-1" }).length).toBe(0);
    expect(results.filter('session = "a"').length).toBe(1);
    expect(results.toCSV()).toContain("session");
    expect(String(results)).toContain("w@sessions: 1 run");
    expect((await loadResults(store, { experiment: "w" })).length).toBe(1);
    expect(await tag(results, { add: ["kept"] })).toBe(1);
    expect((await first(store)).tags).toEqual(["grid-search", "kept", "lr-0.1"].sort());
  });

  test("the values of a track are its metric, unless that is given", async () => {
    const store = memoryStore();
    await session({ name: "a", ...W, store }, (s) => {
      s.track("loss").append({ value: 3 });
      s.track("loss").append({ value: 2 });
      s.track("acc").append({ value: 0.5, epoch: 1 });
      s.metric("acc", 0.75);
      s.track("acc").append({ value: 0.25, epoch: 2 });
      s.track("free").append({ note: "no value" });
    });
    const one = await first(store);
    expect(one.metrics).toEqual({ loss: 2, acc: 0.75 });
    await expect(one.series("loss")).rejects.toMatchObject({ code: "METALAB_SERIES_UNKNOWN" });
    expect(await one.track("loss")).toEqual([{ value: 3 }, { value: 2 }]);
  });

  test("parameters are merged, by dots where they are nested; what cannot be kept changes nothing", async () => {
    const store = memoryStore();
    await using s = await session({ name: "a", ...W, store });
    const parameters = s.parameters();
    parameters.set({ model: { layers: 2, act: "relu" }, lr: 0.1, none: undefined });
    s.parameters().set({ model: { layers: 3, empty: {} }, "opt.name": "sgd" });
    const expected = {
      "model.layers": 3,
      "model.act": "relu",
      "model.empty": {},
      lr: 0.1,
      "opt.name": "sgd",
    };
    expect(s.parameters().values).toEqual(expected);
    expect(() => s.parameters().set({ lr: 1, deep: { fn: () => 1 } })).toThrow(
      expect.objectContaining({ code: "METALAB_VALUE_UNIDENTIFIABLE" }),
    );
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(() => s.parameters().set(cycle)).toThrow(
      expect.objectContaining({ code: "METALAB_VALUE_UNIDENTIFIABLE" }),
    );
    expect(() => s.parameters().set([1] as unknown as Record<string, unknown>)).toThrow(
      expect.objectContaining({ code: "METALAB_SESSION_PARAMETERS" }),
    );
    expect(s.parameters().values).toEqual(expected);
    expect((await first(store)).params).toEqual(expected);
    const given = { list: [1, 2] };
    s.parameters().set(given);
    given.list.push(3);
    expect(s.parameters().values["list"]).toEqual([1, 2]);
    s.parameters().set({ model: "none" });
    expect(Object.keys(s.parameters().values).filter((name) => name.startsWith("model"))).toEqual(["model"]);
  });
});

describe("opening and closing", () => {
  test("appends, refuses, or finds a free name", async () => {
    for (const store of [memoryStore(), fileStore(newFolder())]) {
      const open = (more: Partial<SessionOptions> = {}) => session({ name: "search", ...W, store, ...more });
      await (await open({ tags: ["a"] })).close();
      const again = await open({ tags: ["a", "b"] });
      again.track("loss").append({ value: 1, epoch: 0 });
      await again.close();
      await again.close();
      const one = await first(store);
      expect(one.id).toBe(again.id);
      expect(one.attempt).toBe(2);
      expect([...one.tags].sort()).toEqual(["a", "b"]);
      await expect(open({ ifExists: "refuse" })).rejects.toMatchObject({ code: "METALAB_SESSION_EXISTS" });
      for (const name of ["search-2", "search-3"]) {
        const unique = await open({ ifExists: "unique" });
        expect(unique.name).toBe(name);
        await unique.close();
      }
      const held = await open();
      await expect(open()).rejects.toMatchObject({ code: "METALAB_SESSION_OPEN" });
      await held.close();
      expect((await loadResults(store, { workspace: "w" })).length).toBe(3);
    }
  });

  test("failing is said by the callback, by close() and by fail()", async () => {
    const store = memoryStore();
    const boom = new RangeError("boom");
    await expect(
      session({ name: "a", ...W, store }, (s) => {
        train(s);
        throw boom;
      }),
    ).rejects.toBe(boom);
    const b = await session({ name: "b", ...W, store });
    await b.close(new TypeError("closed with it"));
    const c = await session({ name: "c", ...W, store });
    c.fail("just words");
    c.log("still open");
    await c.close();
    const d = await session({ name: "d", ...W, store });
    void d.file("gone", join(work, "not-there"));
    await d.close();
    const results = await loadResults(store, { workspace: "w" });
    expect([...results].map((one) => [one.session, one.status, one.error?.message])).toEqual([
      ["a", "failed", "boom"],
      ["b", "failed", "closed with it"],
      ["c", "failed", "just words"],
      ["d", "failed", expect.stringContaining("not-there")],
    ]);
    expect((await first(store)).metrics).toEqual({ loss: 1 / 3 });
    expect(await [...results][2]!.logs()).toHaveLength(1);
  });

  test("one that is open is saved and loaded as it is, with its time so far", async () => {
    const store = newFolder();
    await using s = await session({ name: "a", ...W, store });
    train(s);
    const results = await loadResults(store, { workspace: "w" });
    expect([...results][0]!.durationMs).toBeGreaterThanOrEqual(0);
    const path = join(work, "saved.json");
    await saveResults(results, path);
    const saved = [...(await loadResults(path))][0]!;
    expect([saved.session, saved.status, saved.metrics]).toEqual(["a", "running", { loss: 1 / 3 }]);
  });

  test("a session that failed and is opened again may succeed", async () => {
    const store = memoryStore();
    await (await session({ name: "a", ...W, store })).close(new Error("at first"));
    await (await session({ name: "a", ...W, store })).close();
    expect((await first(store)).status).toBe("success");
    await (await session({ name: "a", ...W, store })).close(new Error("again"));
    expect((await first(store)).status).toBe("failed");
  });

  test("nothing is taken after the end", async () => {
    const store = memoryStore();
    const s = await session({ name: "a", ...W, store });
    const track = s.track("loss");
    await s.close();
    expect(s.isOpen).toBe(false);
    const closed = expect.objectContaining({ code: "METALAB_SESSION_CLOSED" });
    expect(() => track.append({ value: 1 })).toThrow(closed);
    expect(() => s.log("x")).toThrow(closed);
    expect(() => s.metric("x", 1)).toThrow(closed);
    expect(() => s.data("x", 1)).toThrow(closed);
    expect(() => s.parameters().set({ x: 1 })).toThrow(closed);
    expect(() => s.fail()).toThrow(closed);
  });

  test("wrong options are refused at once", async () => {
    const wrong = (options: unknown) => session(options as SessionOptions);
    await expect(wrong({ name: "" })).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    await expect(wrong({ name: "a", tags: "x" })).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    await expect(wrong({ name: "a\n" })).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    await expect(wrong({ name: "a", ifExists: "new" })).rejects.toMatchObject({
      code: "METALAB_OPTION_VALUE",
    });
    await expect(wrong({ name: "a", workspce: "w" })).rejects.toThrow(/workspace/);
    const store = memoryStore();
    await (await session({ name: "a", workspace: "search", store })).close();
    await expect(loadResults(store, { workspace: "serach" })).rejects.toThrow(/Did you mean "search"/);
    await expect(
      loadResults(store, { workspace: "search", include: ["open"] as unknown as [] }),
    ).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
  });

  test("names that some disks take for one have folders of their own", async () => {
    const store = newFolder();
    const names = ["Run", "run", "RUN", "a/b", "a\\b", "con", "é", "..", "x".repeat(150)];
    const places: string[] = [];
    for (const name of names) {
      await using s = await session({ name, workspace: "Mixed Case", store });
      s.track("Loss/Train").append({ value: 1, epoch: 0 });
      s.track("loss/train").append({ value: 2, epoch: 0 });
      places.push(s.folder.toLowerCase());
    }
    expect(new Set(places).size).toBe(names.length);
    expect(new Set(places.map((place) => join(place, ".."))).size).toBe(1);
    const results = await loadResults(store, { workspace: "Mixed Case" });
    expect([...results].map((one) => one.session)).toEqual(names);
    for (const one of results) expect(one.metrics).toEqual({ "Loss/Train": 1, "loss/train": 2 });
  });
});

describe("damage", () => {
  test("a file cut anywhere loses its last line at most, and the session goes on", async () => {
    const store = newFolder();
    const at = join(store, "sessions", "w", "a");
    const s = await session({ name: "a", ...W, store });
    for (let i = 0; i < 4; i++) s.track("loss").append({ value: i, epoch: i });
    await s.close();
    const whole = readFileSync(join(at, "tracks", "loss.jsonl"));
    const record = readFileSync(join(at, "session.jsonl"));
    for (let cut = whole.length; cut > whole.length - 60; cut--) {
      writeFileSync(join(at, "tracks", "loss.jsonl"), whole.subarray(0, cut));
      writeFileSync(join(at, "session.jsonl"), record);
      // Without its record, as if it had been killed.
      rmSync(join(store, "experiments"), { recursive: true });
      const opened = fileStore(store);
      const kept = await (await first(opened)).track("loss");
      const lines = whole
        .subarray(0, cut)
        .toString()
        .split("\n")
        .filter((line) => line.endsWith('"}')).length;
      expect(kept.length).toBe(lines);
      await using again = await session({ name: "a", ...W, store });
      again.track("loss").append({ value: 9, epoch: 9 });
      const after = await (await first(store)).track("loss");
      expect(after.map(({ value }) => value)).toEqual([...[0, 1, 2, 3].slice(0, lines), 9]);
      expect(opened.damage).toEqual([]);
    }
  }, 120_000);

  test("session.jsonl cut anywhere: a session that nobody was told of, or the session", async () => {
    const store = newFolder();
    const s = await session({ name: "a", ...W, store });
    s.parameters().set({ lr: 1 });
    await s.close();
    const path = join(s.folder, "session.jsonl");
    const whole = readFileSync(path);
    const opening = whole.indexOf(0x0a);
    for (const cut of [0, 1, opening - 1, opening, opening + 1, opening + 20]) {
      rmSync(store, { recursive: true });
      const made = await session({ name: "a", ...W, store });
      await made.close();
      rmSync(join(made.folder, "parameters.json"));
      writeFileSync(path, whole);
      truncateSync(path, cut);
      const again = await session({ name: "a", ...W, store });
      expect(again.id === s.id).toBe(cut >= opening);
      await again.close();
      expect((await first(store)).status).toBe("success");
    }
  });

  test("flipped bytes are named, passed over, and mended by verify()", async () => {
    const store = newFolder();
    await using s = await session({ name: "a", ...W, store });
    for (let i = 0; i < 5; i++) s.track("loss").append({ value: i, epoch: i });
    await s.close();
    const path = join(s.folder, "tracks", "loss.jsonl");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"value":2', '"value":7'));
    const { damage, remaining } = await verify(store, { repair: true });
    expect(damage.map(({ file }) => file)).toEqual(["sessions/w/a/tracks/loss.jsonl"]);
    expect(remaining).toEqual([]);
    expect(readFileSync(path, "utf8").split("\n").length).toBe(5);
    expect(existsSync(join(store, "quarantine"))).toBe(true);
    // The record of a closed session does not depend on the folder.
    expect(await (await first(store)).track("loss")).toHaveLength(5);
  });

  test("a folder under a wrong name is named and left alone", async () => {
    const store = newFolder();
    await (await session({ name: "a", ...W, store })).close();
    const from = join(store, "sessions", "w", "a", "session.jsonl");
    await (await session({ name: "b", ...W, store })).close();
    writeFileSync(join(store, "sessions", "w", "b", "session.jsonl"), readFileSync(from));
    const opened = fileStore(store);
    await loadResults(opened, { workspace: "w" });
    expect(opened.damage[0]?.reason).toContain("w/a");
    await expect(session({ name: "b", ...W, store })).rejects.toMatchObject({
      code: "METALAB_SESSION_DAMAGED",
    });
  });
});

describe("housekeeping", () => {
  test("deleted sessions are gone, and their name is free", async () => {
    for (const store of [memoryStore(), fileStore(newFolder())]) {
      const s = await session({ name: "a", ...W, store });
      s.metric("x", 1);
      await s.close();
      await deleteRuns(await loadResults(store, { workspace: "w" }));
      expect((await loadResults(store, { workspace: "w" })).length).toBe(0);
      const again = await session({ name: "a", ...W, store });
      expect(again.id).not.toBe(s.id);
      await again.close();
      expect((await first(store)).metrics).toEqual({});
    }
  });

  test("clearing away removes the folders of deleted ones, and keeps what unfinished ones have put", async () => {
    const store = newFolder();
    const gone = await session({ name: "gone", ...W, store }, async (s) => {
      await s.artifact("big", "of the one that goes");
      return s.folder;
    });
    // Without a record, as if its process had been killed.
    await session({ name: "killed", ...W, store }, (s) => s.artifact("weights", "to be kept"));
    const kept = join(store, "sessions", "w", "killed", "session.jsonl");
    const open = readFileSync(kept, "utf8").split("\n")[0]!;
    const again = JSON.parse(open.slice(0, -18).concat("}")) as Record<string, unknown>;
    const reopened = new LineFormatter().seal(JSON.stringify({ ...again, number: 2 }).slice(0, -1));
    appendFileSync(kept, reopened);
    const all = await loadResults(store, { workspace: "w" });
    expect([...all].map((one) => [one.session, one.status])).toEqual([
      ["gone", "success"],
      ["killed", "interrupted"],
    ]);
    await deleteRuns(
      [...all].map((one) => one.id),
      { store },
    );
    expect(existsSync(gone)).toBe(true);
    const report = await gc(store, { dryRun: false, graceMs: 0 });
    expect([existsSync(gone), report.objects]).toEqual([false, 1]);
    const [last, ...others] = await loadResults(store, { workspace: "w" });
    expect(others).toEqual([]);
    expect(last?.session).toBe("killed");
    expect(await last?.artifact("weights")).toBe("to be kept");
  });

  test("compacting and copying keep them, and they go on elsewhere", async () => {
    const store = newFolder();
    for (const name of ["a", "b"]) await session({ name, ...W, store }, train);
    await compact(store);
    const results = await loadResults(store, { workspace: "w" });
    expect([...results].map((one) => one.session)).toEqual(["a", "b"]);
    const copy = newFolder();
    await copyStore(store, copy);
    await session({ name: "a", ...W, store: copy, ifExists: "append" }, (s) => {
      s.track("loss").append({ value: 0, epoch: 3 });
    });
    const one = await first(copy);
    expect([one.session, (await one.track("loss")).length, one.params]).toEqual(["a", 4, { lr: 0.1 }]);
    expect((await verify(copy)).damage).toEqual([]);
  });
});
