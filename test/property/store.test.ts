import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { sha256Hex } from "../../src/identity/sha256.ts";
import { decodeBlock, encodeBlock } from "../../src/store/block.ts";
import { ColumnSet } from "../../src/store/column-builder.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { valueAt } from "../../src/store/frame.ts";
import { LineFormatter, parseEntry } from "../../src/store/line.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { RecordScanner } from "../../src/store/record-scanner.ts";
import { FACTS, KEY } from "../conformance/store-fixtures.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-property-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom("lr", "$num", "$$x", "é", "__proto__", "a.b", ""),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    0.1,
    1e21,
    1e-7,
    123456789012345680,
    5e-324,
    Number.MAX_VALUE,
    Number.NaN,
    0.30000000000000004,
  ),
);
const scalar = fc.oneof(number, fc.string({ unit: "binary", maxLength: 8 }), fc.boolean());
const param = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.constant(null),
  fc.bigInt(),
  fc.array(number, { maxLength: 3 }),
  fc.dictionary(name, scalar, { maxKeys: 2, noNullPrototype: true }),
);

/** Where blocks lie: pairs of numbers. */
const pointer = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 2 }).map((pairs) => pairs.flat());

const record: fc.Arbitrary<RunRecord> = fc.record(
  {
    id: fc.nat({ max: 6 }).map((n) => sha256Hex(String(n))),
    kind: fc.constant("record" as const),
    trial: fc.maxSafeNat(),
    replicate: fc.nat(),
    params: fc.dictionary(name, param, { maxKeys: 4, noNullPrototype: true }),
    seed: fc.constant("0123456789abcdef0123456789abcdef"),
    status: fc.constantFrom("success", "failed", "pruned", "cancelled"),
    metrics: fc.dictionary(name, scalar, { maxKeys: 4, noNullPrototype: true }),
    started: fc.oneof(
      fc.nat({ max: 3 }),
      fc.double({ min: 0, max: 1e13, noNaN: true }).map((n) => n + 0),
    ),
    durationMs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    attempt: fc.integer({ min: 1, max: 3 }),
    from: fc.constantFrom("0123456789abcdef", "fedcba9876543210"),
    generation: fc.nat({ max: 2 }),
    error: fc.record({
      class: fc.constantFrom("error" as const, "nan" as const),
      name: fc.string(),
      message: fc.string({ unit: "binary" }),
    }),
    fold: fc
      .tuple(fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }))
      .map(([index, more]) => ({ index, count: index + more })),
    tags: fc.array(fc.string(), { maxLength: 2 }),
    series: fc.dictionary(name, pointer, { maxKeys: 2, noNullPrototype: true }),
    logs: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
  },
  {
    requiredKeys: [
      "id",
      "kind",
      "trial",
      "replicate",
      "params",
      "seed",
      "status",
      "metrics",
      "started",
      "durationMs",
      "attempt",
      "from",
    ],
    noNullPrototype: true,
  },
);

test("what is put comes back, NaN and all", async () => {
  await fc.assert(
    fc.property(record, (put) => {
      const line = new LineFormatter().format(put);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(parseEntry(line, 0, line.length - 1)).toEqual(put);
    }),
    { numRuns: 1000 },
  );
});

test("the fast scanner reads a record as full parsing does, or leaves it to that", () => {
  let scanned = 0;
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const [params, metrics] = [new ColumnSet(), new ColumnSet()];
      const scanner = new RecordScanner(params, metrics);
      for (const [row, put] of records.entries()) {
        const line = new LineFormatter().format(put);
        if (!scanner.scan(line, 0, line.length - 1, row)) {
          params.clearRow(row);
          metrics.clearRow(row);
          continue;
        }
        scanned++;
        const { trial, replicate, fold, started, durationMs, attempt, generation } = scanner;
        const status = ["success", "failed", "pruned", "cancelled"][scanner.status];
        expect({ trial, replicate, fold, started, durationMs, attempt, status, generation }).toEqual({
          trial: put.trial,
          replicate: put.replicate,
          fold: put.fold?.index ?? -1,
          started: put.started,
          durationMs: put.durationMs,
          attempt: put.attempt,
          status: put.status,
          generation: put.generation ?? 0,
        });
        for (const [set, values] of [
          [params, put.params],
          [metrics, put.metrics],
        ] as const) {
          const columns = set.snapshot(row + 1);
          const present = [...columns].filter(([, column]) => valueAt(column, row) !== undefined);
          expect(present.map(([key]) => key).sort()).toEqual(Object.keys(values).sort());
          for (const [key, column] of present) expect(valueAt(column, row)).toEqual(values[key]);
        }
        const error = line.toString("utf8", scanner.errorStart, scanner.errorEnd);
        expect(error === "" ? undefined : JSON.parse(error)).toEqual(put.error);
      }
    }),
    { numRuns: 1000 },
  );
  expect(scanned).toBeGreaterThan(500);
});

