import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import type { ArtifactRef, Entry, LogLine, RunRecord } from "../../src/experiment/record.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import type { Block } from "../../src/store/store.ts";
import { entriesOf, FACTS, KEY, manifestOf, recordOf } from "../conformance/store-fixtures.ts";

const RUNS = 2_100;
const MANIFESTS = [manifestOf(KEY, { trials: 1, created: 1 }), manifestOf(KEY, { trials: 2, created: 2 })];

const work = mkdtempSync(join(tmpdir(), "metalab-damage-"));
const template = join(work, "template");
const victim = join(work, "victim");
const blocks = new Map<string, Block>();
const logs = new Map<string, readonly LogLine[]>();
const refs: ArtifactRef[] = [];
let objects = new Map<string, string>();
let entries: readonly Entry[] = [];
/** Text of each line of each segment. */
let lines: readonly string[] = [];
let files: readonly string[] = [];

/** Two writers with several segments each, series, logs, artifacts, manifests, and an index in the cache. */
beforeAll(async () => {
  const store = fileStore(template, { segmentBytes: 200_000 });
  for (const manifest of MANIFESTS) await store.putManifest(manifest);
  await store.cache("hashes/files", Uint8Array.of(1, 2, 3));
  for (const half of [0, 1]) {
    await using writer = await store.write(KEY, { origin: { ...FACTS, pid: half } });
    for (let n = half; n < RUNS; n += 2) {
      let record = recordOf(writer, n, { params: { lr: n / 3, kind: n % 5 === 0 ? "a" : "b" } });
      if (n % 7 === 0) record = { ...record, status: "failed", metrics: { final_value: Number.NaN } };
      if (n < 20) {
        const value = Float64Array.from({ length: 100 }, (_, i) => Math.sin(n * 100 + i));
        const block: Block = { id: record.id, kind: "series", name: "loss", count: 100, columns: { value } };
        blocks.set(record.id, block);
        const line: LogLine = { time: n, level: "info", message: `run ${n}` };
        const [start] = writer.log(record.id, line);
        const [, end] = writer.log(record.id, { ...line, level: "warn" });
        logs.set(record.id, [line, { ...line, level: "warn" }]);
        const kept = await writer.putObject(Buffer.from(`artifact ${n % 3}`));
        const ref = { kind: "text", file: "x.txt", ...kept };
        refs.push(ref);
        objects = new Map(objects).set(ref.hash, `artifact ${n % 3}`);
        record = {
          ...record,
          series: { loss: writer.putBlock(block) },
          logs: [start, end, 2],
          artifacts: { ref },
        };
      }
      writer.append(record);
    }
    writer.append({ id: "f".repeat(64), kind: "forecast", why: "a future kind" });
  }
  const reader = fileStore(template);
  expect((await reader.read(KEY)).length).toBe(RUNS);
  entries = await entriesOf(reader);
  files = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.length + 1))
    .sort();
  lines = files
    .filter(isSegment)
    .flatMap((file) => readFileSync(join(template, file), "latin1").trimEnd().split("\n"));
  expect(files.some((file) => file.endsWith(".frame"))).toBe(true);
  expect(files.filter(isSegment).length).toBeGreaterThan(3);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function isSegment(file: string): boolean {
  return file.includes("/segments/");
}

type Harm = (bytes: Buffer, at: number, length: number, random: number) => Buffer | undefined;
const HARMS: Readonly<Record<string, Harm>> = {
  flip: (bytes, at, _, random) => {
    const copy = Buffer.from(bytes);
    copy[at] = copy[at]! ^ (1 + (random % 255));
    return copy;
  },
  "flip many": (bytes, at, length, random) => {
    const copy = Buffer.from(bytes);
    for (let i = at; i < Math.min(at + length, copy.length); i++)
      copy[i] = (copy[i]! + 1 + ((random * i) % 255)) & 255;
    return copy;
  },
  truncate: (bytes, at) => bytes.subarray(0, at),
  empty: () => Buffer.alloc(0),
  duplicate: (bytes, at, length) => Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]),
  delete: (bytes, at, length) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
  zero: (bytes, at, length) => Buffer.from(bytes).fill(0, at, Math.min(at + length, bytes.length)),
  newline: (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from("\n"), bytes.subarray(at)]),
  "delete a newline": (bytes, at) => {
    const newline = bytes.indexOf(10, at);
    return newline < 0 ? bytes : Buffer.concat([bytes.subarray(0, newline), bytes.subarray(newline + 1)]);
  },
  "delete the file": () => undefined,
};

const harm = fc.record({
  file: fc.nat(),
  how: fc.constantFrom(...Object.keys(HARMS)),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5_000 })),
  random: fc.nat(),
});
const foreign = fc.constantFrom(
  "README",
  "experiments/notes.txt",
  "experiments/demo@0.1/segments/.DS_Store",
  "experiments/demo@0.1/segments/other.jsonl",
  "experiments/demo@0.1/segments/folder.jsonl/x",
  "experiments/demo@0.1/manifests/x.json",
  "experiments/other@1/experiment.json",
  "experiments/other@1/segments/a.jsonl",
  "objects/ab/cd",
  "cache/experiments/other@1.frame",
);

/** What a reader met: values it returned and the errors it explained. */
async function tryTo<T>(read: () => Promise<T>): Promise<T | StoreError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

