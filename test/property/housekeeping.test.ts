import {
  cpSync,
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
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { gc } from "../../src/run/gc.ts";
import { mergeStores } from "../../src/run/merge.ts";
import { compact, verify } from "../../src/run/upkeep.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { FACTS, KEY, manifestOf, recordOf, recordsOf } from "../conformance/store-fixtures.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-housekeeping-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
let made = 0;

const step = fc.oneof(
  fc.record({
    what: fc.constant("record" as const),
    n: fc.nat(8),
    attempt: fc.integer({ min: 1, max: 3 }),
    generation: fc.nat(2),
    status: fc.constantFrom("success" as const, "failed" as const),
    started: fc.nat(5),
    artifacts: fc.array(fc.nat(6), { maxLength: 2 }),
    hasSeries: fc.boolean(),
  }),
  fc.record({ what: fc.constant("delete" as const), n: fc.nat(8), generation: fc.nat(2), time: fc.nat(9) }),
  fc.record({ what: fc.constant("pin" as const), n: fc.nat(8), pinned: fc.boolean(), time: fc.nat(9) }),
  fc.record({
    what: fc.constant("tag" as const),
    n: fc.nat(8),
    add: fc.constantFrom("a", "b"),
    time: fc.nat(9),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Writes steps to a store; two records that tie have the same content, as two executions of one run have. */
async function play(store: Store, steps: readonly Step[]): Promise<void> {
  await store.putManifest(manifestOf(KEY));
  await using writer = await store.write(KEY, { origin: FACTS });
  for (const one of steps) {
    const base = recordOf(writer, one.n);
    if (one.what === "delete") {
      await writer.append({ id: base.id, kind: "delete", generation: one.generation, time: one.time });
    } else if (one.what === "pin") {
      await writer.append({ id: base.id, kind: "pin", pinned: one.pinned, time: one.time });
    } else if (one.what === "tag") {
      await writer.append({ id: base.id, kind: "tag", add: [one.add], remove: [], time: one.time });
    } else {
      const { attempt, generation, status, started } = one;
      const label = `${one.n} ${attempt} ${generation} ${status} ${started}`;
      let record: RunRecord = { ...base, attempt, status, started, metrics: { label } };
      if (generation > 0) record = { ...record, generation };
      // Of equal executions only one has more: it would be by chance which of them counts.
      const isMarked = (attempt + started) % 2 === 0;
      if (isMarked) {
        const refs = await Promise.all(
          [one.n % 4, attempt].map((n) => writer.putObject(Buffer.from(`object ${n}`))),
        );
        const artifacts = Object.fromEntries(
          refs.map((ref, i) => [`a${i}`, { kind: "text", file: "x.txt", ...ref }]),
        );
        const value = Float64Array.of(one.n, attempt, started);
        const block = { id: base.id, kind: "series", name: "s", count: 3, columns: { value } };
        record = { ...record, artifacts, series: { s: writer.putBlock(block) } };
      }
      for (const n of one.artifacts) await writer.putObject(Buffer.from(`nobody's ${n}`));
      await writer.append(record);
    }
  }
}

/** What every run has, by id. */
async function contents(store: Store): Promise<ReadonlyMap<string, string>> {
  const frame = await store.read(KEY);
  const all = new Map<string, string>();
  for (const [id, record] of await recordsOf(store)) {
    const { from: _from, series, artifacts = {}, ...rest } = record;
    const block = series && (await store.block(KEY, record, series["s"]!)).columns["value"];
    const texts = await Promise.all(
      Object.values(artifacts).map(async (ref) => Buffer.from(await store.object(ref)).toString()),
    );
    const row = frame.ids.find(id);
    all.set(
      id,
      JSON.stringify([rest, block && [...block], texts, frame.pinned(row), frame.tagged(row) ?? null]),
    );
  }
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function newStore(isFile: boolean): Store {
  return isFile ? fileStore(join(work, `s${made++}`)) : memoryStore();
}

test("merging is commutative, associative and idempotent, and compaction changes nothing", async () => {
  const steps = fc.array(step, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      steps,
      steps,
      steps,
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      async (...all) => {
        const kinds = all[3];
        const stores = await Promise.all(
          [all[0], all[1], all[2]].map(async (one, i) => {
            const store = newStore(kinds[i]!);
            await play(store, one);
            return store;
          }),
        );
        const [a, b, c] = stores as [Store, Store, Store];
        const left = newStore(true);
        await mergeStores([a, b, c], left);
        const expected = await contents(left);
        const [inner, right] = [newStore(kinds[0]!), newStore(kinds[1]!)];
        await mergeStores([c, b], inner);
        await mergeStores([inner, a], right);
        expect(await contents(right)).toEqual(expected);
        expect(await mergeStores([b, a, inner], left)).toMatchObject({ runs: 0, notes: 0 });
        expect(await contents(left)).toEqual(expected);
        await compact(left);
        expect(await contents(left)).toEqual(expected);
        expect(await contents(fileStore(left.locator))).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
}, 180_000);

test("gc never touches an artifact that a run refers to, nor a run that a rule keeps", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.boolean(),
      fc.record({ newerThan: fc.nat(5), maxSize: fc.nat(6000), pinned: fc.boolean() }, { requiredKeys: [] }),
      async (steps, isFile, options) => {
        const store = newStore(isFile);
        await play(store, steps);
        const before = await contents(store);
        const frame = await store.read(KEY);
        const plan = await gc(store, { ...options, graceMs: -0 });
        expect(await contents(store)).toEqual(before);
        const done = await gc(store, { ...options, graceMs: 0, dryRun: false });
        expect([done.runs, done.runBytes]).toEqual([plan.runs, plan.runBytes]);
        // Reads every artifact of every run that stayed.
        const after = await contents(store);
        expect(after.size).toBe(before.size - done.runs);
        for (const [id, content] of after) expect(content).toBe(before.get(id));
        for (let row = 0; row < frame.length; row++) {
          const isKept =
            (options.pinned !== false && frame.pinned(row)) ||
            (options.maxSize === undefined &&
              (options.newerThan === undefined || frame.started[row]! > options.newerThan));
          if (isKept) expect(after.has(frame.ids.hex(row))).toBe(true);
        }
        if (options.maxSize !== undefined && options.pinned === false) {
          expect(Math.min(done.runs, before.size)).toBe(done.runs);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 180_000);

const template = join(work, "template");
let files: readonly string[] = [];
beforeAll(async () => {
  const store = fileStore(template, { segmentBytes: 3000 });
  await store.putManifest(manifestOf(KEY));
  for (const half of [0, 1]) {
    await using writer = await store.write(KEY, { origin: { ...FACTS, pid: half } });
    for (let n = half; n < 30; n += 2) {
      const record = recordOf(writer, n);
      const value = Float64Array.from({ length: 40 }, (_, i) => Math.sin(n * 100 + i));
      const block = { id: record.id, kind: "series", name: "loss", count: 40, columns: { value } };
      const [start, end] = writer.log(record.id, { time: n, level: "info", message: `run ${n}` });
      const kept = await writer.putObject(Buffer.from(`artifact ${n % 5}`));
      await writer.append({
        ...record,
        series: { loss: writer.putBlock(block) },
        logs: [start, end, 1],
        artifacts: { x: { kind: "text", file: "x.txt", ...kept } },
      });
    }
  }
  files = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.length + 1))
    .filter((file) => !file.startsWith("cache/"))
    .sort();
});

test("verification finds every changed byte, and repair leaves a store that is whole but for what is lost", async () => {
  const harm = fc.record({
    file: fc.nat(),
    how: fc.constantFrom("flip", "truncate", "zero"),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.integer({ min: 1, max: 400 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(harm, { minLength: 1, maxLength: 3 }), async (harms) => {
      const victim = join(work, `victim${made++}`);
      cpSync(template, victim, { recursive: true, preserveTimestamps: true });
      const harmed = new Set<string>();
      for (const { file, how, at, length } of harms) {
        const name = files[file % files.length]!;
        const bytes = Buffer.from(readFileSync(join(victim, name)));
        const start = Math.floor(at * bytes.length);
        if (how === "flip") bytes[start] = bytes[start]! ^ 0x55;
        if (how === "zero") bytes.fill(0, start, Math.min(start + length, bytes.length));
        const result = how === "truncate" ? bytes.subarray(0, start) : bytes;
        // A cut between two lines, or zeros over nothing, cannot be seen.
        const isSeen = !(
          how === "truncate" &&
          (start === 0 || bytes[start - 1] === 10 || bytes[start] === 10)
        );
        if (isSeen && !result.equals(readFileSync(join(template, name)))) harmed.add(name);
        writeFileSync(join(victim, name), result);
        utimesSync(join(victim, name), new Date(), new Date());
      }
      const { damage, remaining } = await verify(victim, { repair: false });
      expect(remaining).toEqual(damage);
      const told = new Set(damage.map(({ file }) => file));
      // Nobody can tell that a segment was longer; what its runs point to tells.
      for (const name of harmed) {
        // Two harms may undo each other.
        if (readFileSync(join(victim, name)).equals(readFileSync(join(template, name)))) continue;
        const isTold = told.has(name) || readFileSync(join(victim, name)).length === 0;
        if (!isTold) expect.fail(`${name} was harmed, told were ${[...told].join(", ")}`);
      }
      const intact = await contentsOf(victim);
      const report = await verify(victim, { repair: true });
      const mended = await contentsOf(victim);
      for (const id of intact.keys()) expect(mended.has(id)).toBe(true);
      for (const { reason } of report.remaining) expect(reason).toMatch(/artifact|missing manifest/);
      for (const file of report.setAside) expect(existsSync(join(victim, file))).toBe(true);
      rmSync(victim, { recursive: true, force: true });
    }),
    { numRuns: 30 },
  );
}, 180_000);

async function contentsOf(path: string): Promise<Map<string, RunRecord>> {
  return recordsOf(fileStore(path));
}
