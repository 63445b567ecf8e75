import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunRecord } from "../../../src/experiment/record.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { entriesOf, FACTS, KEY, manifestOf, recordOf, recordsOf } from "../../conformance/store-fixtures.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metalab-upkeep-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function files(part: string): string[] {
  const path = join(folder, "experiments", "demo@0.1", part);
  return existsSync(path) ? readdirSync(path).sort() : [];
}

function upkeep(store: Store) {
  return store.upkeep!;
}

/** Some writers, each with runs that have everything that a run can have. */
async function fill(store: Store, writers = 3, runs = 4): Promise<void> {
  await store.putManifest(manifestOf(KEY));
  for (let w = 0; w < writers; w++) {
    await using writer = await store.write(KEY, { origin: { ...FACTS, pid: w } });
    for (let i = 0; i < runs; i++) {
      const n = w * runs + i;
      const base = recordOf(writer, n);
      const value = Float64Array.from({ length: 10 }, (_, k) => n * k + 0.1);
      const block = { id: base.id, count: 10, columns: { value } };
      const [start, end] = writer.log(base.id, { time: n, level: "info", message: `run ${n}` });
      const kept = await writer.putObject(Buffer.from(`artifact ${n}`));
      const record: RunRecord = {
        ...base,
        series: { a: writer.putBlock({ ...block, kind: "series", name: "a" }) },
        tracks: { b: writer.putBlock({ ...block, kind: "track", name: "b" }) },
        data: { c: writer.putBlock({ ...block, kind: "data", name: "c" }) },
        logs: [start, end, 1],
        artifacts: { x: { kind: "text", file: "x.txt", ...kept } },
      };
      await writer.append(record);
    }
  }
}

/** All that can be read of every run, without where it lies. */
async function contents(store: Store): Promise<unknown> {
  const all: unknown[] = [];
  for (const [id, record] of await recordsOf(store)) {
    const { from: _, series = {}, tracks = {}, data = {}, logs, artifacts = {}, ...rest } = record;
    const pointers = Object.entries({ ...series, ...tracks, ...data });
    const blocks = await Promise.all(pointers.map(async ([, p]) => store.block(KEY, record, p)));
    const frame = await store.read(KEY);
    const origin = frame.origin(frame.ids.find(id));
    all.push({
      ...rest,
      blocks,
      logs: logs && (await store.logs(KEY, record)),
      artifacts,
      origin: { ...origin, id: "", writer: "" },
    });
  }
  return all.sort((a, b) => ((a as RunRecord).id < (b as RunRecord).id ? -1 : 1));
}

describe("compaction", () => {
  test("changes nothing that is read, and leaves the files of one writer", async () => {
    const store = fileStore(folder);
    await fill(store);
    await using late = await store.write(KEY, { origin: FACTS });
    await late.append({ id: recordOf(late, 1).id, kind: "pin", pinned: true, time: 1 });
    await late.append({ id: recordOf(late, 1).id, kind: "forecast", of: "a kind of tomorrow" });
    await late.close();
    const before = await contents(store);
    const held = await store.read(KEY);
    const report = await upkeep(store).compact!(KEY, { origin: FACTS });
    expect(report).toMatchObject({ runs: 12, writers: 4 });
    expect([files("segments"), files("series"), files("logs")].map((all) => all.length)).toEqual([1, 1, 1]);
    for (const view of [store, fileStore(folder)]) {
      expect(await contents(view)).toEqual(before);
      const frame = await view.read(KEY);
      expect(frame.pinned(frame.ids.find(recordOf(late, 1).id))).toBe(true);
      expect((await entriesOf(view)).filter(({ kind }) => kind === "forecast")).toHaveLength(1);
      expect(view.damage).toEqual([]);
    }
    expect((await held.record(7)).id).toBe(held.ids.hex(7));
    const again = await upkeep(store).compact!(KEY, { origin: FACTS });
    expect(again.runs).toBe(12);
    expect(await contents(fileStore(folder))).toEqual(before);
  });

  test("drops what lost and what was deleted, but not that it was", async () => {
    const store = fileStore(folder);
    await fill(store, 1, 3);
    await using writer = await store.write(KEY, { origin: FACTS });
    await writer.append(recordOf(writer, 0, { generation: 1 }));
    await writer.append({ id: recordOf(writer, 1).id, kind: "delete", generation: 0, time: 1 });
    await writer.close();
    await upkeep(store).compact!(KEY, { origin: FACTS });
    const kinds = (await entriesOf(fileStore(folder))).map(({ kind }) => kind).sort();
    expect(kinds.filter((kind) => kind !== "origin")).toEqual(["delete", "record", "record"]);
  });

  test("leaves the files of a writer at work as they are", async () => {
    const store = fileStore(folder);
    await fill(store, 2, 2);
    const atWork = await store.write(KEY, { origin: FACTS });
    await atWork.append(recordOf(atWork, 50));
    await upkeep(store).compact!(KEY, { origin: FACTS });
    await atWork.append(recordOf(atWork, 51));
    await atWork.close();
    expect(files("segments")).toContain(`${atWork.origin.writer}.jsonl`);
    expect((await fileStore(folder).read(KEY)).length).toBe(6);
  });

  test("sets a file with damaged bytes aside instead of removing it", async () => {
    const store = fileStore(folder);
    await fill(store, 1, 2);
    const path = join(folder, "experiments", "demo@0.1", "segments", files("segments")[0]!);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"id":"half a line\n`);
    await upkeep(store).compact!(KEY, { origin: FACTS });
    const kept = readdirSync(join(folder, "quarantine"), { recursive: true, encoding: "utf8" });
    expect(kept.some((name) => name.endsWith(".jsonl"))).toBe(true);
    expect(kept.some((name) => name.endsWith("note.json"))).toBe(true);
    expect((await fileStore(folder).read(KEY)).length).toBe(2);
  });
});