/** Lines whose every byte is still in some segment, and whether the segments hold anything else. */
function intactLines(): { intact: Set<string>; hasRest: boolean } {
  const intact = new Set<string>();
  let hasRest = false;
  for (const file of files.filter((name) => isSegment(name) && existsSync(join(victim, name)))) {
    const text = readFileSync(join(victim, file), "latin1");
    if (text === readFileSync(join(template, file), "latin1")) {
      for (const line of text.trimEnd().split("\n")) intact.add(line);
      continue;
    }
    let rest = text;
    for (const line of lines) {
      if (!text.includes(line)) continue;
      intact.add(line);
      rest = rest.replaceAll(line, "");
    }
    hasRest ||= /[^\n]/.test(rest);
  }
  return { intact, hasRest };
}

test("after any damage every intact line is read, nothing wrong is, and damage is told", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(harm, { minLength: 1, maxLength: 4 }),
      fc.array(foreign, { maxLength: 2 }),
      fc.boolean(),
      async (harms, strangers, dropCache) => {
        rmSync(victim, { recursive: true, force: true });
        cpSync(template, victim, { recursive: true, preserveTimestamps: true });
        if (dropCache) rmSync(join(victim, "cache"), { recursive: true });
        for (const { file, how, at, length, random } of harms) {
          const path = join(victim, files[file % files.length]!);
          if (!existsSync(path)) continue;
          const bytes = readFileSync(path);
          const result = HARMS[how]!(bytes, Math.floor(at * bytes.length), length, random);
          if (result === undefined) rmSync(path);
          else writeFileSync(path, result);
        }
        for (const stranger of strangers) {
          mkdirSync(dirname(join(victim, stranger)), { recursive: true });
          if (!existsSync(join(victim, stranger)))
            writeFileSync(join(victim, stranger), '{"id":"no such line"}\n\u0000{');
        }
        await checkVictim();
      },
    ),
    { numRuns: 150 },
  );
});

async function checkVictim(): Promise<void> {
  const store = fileStore(victim);
  const { intact, hasRest } = intactLines();

  const read = await tryTo(() => store.read(KEY));
  if (read instanceof StoreError) throw read;
  const found = await entriesOf(store);
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  expect(found.filter((entry) => !isDeepStrictEqual(entry, known.get(entry.id)))).toEqual([]);
  const foundIds = new Set(found.map(({ id }) => id));
  const missing = [...intact].filter((line) => !foundIds.has(line.slice(7, 71)));
  expect(missing).toEqual([]);
  for (const line of intact) {
    if (line.includes('"kind":"record"')) expect(read.ids.find(line.slice(7, 71))).toBeGreaterThanOrEqual(0);
  }
  if (hasRest) expect(store.damage.length).toBeGreaterThan(0);

  for (let row = 0; row < read.length; row++) {
    const id = read.ids.hex(row);
    if (!blocks.has(id) && row % 50 !== 0) continue;
    const record = await tryTo(() => read.record(row));
    if (record instanceof StoreError) continue;
    expect(record).toEqual(known.get(id));
    await checkAttachments(store, record);
  }
  for (const ref of refs) {
    const bytes = await tryTo(() => store.object(ref));
    if (bytes instanceof StoreError)
      expect(["METALAB_OBJECT_MISSING", "METALAB_OBJECT_DAMAGED"]).toContain(bytes.code);
    else expect(Buffer.from(bytes).toString()).toBe(objects.get(ref.hash));
  }
  await checkManifests(store);
  const cached = await store.cached("hashes/files");
  if (cached !== undefined) expect([...cached]).toEqual([1, 2, 3]);
}

async function checkAttachments(store: ReturnType<typeof fileStore>, record: RunRecord): Promise<void> {
  const pointer = record.series?.["loss"];
  if (pointer !== undefined) {
    const before = store.damage.length;
    const block = await tryTo(() => store.block(KEY, record, pointer));
    if (block instanceof StoreError) expect(block.code).toBe("METALAB_BLOCK_DAMAGED");
    else expect(block).toEqual(blocks.get(record.id));
    expect(store.damage.length).toBeGreaterThanOrEqual(before);
  }
  const expected = logs.get(record.id);
  if (expected === undefined) return;
  const lines = await store.logs(KEY, record);
  const texts = new Set(expected.map((line) => JSON.stringify(line)));
  for (const line of lines) expect(texts).toContain(JSON.stringify(line));
  if (lines.length < expected.length) expect(store.damage.length).toBeGreaterThan(0);
}

async function checkManifests(store: ReturnType<typeof fileStore>): Promise<void> {
  const manifests = await store.experiments();
  const found = manifests.find(({ name }) => name === KEY.name);
  expect(await store.manifest(KEY)).toEqual(found);
  if (found !== undefined) expect(MANIFESTS).toContainEqual(found);
  const folder = "experiments/demo@0.1";
  const isWhole = (file: string) =>
    existsSync(join(victim, file)) &&
    readFileSync(join(victim, file)).equals(readFileSync(join(template, file)));
  const versions = files.filter((file) => file.startsWith(`${folder}/manifests/`));
  if (isWhole(`${folder}/experiment.json`) || versions.some(isWhole)) expect(found).toBeDefined();
}