test("winners do not depend on who wrote which record, in what order, or on what is read first", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(record, fc.nat({ max: 2 })), { minLength: 1, maxLength: 25 }),
      fc.infiniteStream(fc.nat()),
      async (writes, random) => {
        const winners: unknown[] = [];
        for (const shuffled of [false, true]) {
          const path = join(work, `winners-${round++}`);
          const store = fileStore(path, { segmentBytes: 3000 });
          const writers = await Promise.all([0, 1, 2].map(() => store.write(KEY, { origin: FACTS })));
          const order = shuffled
            ? writes.map((write) => ({ write, at: random.next().value! })).sort((a, b) => a.at - b.at)
            : writes.map((write) => ({ write, at: 0 }));
          for (const { write, at } of order) {
            writers[shuffled ? at % 3 : write[1]]!.append(write[0]);
            if (at % 4 === 0) await store.read(KEY);
          }
          await Promise.all(writers.map((writer) => writer.close()));
          for (const view of [store, fileStore(path)]) winners.push(await winnersOf(view));
          if (shuffled) {
            // The same segments under names that sort differently.
            const folder = join(path, "experiments", "demo@0.1", "segments");
            mkdirSync(`${folder}2`);
            for (const file of readdirSync(folder)) {
              renameSync(join(folder, file), join(`${folder}2`, `${random.next().value}-${file}`));
            }
            rmSync(folder, { recursive: true });
            renameSync(`${folder}2`, folder);
            winners.push(await winnersOf(fileStore(path)));
          }
        }
        for (const other of winners.slice(1)) expect(other).toEqual(winners[0]);
      },
    ),
    { numRuns: 40 },
  );
});

async function winnersOf(store: ReturnType<typeof fileStore>): Promise<Map<string, unknown>> {
  const frame = await store.read(KEY);
  const winners = new Map<string, unknown>();
  for (let row = 0; row < frame.length; row++) {
    const winner = await frame.record(row);
    winners.set(frame.ids.hex(row), winner);
    expect(frame.status(row)).toBe(winner.status);
    expect(frame.error(row)).toEqual(winner.error);
    for (const [key, value] of Object.entries(winner.params)) {
      expect(valueAt(frame.params.get(key), row)).toEqual(value);
    }
    for (const [key, column] of frame.metrics) {
      expect(valueAt(column, row)).toEqual(
        Object.hasOwn(winner.metrics, key) ? winner.metrics[key] : undefined,
      );
    }
  }
  expect(store.damage).toEqual([]);
  return winners;
}

test("memory store and file store make the same frame of the same records", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 15 }), async (records) => {
      const seen: Map<string, unknown>[] = [];
      for (const store of [memoryStore(), fileStore(join(work, `same-${round++}`))]) {
        await using writer = await store.write(KEY, { origin: FACTS });
        for (const put of records) writer.append(put);
        seen.push(await winnersOf(store));
      }
      expect(seen[1]).toEqual(seen[0]);
    }),
    { numRuns: 40 },
  );
});

test("a block comes back bit for bit", () => {
  const doubles = fc.oneof(
    fc.array(number, { maxLength: 40 }),
    fc
      .tuple(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 }), fc.nat({ max: 50 }))
      .map(([start, stride, length]) => Array.from({ length }, (_, i) => start + i * stride)),
    fc
      .tuple(fc.double({ noNaN: true }), fc.nat({ max: 3000 }))
      .map(([rate, length]) => Array.from({ length }, (_, i) => Math.exp(-i * Math.abs(rate % 1)))),
  );
  const values = fc.oneof(
    doubles.map((list) => Float64Array.from(list)),
    fc.array(fc.option(param, { nil: undefined }), { maxLength: 40 }),
  );
  fc.assert(
    fc.property(values, fc.string(), (column, columnName) => {
      const block = { id: "a".repeat(64), kind: "series", name: "x", count: column.length };
      const bytes = encodeBlock({ ...block, columns: { [columnName]: column } });
      const back = decodeBlock(bytes);
      const list = back?.columns[columnName];
      expect([back?.count, Array.from(list ?? [])]).toEqual([column.length, Array.from(column)]);
      if (column instanceof Float64Array) {
        expect(Buffer.from((list as Float64Array).buffer).equals(Buffer.from(column.buffer))).toBe(true);
      }
      expect(decodeBlock(bytes.subarray(0, -1))).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
