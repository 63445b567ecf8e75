import { execFile, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { formatDocument } from "../../../src/store/file/document.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { readFrameFile, writeFrameFile } from "../../../src/store/file/frame-file.ts";
import { entriesOf, FACTS, KEY, manifestOf, recordOf } from "../../conformance/store-fixtures.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-file-"));
let path = "";
let count = 0;
beforeEach(() => {
  path = join(work, String(count++));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const SEGMENTS = "experiments/demo@0.1/segments";

const FIELDS = ["trial", "replicate", "fold", "started", "durationMs", "attempt", "generation"] as const;

async function fill(runs: number, options = {}): Promise<void> {
  await using writer = await fileStore(path, options).write(KEY, { origin: FACTS });
  for (let n = 0; n < runs; n++) writer.append(recordOf(writer, n));
}

function segments(): string[] {
  return readdirSync(join(path, SEGMENTS)).map((file) => join(path, SEGMENTS, file));
}

describe("layout", () => {
  test("nothing is created before something is written", async () => {
    const store = fileStore(path);
    const writer = await store.write(KEY, { origin: FACTS });
    await store.read(KEY);
    await writer.flush();
    await writer.close();
    expect(existsSync(path)).toBe(false);
  });

  test("a store is readable with other tools: lines of JSON that begin with the id", async () => {
    await fill(2);
    const [file] = segments();
    expect(file).toMatch(/\/[a-z0-9-]+-[0-9]+-[0-9a-f]{8}\.jsonl$/);
    const lines = readFileSync(file!, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual(["origin", "record", "record"]);
    expect(lines[1].from).toBe(lines[0].id.slice(0, 16));
    expect(Object.keys(lines[1])[0]).toBe("id");
    expect(Object.keys(lines[1]).at(-1)).toBe("crc");
    expect(JSON.parse(readFileSync(join(path, "metalab.json"), "utf8"))).toMatchObject({ format: 1 });
  });

  test("a run of two params and one metric takes at most 400 bytes", async () => {
    await using writer = await fileStore(path).write(KEY, { origin: FACTS });
    const before = { lr: 0.0012345678901234567, momentum: 0.9876543210987654 };
    for (let n = 0; n < 10; n++) {
      writer.append(
        recordOf(writer, 999_990 + n, { params: before, metrics: { final_value: Math.PI / 1e9 } }),
      );
    }
    const [, ...records] = readFileSync(segments()[0]!, "utf8").trimEnd().split("\n");
    for (const line of records) expect(line.length + 1).toBeLessThanOrEqual(400);
  });

  test("a full segment is left for a new one that can be read alone", async () => {
    await fill(100, { segmentBytes: 4000 });
    expect(segments().length).toBeGreaterThan(5);
    for (const file of segments()) expect(statSync(file).size).toBeLessThanOrEqual(4000);
    for (const file of segments())
      expect(readFileSync(file, "utf8")).toMatch(/^\{"id":"[0-9a-f]{64}","kind":"origin"/);
    const frame = await fileStore(path).read(KEY);
    expect(Array.from(frame.trial)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test("a record larger than a segment is kept all the same", async () => {
    await using writer = await fileStore(path, { segmentBytes: 1000 }).write(KEY, { origin: FACTS });
    const text = "x".repeat(9_000_000);
    for (let n = 0; n < 3; n++) writer.append(recordOf(writer, n, { params: { text } }));
    const frame = await fileStore(path).read(KEY);
    expect(frame.length).toBe(3);
    expect((await frame.record(2)).params["text"]).toBe(text);
  });

  test("every version of a manifest is kept, and a damaged newest falls back to the newest intact", async () => {
    const store = fileStore(path);
    for (const trials of [1, 2, 3]) await store.putManifest(manifestOf(KEY, { trials, created: trials }));
    const folder = join(path, "experiments", "demo@0.1");
    expect(readdirSync(join(folder, "manifests")).length).toBe(3);
    writeFileSync(
      join(folder, "experiment.json"),
      readFileSync(join(folder, "experiment.json"), "utf8").replace("3", "4"),
    );
    const reader = fileStore(path);
    expect((await reader.manifest(KEY))?.trials).toBe(3);
    expect(reader.damage).toMatchObject([{ file: "experiments/demo@0.1/experiment.json" }]);
    expect((await reader.experiments()).length).toBe(1);
  });

  test("an object is written once, and again when it lost bytes", async () => {
    await using writer = await fileStore(path).write(KEY, { origin: FACTS });
    const kept = await writer.putObject(Buffer.from("hello"));
    const file = join(path, "objects", kept.hash.slice(0, 2), kept.hash.slice(2));
    const { ino } = statSync(file);
    await writer.putObject(Buffer.from("hello"));
    expect(statSync(file).ino).toBe(ino);
    truncateSync(file, 2);
    await expect(fileStore(path).object({ kind: "text", file: "x", ...kept })).rejects.toMatchObject({
      code: "METALAB_OBJECT_DAMAGED",
    });
    await writer.putObject(Buffer.from("hello"));
    expect(readFileSync(file, "utf8")).toBe("hello");
    expect(readdirSync(join(path, "objects", kept.hash.slice(0, 2)))).toEqual([kept.hash.slice(2)]);
  });
});

describe("bad places", () => {
  test.skipIf(process.platform !== "linux")("a place where no folder can be made is refused", async () => {
    const store = fileStore("/proc/metalab/runs");
    await expect(store.putManifest(manifestOf(KEY))).rejects.toMatchObject({ code: "METALAB_STORE_WRITE" });
  });

  test("a path that is a file is refused with what to do", async () => {
    writeFileSync(path, "");
    for (const place of [path, join(path, "deeper", "runs")]) {
      const store = fileStore(place);
      const expected = {
        code: "METALAB_STORE_NOT_A_FOLDER",
        message: expect.stringContaining("Give a folder"),
      };
      await expect(store.read(KEY)).rejects.toMatchObject(expected);
      await expect(store.experiments()).rejects.toMatchObject(expected);
      await expect(store.write(KEY, { origin: FACTS })).rejects.toMatchObject(expected);
      await expect(store.putManifest(manifestOf(KEY))).rejects.toMatchObject(expected);
    }
  });

  test("a folder of something else is not written into, but a store beside hidden files is", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "thesis.tex"), "");
    const store = fileStore(path);
    expect((await store.read(KEY)).length).toBe(0);
    await expect(store.write(KEY, { origin: FACTS })).rejects.toMatchObject({
      code: "METALAB_STORE_FOREIGN",
    });
    await expect(store.putManifest(manifestOf(KEY))).rejects.toMatchObject({ code: "METALAB_STORE_FOREIGN" });
    await store.cache("x", Uint8Array.of(1));
    expect(readdirSync(path)).toEqual(["thesis.tex"]);
    rmSync(join(path, "thesis.tex"));
    writeFileSync(join(path, ".gitignore"), "*");
    await fill(1);
    expect((await fileStore(path).read(KEY)).length).toBe(1);
  });

  test("a newer format is refused, whatever is asked; a damaged or missing one is noted", async () => {
    await fill(3);
    const file = join(path, "metalab.json");
    writeFileSync(file, formatDocument({ metalab: "store", format: 2 }, "x"));
    const store = fileStore(path);
    const expected = { code: "METALAB_STORE_NEWER", message: expect.stringMatching(/got 2\..*install/) };
    await expect(store.read(KEY)).rejects.toMatchObject(expected);
    await expect(entriesOf(store)).rejects.toMatchObject(expected);
    await expect(store.write(KEY, { origin: FACTS })).rejects.toMatchObject(expected);

    writeFileSync(file, readFileSync(file, "utf8").replace("2", "3"));
    const damaged = fileStore(path);
    expect((await damaged.read(KEY)).length).toBe(3);
    expect(damaged.damage).toMatchObject([{ file: "metalab.json" }]);

    rmSync(file);
    const missing = fileStore(path);
    expect((await missing.read(KEY)).length).toBe(3);
    expect(missing.damage).toMatchObject([
      { file: "metalab.json", reason: expect.stringContaining("missing") },
    ]);
    await fill(1);
    expect(fileStore(path).damage).toEqual([]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ format: 1 });
  });

  test("an empty path is refused at once", () => {
    expect(() => fileStore("")).toThrow(expect.objectContaining({ code: "METALAB_STORE_PATH" }));
  });
});

describe("files that change under a reader", () => {
  test("an unfinished last line is passed over until it is finished", async () => {
    await fill(3);
    const [file] = segments();
    const whole = readFileSync(file!);
    // As if its writer lived elsewhere, so that nobody can say that it is gone.
    const elsewhere = join(path, SEGMENTS, "elsewhere-1-01234567.jsonl");
    writeFileSync(elsewhere, whole.subarray(0, -100));
    rmSync(file!);
    const store = fileStore(path);
    expect((await store.read(KEY)).length).toBe(2);
    expect(store.damage).toEqual([]);
    appendFileSync(elsewhere, whole.subarray(-100));
    expect((await store.read(KEY)).length).toBe(3);
    expect(store.damage).toEqual([]);
  });

  test("an unfinished last line of a writer that is gone is damage", async () => {
    await fill(3);
    const [file] = segments();
    truncateSync(file!, statSync(file!).size - 10);
    const store = fileStore(path);
    expect((await store.read(KEY)).length).toBe(2);
    expect(store.damage).toMatchObject([
      { file: expect.stringContaining("segments/"), reason: expect.stringContaining("gone") },
    ]);
    await store.read(KEY);
    await entriesOf(store);
    expect(store.damage.length).toBe(1);
  });

  test("a last line that only lacks its newline is read, once", async () => {
    await fill(3);
    const [file] = segments();
    truncateSync(file!, statSync(file!).size - 1);
    const store = fileStore(path);
    expect((await store.read(KEY)).length).toBe(3);
    appendFileSync(file!, "\n");
    expect((await store.read(KEY)).length).toBe(3);
    expect((await entriesOf(store)).length).toBe(4);
    expect(store.damage).toEqual([]);
  });

  test("a file that became shorter, and one that went, are read anew", async () => {
    await fill(3);
    await fill(5);
    const store = fileStore(path);
    const before = await store.read(KEY);
    expect(before.length).toBe(5);
    const larger = segments().sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
    truncateSync(larger, statSync(larger).size - 20);
    expect((await store.read(KEY)).length).toBe(4);
    expect(store.damage.some(({ reason }) => reason.includes("shorter"))).toBe(true);
    rmSync(larger);
    expect((await store.read(KEY)).length).toBe(3);
    expect(before.length).toBe(5);
  });

  test("a record that was changed after it was read is an error with what to do", async () => {
    await fill(1);
    const store = fileStore(path);
    const frame = await store.read(KEY);
    const [file] = segments();
    writeFileSync(file!, readFileSync(file!, "utf8").replace('"trial":0', '"trial":1'));
    await expect(frame.record(0)).rejects.toMatchObject({ code: "METALAB_RECORD_DAMAGED" });
    rmSync(file!);
    await expect(frame.record(0)).rejects.toMatchObject({ code: "METALAB_RECORD_DAMAGED" });
  });

  test("series and logs are found when the origin line is lost, and when bytes before them are", async () => {
    const store = fileStore(path);
    await using writer = await store.write(KEY, { origin: FACTS });
    const columns = { value: Float64Array.of(1, 2, 3) };
    for (let n = 0; n < 3; n++) {
      const record = recordOf(writer, n);
      const loss = writer.putBlock({ id: record.id, kind: "series", name: "loss", count: 3, columns });
      const [start, end] = writer.log(record.id, { time: n, level: "info", message: "hello" });
      writer.append({ ...record, series: { loss }, logs: [start, end, 1] });
    }
    const [file] = segments();
    writeFileSync(file!, readFileSync(file!, "utf8").replace("somewhere", "elsewhere"));
    const experiment = join(path, "experiments", "demo@0.1");
    for (const folder of ["series", "logs"]) {
      const [name] = readdirSync(join(experiment, folder));
      const bytes = readFileSync(join(experiment, folder, name!));
      writeFileSync(join(experiment, folder, name!), bytes.subarray(50));
    }
    const reader = fileStore(path);
    const frame = await reader.read(KEY);
    expect(frame.origin(0)).toBeUndefined();
    const record = await frame.record(2);
    expect((await reader.block(KEY, record, record.series!["loss"]!)).columns).toEqual(columns);
    expect((await reader.logs(KEY, record)).length).toBe(1);
    const lost = await frame.record(0);
    await expect(reader.block(KEY, lost, lost.series!["loss"]!)).rejects.toMatchObject({
      code: "METALAB_BLOCK_DAMAGED",
    });
    expect(await reader.logs(KEY, lost)).toEqual([]);
    expect(new Set(reader.damage.map(({ file: name }) => name.split("/")[2]))).toEqual(
      new Set(["segments", "series", "logs"]),
    );
  });
});

describe("index", () => {
  const frameFile = () => join(path, "cache", "experiments", "demo@0.1.frame");

  test("a store opened through the index is the same as one read from its lines", async () => {
    await fill(2500);
    const fold = { index: 2, count: 3 };
    await using writer = await fileStore(path).write(KEY, { origin: FACTS });
    await writer.append(recordOf(writer, 7, { attempt: 2, fold }));
    const direct = await fileStore(path).read(KEY);
    expect(existsSync(frameFile())).toBe(true);
    expect(direct.fold.reduce((sum, one) => sum + one, 0)).toBe(-2499 + 2);
    const reader = fileStore(path);
    const indexed = await reader.read(KEY);
    expect(indexed.length).toBe(2500);
    for (const field of FIELDS) {
      expect(indexed[field]).toEqual(direct[field]);
    }
    expect([...indexed.params]).toEqual([...direct.params]);
    expect([...indexed.metrics]).toEqual([...direct.metrics]);
    expect(indexed.origin(7)).toEqual(direct.origin(7));
    expect(await indexed.record(2499)).toEqual(await direct.record(2499));
    await fill(2600);
    expect((await reader.read(KEY)).length).toBe(2600);
    expect((await fileStore(path).read(KEY)).length).toBe(2600);
    expect(indexed.length).toBe(2500);
  });

  test("it is used: what it says of damage is told", async () => {
    await fill(2500);
    await fileStore(path).read(KEY);
    const index = readFrameFile(frameFile())!;
    const mark = { file: "mark", offset: 0, length: 1, reason: "only the index knows" };
    writeFrameFile(frameFile(), { ...index, damage: [mark] });
    const store = fileStore(path);
    expect((await store.read(KEY)).length).toBe(2500);
    expect(store.damage).toEqual([mark]);
  });

  test("a segment that was damaged and put back with its old time is read again", async () => {
    await fill(2500);
    const [file] = segments();
    const longAgo = new Date("2025-01-01T00:00:00Z");
    const whole = readFileSync(file!);
    const damaged = Buffer.from(whole).fill(0, 5000, whole.length - 5000);
    for (const [bytes, length] of [
      [whole, 2500],
      [damaged, expect.any(Number)],
      [whole, 2500],
    ] as const) {
      writeFileSync(file!, bytes);
      utimesSync(file!, longAgo, longAgo);
      const store = fileStore(path);
      expect((await store.read(KEY)).length).toEqual(length);
      expect(store.damage.length > 0).toBe(bytes === damaged);
    }
  });

  test("deleted, damaged or out of date it is made again", async () => {
    await fill(2500);
    await fileStore(path).read(KEY);
    const bytes = readFileSync(frameFile());
    for (const at of [0, 5, 9, 100, bytes.length >> 1, bytes.length - 1]) {
      const copy = Buffer.from(bytes);
      copy[at] = copy[at]! ^ 1;
      writeFileSync(frameFile(), copy);
      expect((await fileStore(path).read(KEY)).length).toBe(2500);
      expect(readFileSync(frameFile()).equals(copy)).toBe(false);
    }
    writeFileSync(frameFile(), bytes.subarray(0, 1000));
    expect((await fileStore(path).read(KEY)).length).toBe(2500);
    rmSync(join(path, "cache"), { recursive: true });
    expect((await fileStore(path).read(KEY)).length).toBe(2500);
    rmSync(segments()[0]!);
    expect((await fileStore(path).read(KEY)).length).toBe(0);
  });

  test("damage that was met when it was made is told again", async () => {
    await fill(2500);
    const [file] = segments();
    const bytes = readFileSync(file!);
    bytes[100_000] = bytes[100_000]! ^ 1;
    writeFileSync(file!, bytes);
    const first = fileStore(path);
    expect((await first.read(KEY)).length).toBe(2499);
    const second = fileStore(path);
    await second.read(KEY);
    expect(second.damage).toEqual(first.damage);
    expect(second.damage.length).toBe(1);
  });
});

/** Writes runs in a process of its own and says what it met. */
const script = join(work, "writer.mjs");
buildSync({
  stdin: {
    contents: `
      import { fileStore } from "./src/store/file/file-store.ts";
      import { recordOf, FACTS, KEY } from "./test/conformance/store-fixtures.ts";
      const [path, mode] = process.argv.slice(2);
      const store = fileStore(path);
      try {
        const writer = mode === "read" ? undefined : await store.write(KEY, { origin: FACTS });
        if (mode === "one") writer.append(recordOf(writer, 0));
        const met = [];
        if (mode === "fill") for (let n = 0; n < 100; n++) {
          try { writer.append(recordOf(writer, n)); } catch (error) { met.push(error.code); }
        }
        if (mode === "fill") try {
          writer.putBlock({ id: "a".repeat(64), kind: "series", name: "x", count: 9999,
            columns: { value: Float64Array.from({ length: 9999 }, (_, i) => Math.sin(i * i)) } });
        } catch (error) { met.push("block " + error.code + " " + error.message); }
        const frame = await store.read(KEY);
        console.log(JSON.stringify({ met, rows: frame.length, damage: store.damage, first: (await store.manifest(KEY)) ?? null }));
      } catch (error) {
        console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }));
      }`,
    resolveDir: process.cwd(),
    loader: "ts",
  },
  bundle: true,
  platform: "node",
  format: "esm",
  outfile: script,
  external: ["apache-arrow"],
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});

describe("a disk that takes no more", () => {
  function runChild(command: string, args: readonly string[], options = {}) {
    const child = spawnSync(command, args, { encoding: "utf8", ...options });
    try {
      return JSON.parse(child.stdout);
    } catch {
      throw new Error(`the child said ${child.stdout}${child.stderr}`);
    }
  }

  test("a limit of file size is an error at each write, and nothing torn stays behind", async () => {
    const limited = `ulimit -f 8; exec "$0" "$@"`;
    const said = runChild("bash", ["-c", limited, process.execPath, script, path, "fill"]);
    expect(new Set(said.met.slice(0, -1))).toEqual(new Set(["METALAB_STORE_FULL"]));
    expect(said.met.at(-1)).toMatch(/^block METALAB_STORE_FULL .*make space/);
    expect(said.rows).toBe(101 - said.met.length);
    expect(said.damage).toEqual([]);
    const store = fileStore(path);
    expect((await entriesOf(store)).length).toBe(said.rows + 1);
    expect(readFileSync(segments()[0]!, "utf8").endsWith("\n")).toBe(true);
    expect(store.damage).toEqual([]);
    const [series] = readdirSync(join(path, "experiments", "demo@0.1", "series"));
    expect(statSync(join(path, "experiments", "demo@0.1", "series", series!)).size).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "after space is made the same writer goes on, and nothing is lost",
    async (context) => {
      mkdirSync(path);
      if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", path]).status !== 0) {
        console.warn("no tmpfs can be mounted here: a full disk is not tested");
        context.skip();
      }
      try {
        const store = fileStore(path, { segmentBytes: 20_000 });
        await using writer = await store.write(KEY, { origin: FACTS });
        writer.append(recordOf(writer, 0));
        writeFileSync(join(path, ".filler"), Buffer.alloc(200_000));
        let written = 1;
        expect(() => {
          for (; written < 1000; written++) writer.append(recordOf(writer, written));
        }).toThrow(
          expect.objectContaining({
            code: "METALAB_STORE_FULL",
            details: expect.objectContaining({ code: "ENOSPC" }),
          }),
        );
        await expect(writer.putObject(Buffer.alloc(200_000, "x"))).rejects.toMatchObject({
          code: "METALAB_STORE_FULL",
        });
        expect(() => writer.append(recordOf(writer, written))).toThrow(StoreError);
        const reader = fileStore(path);
        expect((await reader.read(KEY)).length).toBe(written);
        expect(reader.damage).toEqual([]);
        await reader.cache("x", Buffer.alloc(200_000));
        expect(await reader.cached("x")).toBeUndefined();
        rmSync(join(path, ".filler"));
        for (const end = written + 100; written < end; written++) writer.append(recordOf(writer, written));
        expect((await fileStore(path).read(KEY)).length).toBe(written);
        expect(
          readdirSync(path, { recursive: true }).filter((name) => String(name).includes(".tmp")),
        ).toEqual([]);
      } finally {
        spawnSync("umount", ["-l", path]);
      }
    },
  );

  test.skipIf(process.getuid?.() !== 0)(
    "a store of somebody else can be read and says that it cannot be written",
    async () => {
      await fill(2);
      await fileStore(path).putManifest(manifestOf(KEY));
      spawnSync("chmod", ["-R", "a+rX,go-w", path]);
      chmodSync(work, 0o755);
      const nobody = { uid: 65534, gid: 65534, cwd: "/" };
      const copy = join(work, "writer-for-nobody.mjs");
      cpSync(script, copy);
      chownSync(copy, 65534, 65534);
      const seen = runChild(process.execPath, [copy, path, "read"], nobody);
      expect(seen).toMatchObject({ rows: 2, damage: [], first: { name: "demo" } });
      const refused = runChild(process.execPath, [copy, path, "one"], nobody);
      expect(refused).toMatchObject({ name: "StoreError", code: "METALAB_STORE_READ_ONLY" });
      const fresh = runChild(process.execPath, [copy, join(path, "new", "place"), "one"], nobody);
      expect(fresh).toMatchObject({ name: "StoreError", code: "METALAB_STORE_READ_ONLY" });
      expect(existsSync(join(path, "new"))).toBe(false);
      chmodSync(join(path, SEGMENTS), 0o700);
      const hidden = runChild(process.execPath, [copy, path, "read"], nobody);
      expect(hidden).toMatchObject({ name: "StoreError", code: "METALAB_STORE_READ" });
    },
  );
});

test("three processes write one store at once, and nothing is lost", async () => {
  const children = await Promise.all(
    [0, 1, 2].map(
      () =>
        new Promise<string>((resolve, reject) => {
          execFile(process.execPath, [script, path, "fill"], (error, stdout) =>
            error ? reject(error) : resolve(stdout),
          );
        }),
    ),
  );
  for (const said of children) expect(JSON.parse(said)).toMatchObject({ met: [], damage: [] });
  const store = fileStore(path);
  expect((await entriesOf(store)).filter(({ kind }) => kind === "record").length).toBe(300);
  const frame = await store.read(KEY);
  expect(frame.length).toBe(100);
  expect(store.damage).toEqual([]);
});

test("every error of the store says what to do", async () => {
  writeFileSync(path, "");
  const error = await fileStore(path)
    .read(KEY)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).message).toMatch(/^store: .* must be a folder, got .*\. Give /);
});
