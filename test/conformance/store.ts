import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DefinitionError } from "../../src/errors.ts";
import type { DerivedEntry, Entry, RunRecord } from "../../src/experiment/record.ts";
import { sha256Hex } from "../../src/identity/sha256.ts";
import { valueAt } from "../../src/store/frame.ts";
import type { Block, Store } from "../../src/store/store.ts";
import { entriesOf, FACTS, KEY, manifestOf, recordOf, recordsOf } from "./store-fixtures.ts";

/** A store under test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another view of the same store, as another process would open it. */
  reopen(): Store;
  dispose(): Promise<void>;
}

/** What every store must do. */
export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let subject: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(() => subject.dispose());

    test("an empty store has no experiments, no runs and no damage", async () => {
      expect(await store.experiments()).toEqual([]);
      expect(await store.manifest(KEY)).toBeUndefined();
      const frame = await store.read(KEY);
      expect(frame.length).toBe(0);
      expect([...frame.params.keys()]).toEqual([]);
      expect(await entriesOf(store)).toEqual([]);
      expect(store.damage).toEqual([]);
    });

    test("a record comes back as it was put, also elsewhere", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const record = recordOf(writer, 3, {
        fold: { index: 1, count: 5 },
        params: {
          lr: Number.NaN,
          wd: -0,
          big: 12n ** 30n,
          name: "é\n\u2028\ud800",
          layers: [1, [2]],
          $tag: { $x: null },
        },
        metrics: { loss: Number.NaN, up: Number.POSITIVE_INFINITY, zero: -0, label: "a", ok: true, $m: 1 },
        series: { loss: [0, 10], $odd: [10, 20] },
        artifacts: { model: { kind: "json", hash: "b".repeat(64), sizeBytes: 3, file: "model.json" } },
        logs: [0, 10, 1],
        generation: 2,
        tags: ["x"],
        status: "failed",
        error: { class: "error", name: "TypeError", message: "no “thing”", stack: "at …\n  at …" },
      });
      await writer.append(record);
      for (const view of [store, subject.reopen()]) {
        const frame = await view.read(KEY);
        expect(frame.length).toBe(1);
        expect(await frame.record(0)).toEqual(record);
        expect(frame.error(0)).toEqual(record.error);
        expect(frame.status(0)).toBe("failed");
        expect(frame.generation[0]).toBe(2);
        expect(frame.fold[0]).toBe(1);
        for (const [param, value] of Object.entries(record.params)) {
          expect(valueAt(frame.params.get(param), 0)).toEqual(value);
        }
        for (const [metric, value] of Object.entries(record.metrics)) {
          expect(Object.is(valueAt(frame.metrics.get(metric), 0), value)).toBe(true);
        }
        expect((await entriesOf(view)).filter(({ kind }) => kind === "record")).toEqual([record]);
        expect(view.damage).toEqual([]);
      }
    });

    test("a frame has one row per id with all its columns", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      for (let n = 0; n < 700; n++)
        await writer.append(recordOf(writer, n, { replicate: n % 3, attempt: 1 + (n % 2) }));
      const frame = await subject.reopen().read(KEY);
      expect(frame.length).toBe(700);
      expect(frame.trial.length).toBe(700);
      for (const n of [0, 1, 255, 256, 699]) {
        const row = frame.ids.find(sha256Hex(`run ${n}`));
        expect(frame.trial[row]).toBe(n);
        expect(frame.replicate[row]).toBe(n % 3);
        expect(frame.attempt[row]).toBe(1 + (n % 2));
        expect(frame.generation[row]).toBe(0);
        expect(frame.started[row]).toBe(1_750_000_000_000 + n);
        expect(frame.durationMs[row]).toBe(1.25);
        expect(frame.status(row)).toBe("success");
        expect(frame.error(row)).toBeUndefined();
        expect(frame.origin(row)).toEqual(writer.origin);
        expect(valueAt(frame.params.get("lr"), row)).toBe(0.001 * (n + 1));
        expect(valueAt(frame.metrics.get("final_value"), row)).toBe(n / 7);
      }
      await expect(frame.record(700)).rejects.toThrow(RangeError);
    });

    test("folds are a column; a run without one has -1, whatever else it holds", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const fold = { index: 4, count: 5 };
      const series = { fold: [0, 10] };
      await writer.append(recordOf(writer, 0));
      await writer.append(recordOf(writer, 1, { fold }));
      await writer.append(recordOf(writer, 2, { series, params: { fold: 3 }, metrics: { fold: 2 } }));
      await writer.append(recordOf(writer, 3, { series, fold: { index: 0, count: 5 }, tags: ["x"] }));
      await writer.append(recordOf(writer, 4, { status: "failed" }));
      await writer.append(recordOf(writer, 4, { fold, attempt: 2 }));
      for (const view of [store, subject.reopen(), subject.reopen()]) {
        const frame = await view.read(KEY);
        const rows = [0, 1, 2, 3, 4].map((n) => frame.ids.find(sha256Hex(`run ${n}`)));
        expect(rows.map((row) => frame.fold[row])).toEqual([-1, 4, -1, 0, 4]);
        expect(frame.fold.length).toBe(5);
        expect((await frame.record(rows[3]!)).fold).toEqual({ index: 0, count: 5 });
      }
    });

    test("a fold that is none is refused before anything is written", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      for (const fold of [{ index: 5, count: 5 }, { index: -1, count: 5 }, { index: 0.5, count: 2 }, 3]) {
        expect(() => writer.append(recordOf(writer, 0, { fold: fold as never }))).toThrow(
          expect.objectContaining({ code: "METALAB_STORE_ENTRY" }),
        );
      }
      expect((await store.read(KEY)).length).toBe(0);
    });

    test("a column that meets something else than a number becomes coded and keeps its numbers", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      await writer.append(recordOf(writer, 0, { params: { k: 0.5 } }));
      await writer.append(recordOf(writer, 1, { params: {} }));
      const before = await store.read(KEY);
      await writer.append(recordOf(writer, 2, { params: { k: "0.5" } }));
      await writer.append(recordOf(writer, 3, { params: { k: [1, 2] } }));
      await writer.append(recordOf(writer, 4, { params: { k: null } }));
      await writer.append(recordOf(writer, 5, { params: { k: "0.5" } }));
      const frame = await store.read(KEY);
      const column = frame.params.get("k")!;
      expect(column.kind).toBe("coded");
      expect([0, 1, 2, 3, 4, 5].map((row) => valueAt(column, row))).toEqual([
        0.5,
        undefined,
        "0.5",
        [1, 2],
        null,
        "0.5",
      ]);
      if (column.kind === "coded") expect(column.codes[2]).toBe(column.codes[5]);
      expect(before.params.get("k")).toMatchObject({ kind: "number" });
    });

    test("a frame that was handed out does not change", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      await writer.append(recordOf(writer, 0, { params: { a: "x" }, status: "failed", metrics: { m: 1 } }));
      const frame = await store.read(KEY);
      await writer.append(
        recordOf(writer, 0, { params: { a: "y" }, metrics: { m: 2, extra: 3 }, attempt: 2 }),
      );
      await writer.append(recordOf(writer, 1, { params: { a: "z" } }));
      const later = await store.read(KEY);
      expect([frame.length, later.length]).toEqual([1, 2]);
      expect([frame.ids.length, later.ids.length]).toEqual([1, 2]);
      expect([frame.status(0), later.status(0)]).toEqual(["failed", "success"]);
      expect([valueAt(frame.params.get("a"), 0), valueAt(later.params.get("a"), 0)]).toEqual(["x", "y"]);
      expect([valueAt(frame.metrics.get("m"), 0), valueAt(later.metrics.get("m"), 0)]).toEqual([1, 2]);
      expect(valueAt(frame.metrics.get("extra"), 0)).toBeUndefined();
      expect([frame.attempt[0], later.attempt[0]]).toEqual([1, 2]);
      expect((await frame.record(0)).attempt).toBe(1);
    });

    test("a reader sees what was finished when it asked, while the writer goes on", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const view = subject.reopen();
      for (let n = 0; n < 50; n++) {
        await writer.append(recordOf(writer, n));
        expect((await view.read(KEY)).length).toBe(n + 1);
      }
    });

    test("to follow what is written changes nothing of what is read", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      for (let n = 0; n < 5; n++) {
        await writer.append(recordOf(writer, n));
        await Promise.all([store.follow?.(KEY), store.follow?.(KEY)]);
      }
      const before = await store.read(KEY);
      await writer.append(recordOf(writer, 5));
      await writer.append(recordOf(writer, 1, { attempt: 2 }));
      await store.follow?.(KEY);
      expect(before.length).toBe(5);
      expect(before.ids.find(sha256Hex("run 5"))).toBe(-1);
      const [now, anew] = [await store.read(KEY), await subject.reopen().read(KEY)];
      expect(now.length).toBe(6);
      for (let row = 0; row < 6; row++) {
        expect(now.ids.hex(row)).toBe(anew.ids.hex(row));
        expect(await now.record(row)).toEqual(await anew.record(row));
      }
      expect(store.damage).toEqual([]);
    });

    test("three writers at once lose nothing, and readers agree on one winner per id", async () => {
      const writers = await Promise.all([1, 2, 3].map(() => store.write(KEY, { origin: FACTS })));
      expect(new Set(writers.map(({ origin }) => origin.id)).size).toBe(3);
      for (let n = 0; n < 200; n++) {
        for (const [i, writer] of writers.entries()) {
          await writer.append(recordOf(writer, n, { started: 1000 + ((i + n) % 3), metrics: { by: i } }));
        }
      }
      expect((await entriesOf(store)).filter(({ kind }) => kind === "record").length).toBe(600);
      for (const view of [store, subject.reopen()]) {
        const frame = await view.read(KEY);
        expect(frame.length).toBe(200);
        for (let n = 0; n < 200; n++) {
          const row = frame.ids.find(sha256Hex(`run ${n}`));
          const earliest = [0, 1, 2].find((i) => (i + n) % 3 === 0);
          expect(valueAt(frame.metrics.get("by"), row)).toBe(earliest);
        }
      }
      await Promise.all(writers.map((writer) => writer.close()));
    });

    test("of two records of an id the re-run wins, then the finished, then the later attempt, then the earlier", async () => {
      const cases: readonly [loser: Partial<RunRecord>, winner: Partial<RunRecord>][] = [
        [{ attempt: 9 }, { generation: 1, status: "failed" }],
        [{ status: "failed", attempt: 5 }, { status: "success" }],
        [{ status: "cancelled", attempt: 5 }, { status: "pruned" }],
        [{ attempt: 1 }, { attempt: 2, started: 9e12 }],
        [{ started: 2000 }, { started: 1000 }],
      ];
      await using writer = await store.write(KEY, { origin: FACTS });
      for (const [i, [loser, winner]] of cases.entries()) {
        await writer.append(recordOf(writer, 2 * i, { ...loser, metrics: { won: false } }));
        await writer.append(recordOf(writer, 2 * i, { ...winner, metrics: { won: true } }));
        await writer.append(recordOf(writer, 2 * i + 1, { ...winner, metrics: { won: true } }));
        await writer.append(recordOf(writer, 2 * i + 1, { ...loser, metrics: { won: false } }));
      }
      const frame = await store.read(KEY);
      expect(frame.length).toBe(2 * cases.length);
      for (let row = 0; row < frame.length; row++) expect(valueAt(frame.metrics.get("won"), row)).toBe(true);
    });

    test("the winner's row holds nothing of the loser", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const error = { class: "error", name: "E", message: "m" } as const;
      await writer.append(
        recordOf(writer, 0, { status: "failed", error, metrics: { partial: 1, text: "x" } }),
      );
      await writer.append(recordOf(writer, 0, { attempt: 2, metrics: { loss: 2 } }));
      const frame = await store.read(KEY);
      expect(frame.error(0)).toBeUndefined();
      expect(valueAt(frame.metrics.get("partial"), 0)).toBeUndefined();
      expect(valueAt(frame.metrics.get("text"), 0)).toBeUndefined();
      expect(valueAt(frame.metrics.get("loss"), 0)).toBe(2);
    });

    test("start lines of runs without a record are told, and go once there is one", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const { id, trial, replicate, started, attempt, from } = recordOf(writer, 0);
      const start = { id, kind: "start" as const, trial, replicate, started, attempt, from };
      await writer.append(start);
      const frame = await store.read(KEY);
      expect(frame.length).toBe(0);
      expect([...frame.starts]).toEqual([[id, start]]);
      await writer.append(recordOf(writer, 0));
      await writer.append({ ...start, attempt: 2 });
      for (const view of [store, subject.reopen()]) expect((await view.read(KEY)).starts.size).toBe(0);
      expect(frame.starts.size).toBe(1);
    });

    test("a deleted run is gone until it is executed again, whichever line is read first", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const ids = [0, 1, 2, 3].map((n) => recordOf(writer, n).id);
      await writer.append({ id: ids[1]!, kind: "delete", generation: 0, time: 5 });
      await writer.append(recordOf(writer, 0, { metrics: { only: true } }));
      await writer.append(recordOf(writer, 1));
      await writer.append(recordOf(writer, 2, { generation: 1 }));
      await writer.append(recordOf(writer, 3));
      const before = await store.read(KEY);
      await writer.append({ id: ids[0]!, kind: "delete", generation: 0, time: 5 });
      await writer.append({ id: ids[2]!, kind: "delete", generation: 0, time: 5 });
      await writer.append({ id: ids[3]!, kind: "delete", generation: 3, time: 5 });
      await writer.append({ id: ids[3]!, kind: "delete", generation: 1, time: 6 });
      await writer.append(recordOf(writer, 3, { generation: 4, trial: 33 }));
      for (const view of [store, subject.reopen()]) {
        const frame = await view.read(KEY);
        expect(Array.from({ length: frame.length }, (_, row) => frame.ids.hex(row)).sort()).toEqual(
          [ids[2]!, ids[3]!].sort(),
        );
        expect(frame.trial[frame.ids.find(ids[3]!)]).toBe(33);
        expect(await frame.record(frame.ids.find(ids[2]!))).toMatchObject({ generation: 1 });
        expect(ids.map((id) => frame.deleted.generation(id))).toEqual([0, 0, 0, 3]);
        expect(frame.deleted.size).toBe(4);
        expect(frame.metrics.has("only")).toBe(false);
      }
      expect(before.length).toBe(3);
      expect(await before.record(before.ids.find(ids[0]!))).toMatchObject({ id: ids[0] });
      expect(store.damage).toEqual([]);
    });

    test("a start that was said before its run was deleted tells nothing", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const { id, trial, replicate, attempt, from } = recordOf(writer, 0);
      const start = { id, kind: "start" as const, trial, replicate, started: 10, attempt, from };
      await writer.append({ id, kind: "delete", generation: 0, time: 20 });
      await writer.append(start);
      expect((await store.read(KEY)).starts.size).toBe(0);
      await writer.append({ ...start, started: 30, attempt: 2 });
      expect((await subject.reopen().read(KEY)).starts.size).toBe(1);
    });

    test("of pins and tags the latest word counts", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const records = [0, 1, 2].map((n) => recordOf(writer, n));
      const [a, b] = records.map(({ id }) => id) as [string, string];
      await writer.append({ id: a, kind: "pin", pinned: true, time: 2 });
      await writer.append({ id: a, kind: "pin", pinned: false, time: 1 });
      await writer.append({ id: b, kind: "pin", pinned: true, time: 1 });
      await writer.append({ id: b, kind: "pin", pinned: false, time: 2 });
      await writer.append({ id: a, kind: "tag", add: ["x", "y"], remove: [], time: 2 });
      await writer.append({ id: a, kind: "tag", add: ["z", "w"], remove: ["x", "w"], time: 1 });
      await writer.append({ id: a, kind: "tag", add: [], remove: ["y", "q"], time: 3 });
      for (const record of records) await writer.append(record);
      for (const view of [store, subject.reopen()]) {
        const frame = await view.read(KEY);
        expect([0, 1, 2].map((row) => frame.pinned(row))).toEqual([true, false, false]);
        expect(frame.tagged(0)).toEqual({ added: ["w", "x", "z"], removed: ["q", "y"] });
        expect(frame.tagged(1)).toBeUndefined();
      }
    });

    test("accepted edits are told, oldest first", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const accept = { kind: "accept" as const, from: "function/1:a", to: "function/1:b" };
      await writer.append({ ...accept, id: sha256Hex("2"), time: 2 });
      await writer.append({ ...accept, id: sha256Hex("1"), time: 1 });
      await writer.append({ ...accept, id: sha256Hex("1"), time: 1 });
      expect((await subject.reopen().read(KEY)).accepts.map(({ time }) => time)).toEqual([1, 2]);
    });

    test("derived metrics stand beside captured ones, and count only for their record", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const records = [0, 1, 2].map((n) => recordOf(writer, n, { metrics: { loss: n } }));
      const derived = (n: number, time: number, metrics: DerivedEntry["metrics"], of = [0, 1, 0]) => ({
        id: records[n]!.id,
        kind: "derived" as const,
        code: `function/1:${time}`,
        metrics,
        of: [of[0]!, of[1]!, records[n]!.started] as const,
        time,
      });
      await writer.append(derived(0, 1, { auc: 0.1, loss: 99, note: "a" }));
      for (const record of records) await writer.append(record);
      await writer.append(derived(0, 3, { auc: 0.3 }));
      await writer.append(derived(0, 2, { auc: 0.2, note: null }));
      await writer.append(derived(1, 1, { auc: 0.5 }, [0, 2, 0]));
      await writer.append(derived(2, 1, { auc: Number.NaN }));
      await writer.append({ ...derived(2, 1, { auc: 1 }), id: sha256Hex("no such run") });
      const frames = [await store.read(KEY), await subject.reopen().read(KEY)];
      for (const frame of frames) {
        const auc = [0, 1, 2].map((row) => valueAt(frame.metrics.get("auc"), row));
        expect(auc).toEqual([0.3, undefined, Number.NaN]);
        expect([0, 1, 2].map((row) => valueAt(frame.metrics.get("loss"), row))).toEqual([0, 1, 2]);
        expect(valueAt(frame.derived.get("loss"), 0)).toBe(99);
        expect(frame.derived.has("note")).toBe(false);
        expect([0, 1, 2].map((row) => frame.derivedBy(row, "auc"))).toEqual([
          "function/1:3",
          undefined,
          "function/1:1",
        ]);
      }
      await writer.append({ ...records[0]!, attempt: 2 });
      expect(valueAt((await store.read(KEY)).metrics.get("auc"), 0)).toBeUndefined();
      expect(valueAt(frames[0]!.metrics.get("auc"), 0)).toBe(0.3);
    });

    test("entries of unknown kinds are kept as they are", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const unknown = {
        id: sha256Hex("x"),
        kind: "forecast",
        $params: { x: Number.NaN },
        list: [1n, null],
      };
      await writer.append(unknown);
      await writer.append({ ...unknown, id: sha256Hex("y"), kind: "forecasts" });
      const ofKind: Entry[] = [];
      for await (const entry of subject.reopen().entries(KEY, "forecast")) ofKind.push(entry);
      expect(ofKind).toEqual([unknown]);
      expect((await entriesOf(subject.reopen())).filter(({ kind }) => kind === "forecast")).toEqual([
        unknown,
      ]);
      expect((await store.read(KEY)).length).toBe(0);
      expect(store.damage).toEqual([]);
    });

    test("an entry that no reader could take is refused and nothing is written", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const bad = [
        { id: "abc" },
        { trial: Number.NaN },
        { trial: -1 },
        { started: Number.POSITIVE_INFINITY },
        { params: { f: () => 1 } },
        { seed: 5 },
      ] as unknown as Partial<RunRecord>[];
      for (const more of bad) expect(() => writer.append(recordOf(writer, 0, more))).toThrow(DefinitionError);
      await writer.append(recordOf(writer, 1));
      expect((await recordsOf(subject.reopen())).size).toBe(1);
    });

    test("blocks come back bit for bit and several are joined", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const record = recordOf(writer, 0);
      const first: Block = {
        id: record.id,
        kind: "series",
        name: "loss",
        count: 4,
        columns: {
          step: Float64Array.of(0, 1, 2, 3),
          value: Float64Array.of(Number.NaN, -0, Number.NEGATIVE_INFINITY, 5e-324),
        },
      };
      const second: Block = {
        ...first,
        count: 1,
        columns: { step: [4], value: ["text"], note: [undefined] },
      };
      const pointer = [...writer.putBlock(first), ...writer.putBlock(second)];
      const full = { ...record, series: { loss: pointer } };
      await writer.append(full);
      const view = subject.reopen();
      const stored = await (await view.read(KEY)).record(0);
      const joined = await view.block(KEY, stored, stored.series!.loss!);
      expect(joined.count).toBe(5);
      expect(joined.columns.step).toEqual(Float64Array.of(0, 1, 2, 3, 4));
      expect(joined.columns.value).toEqual([Number.NaN, -0, Number.NEGATIVE_INFINITY, 5e-324, "text"]);
      expect(joined.columns.note).toEqual([undefined, undefined, undefined, undefined, undefined]);
      expect(await view.block(KEY, stored, pointer.slice(0, 2))).toEqual(first);
      await expect(view.block(KEY, stored, [999_999, 10])).rejects.toMatchObject({
        code: "METALAB_BLOCK_DAMAGED",
      });
    });

    test("blocks and logs of a run are those of the writer that won", async () => {
      const [one, two] = [
        await store.write(KEY, { origin: FACTS }),
        await store.write(KEY, { origin: FACTS }),
      ];
      for (const [i, writer] of [one, two].entries()) {
        const record = recordOf(writer, 0, { attempt: i + 1 });
        const pointer = writer.putBlock({
          id: record.id,
          kind: "data",
          name: "d",
          count: 1,
          columns: { value: [`by ${i}`] },
        });
        const [start, end] = writer.log(record.id, { time: i, level: "info", message: `by ${i}` });
        await writer.append({ ...record, data: { d: pointer }, logs: [start, end, 1] });
      }
      const stored = await (await store.read(KEY)).record(0);
      expect((await store.block(KEY, stored, stored.data!.d!)).columns.value).toEqual(["by 1"]);
      expect(await store.logs(KEY, stored)).toEqual([{ time: 1, level: "info", message: "by 1" }]);
      await Promise.all([one.close(), two.close()]);
    });

    test("logs of runs that were in flight together are told apart", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const records = [0, 1].map((n) => recordOf(writer, n));
      const ranges: (readonly [number, number])[] = [];
      for (let i = 0; i < 6; i++) {
        const message = `line ${i} “\n\u0000”`;
        ranges.push(writer.log(records[i % 2]!.id, { time: i, level: i === 1 ? "error" : "debug", message }));
      }
      await writer.append({ ...records[1]!, logs: [ranges[1]![0], ranges[5]![1], 3] });
      await writer.append(records[0]!);
      const view = subject.reopen();
      const stored = await recordsOf(view);
      const lines = await view.logs(KEY, stored.get(records[1]!.id)!);
      expect(lines.map(({ time }) => time)).toEqual([1, 3, 5]);
      expect(lines[0]).toEqual({ time: 1, level: "error", message: "line 1 “\n\u0000”" });
      expect(await view.logs(KEY, stored.get(records[0]!.id)!)).toEqual([]);
    });

    test("objects are kept once under their hash and checked when read", async () => {
      await using writer = await store.write(KEY, { origin: FACTS });
      const bytes = new TextEncoder().encode("some bytes");
      const kept = await writer.putObject(bytes);
      expect(kept).toEqual({ hash: sha256Hex(bytes), sizeBytes: 10 });
      expect(await writer.putObject(bytes)).toEqual(kept);
      const ref = { kind: "bytes", file: "x.bin", ...kept };
      const back = await subject.reopen().object(ref);
      expect(back).toEqual(bytes);
      expect(Object.getPrototypeOf(back)).toBe(Uint8Array.prototype);
      expect((await writer.putObject(new Uint8Array(0))).sizeBytes).toBe(0);
      for (const hash of ["c".repeat(64), "../../etc/passwd"]) {
        await expect(store.object({ ...ref, hash })).rejects.toMatchObject({
          code: "METALAB_OBJECT_MISSING",
        });
      }
    });

    test("cached bytes come back, and strange names are refused", async () => {
      expect(await store.cached("hashes/files")).toBeUndefined();
      await store.cache("hashes/files", Uint8Array.of(1, 2, 3));
      await store.cache("hashes/files", Uint8Array.of(4));
      expect(new Uint8Array((await subject.reopen().cached("hashes/files"))!)).toEqual(Uint8Array.of(4));
      for (const name of ["", "../x", "/etc/x", "a/../b", "A"]) {
        await expect(store.cache(name, Uint8Array.of(1))).rejects.toMatchObject({
          code: "METALAB_CACHE_NAME",
        });
        await expect(store.cached(name)).rejects.toMatchObject({ code: "METALAB_CACHE_NAME" });
      }
    });

    test("the newest manifest of each experiment is told, sorted", async () => {
      await store.putManifest(manifestOf({ name: "b", version: "1" }));
      await store.putManifest(manifestOf({ name: "a", version: "2" }));
      await store.putManifest(manifestOf({ name: "a", version: "1" }));
      await store.putManifest(
        manifestOf({ name: "a", version: "1" }, { trials: 5, created: 1_750_000_000_001 }),
      );
      const view = subject.reopen();
      expect((await view.experiments()).map(({ name, version, trials }) => [name, version, trials])).toEqual([
        ["a", "1", 5],
        ["a", "2", 2],
        ["b", "1", 2],
      ]);
      expect(await view.manifest({ name: "b", version: "1" })).toEqual(
        manifestOf({ name: "b", version: "1" }),
      );
      expect(await view.manifest({ name: "b", version: "2" })).toBeUndefined();
    });

    test("a definition that is run again keeps the time of its first run", async () => {
      await store.putManifest(manifestOf(KEY, { created: 1 }));
      await store.putManifest(manifestOf(KEY, { created: 2 }));
      expect((await subject.reopen().manifest(KEY))?.created).toBe(1);
      await store.putManifest(manifestOf(KEY, { created: 3, trials: 9 }));
      await store.putManifest(manifestOf(KEY, { created: 4 }));
      expect(await subject.reopen().manifest(KEY)).toEqual(manifestOf(KEY, { created: 1 }));
    });

    test("experiments do not see each other's runs, whatever their names", async () => {
      const keys = [
        { name: "demo", version: "1" },
        { name: "Demo", version: "1" },
        { name: "DEMO", version: "1" },
        { name: "demo", version: "1@1" },
        { name: "demo@1", version: "1" },
        { name: "con", version: "1" },
        { name: "é/ü", version: "…" },
        { name: "e_u", version: "1" },
      ];
      for (const [i, key] of keys.entries()) {
        await store.putManifest(manifestOf(key));
        await using writer = await store.write(key, { origin: FACTS });
        await writer.append(recordOf(writer, i));
      }
      const view = subject.reopen();
      expect((await view.experiments()).length).toBe(keys.length);
      for (const [i, key] of keys.entries()) {
        const frame = await view.read(key);
        expect([frame.length, frame.trial[0], frame.experiment]).toEqual([1, i, key]);
      }
    });

    test("a flush returns with either durability, and a closed writer says so", async () => {
      for (const durability of ["process", "disk"] as const) {
        const writer = await store.write(KEY, { origin: FACTS, durability });
        const result = writer.append(recordOf(writer, durability === "disk" ? 1 : 0));
        expect(result instanceof Promise).toBe(durability === "disk");
        await result;
        await Promise.all(Array.from({ length: 20 }, (_, i) => writer.append(recordOf(writer, 10 + i))));
        await writer.flush();
        await writer.close();
        await writer.close();
        expect(() => writer.append(recordOf(writer, 9))).toThrow(
          expect.objectContaining({ code: "METALAB_STORE_CLOSED" }),
        );
      }
      expect((await subject.reopen().read(KEY)).length).toBe(22);
    });

    test("files of sessions are lists of lines that grow, readable at once", async () => {
      const files = store.sessions!;
      expect(files.list("w")).toEqual([]);
      expect(files.read("w/a/log.jsonl")).toBeUndefined();
      const line = files.append("w/a/log.jsonl");
      line.append(Buffer.from("one\n"));
      expect(subject.reopen().sessions!.read("w/a/log.jsonl")?.toString()).toBe("one\n");
      line.append(Buffer.from("two\n"));
      line.close();
      line.close();
      const again = subject.reopen().sessions!.append("w/a/log.jsonl");
      again.append(Buffer.from("three\n"));
      again.close();
      expect(files.read("w/a/log.jsonl")?.toString()).toBe("one\ntwo\nthree\n");
      files.place("w/a/parameters.json", "{}");
      files.place("w/a/parameters.json", '{ "lr": 1 }');
      files.append("w/a/tracks/loss.jsonl").close();
      files.append("w/b/log.jsonl").close();
      expect(files.list("")).toEqual(["w"]);
      expect(files.list("w")).toEqual(["a", "b"]);
      expect(files.list("w/a")).toEqual(["log.jsonl", "parameters.json", "tracks"]);
      expect(files.read("w/a/parameters.json")?.toString()).toBe('{ "lr": 1 }');
      files.remove("w/a");
      files.remove("w/not-there");
      expect(files.list("w")).toEqual(["b"]);
      expect(files.read("w/a/log.jsonl")).toBeUndefined();
      expect(files.locate("w/b")).toContain("w/b");
      expect(store.damage).toEqual([]);
    });
  });
}