describe("verification", () => {
  test("counts everything of a whole store and finds nothing", async () => {
    const store = fileStore(folder);
    await fill(store);
    const report = await upkeep(store).verify!({ repair: false, origin: FACTS });
    expect(report.damage).toEqual([]);
    expect(report.checked).toEqual({
      experiments: 1,
      manifests: 2,
      lines: 15,
      blocks: 36,
      logLines: 12,
      objects: 12,
      references: 60,
    });
  });

  test("repair moves what is damaged aside and writes anew what is whole", async () => {
    const store = fileStore(folder);
    await fill(store, 2, 3);
    const flip = (path: string, at: number) => {
      const bytes = readFileSync(path);
      bytes[at] = bytes[at]! ^ 0xff;
      writeFileSync(path, bytes);
    };
    const at = (...parts: string[]) => join(folder, "experiments", "demo@0.1", ...parts);
    const lines = readFileSync(at("segments", files("segments")[0]!), "utf8").split("\n");
    flip(at("segments", files("segments")[0]!), lines[0]!.length + 300);
    flip(at("series", files("series")[1]!), 100);
    flip(at("experiment.json"), 20);
    flip(join(folder, "metalab.json"), 5);
    const report = await upkeep(fileStore(folder)).verify!({ repair: true, origin: FACTS });
    expect(new Set(report.damage.map(({ file }) => file.split("/")[2] ?? file))).toEqual(
      new Set(["metalab.json", "segments", "series", "experiment.json"]),
    );
    expect(report.setAside.length).toBeGreaterThanOrEqual(4);
    expect(report.remaining).toEqual([]);
    const mended = fileStore(folder);
    expect((await mended.read(KEY)).length).toBe(5);
    expect(await mended.manifest(KEY)).toEqual(manifestOf(KEY));
    expect(mended.damage).toEqual([]);
  });

  test("a lost artifact is named and stays named, for it may come back", async () => {
    const store = fileStore(folder);
    await fill(store, 1, 1);
    const [object] = readdirSync(join(folder, "objects"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.length > 10,
    );
    rmSync(join(folder, "objects", object!));
    const { damage, remaining } = await upkeep(store).verify!({ repair: true, origin: FACTS });
    expect(damage.map(({ reason }) => reason)).toEqual([expect.stringContaining('artifact "x" of run')]);
    expect(remaining).toEqual(damage);
    expect((await recordsOf(store)).values().next().value).toHaveProperty("artifacts");
  });
});

describe("artifacts", () => {
  test("one that is put again is not removed, one that is old is", async () => {
    const store = fileStore(folder);
    await using writer = await store.write(KEY, { origin: FACTS });
    const { hash } = await writer.putObject(Buffer.from("bytes"));
    const path = join(folder, "objects", hash.slice(0, 2), hash.slice(2));
    const longAgo = new Date(Date.now() - 1e7);
    utimesSync(path, longAgo, longAgo);
    await writer.putObject(Buffer.from("bytes"));
    expect(await upkeep(store).removeObject(hash, Date.now() - 1e6)).toBe(false);
    expect(existsSync(path)).toBe(true);
    utimesSync(path, longAgo, longAgo);
    expect(await upkeep(store).removeObject(hash, Date.now() - 1e6)).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(await upkeep(store).removeObject(hash, Date.now())).toBe(true);
  });

  test("one whose removal was cut short comes back", async () => {
    const store = fileStore(folder);
    await using writer = await store.write(KEY, { origin: FACTS });
    const { hash } = await writer.putObject(Buffer.from("bytes"));
    const path = join(folder, "objects", hash.slice(0, 2));
    writeFileSync(join(path, `.leaving-${hash.slice(2)}`), readFileSync(join(path, hash.slice(2))));
    rmSync(join(path, hash.slice(2)));
    for await (const _ of upkeep(store).objects());
    expect(existsSync(join(path, hash.slice(2)))).toBe(true);
  });
});
