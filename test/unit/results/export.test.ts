import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { danfoSource, loadDanfo, toDanfo } from "../../../src/danfo.ts";
import type { Results } from "../../../src/results/results.ts";
import { sql } from "../../../src/results/sql/sql.ts";
import { loadArrow } from "../../../src/store/serializers/arrow.ts";
import { madeResults } from "../../helpers/made-results.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FAILED = {
  status: "failed",
  error: { class: "error", name: "RangeError", message: 'a "b", c' },
} as const;

/** Every kind of value there is, in two experiments that know different names. */
async function mixed(): Promise<Results> {
  const one = await madeResults(
    [
      {
        params: { lr: 0.1, model: "a", mix: 1, deep: { b: [1, 2] } },
        metrics: { loss: Number.NaN, ok: true },
      },
      { params: { lr: 0.2, model: "b", mix: "1" }, metrics: { loss: Number.POSITIVE_INFINITY, ok: false } },
      { params: { lr: -0, mix: null }, metrics: { ok: true }, ...FAILED },
    ],
    { tags: ["x", "y:1"], metadata: { search_type: "grid", size: 3 }, defaults: { wd: 0.5 } },
  );
  const other = await madeResults(
    [{ trial: 3_000_000_000, params: { lr: 0.3, model: "ünï" }, metrics: { loss: -1.5 }, started: -1 }],
    { name: "other" },
  );
  return one.concat(other);
}

const NAMES = [
  ...["id", "experiment", "version", "trial", "replicate", "status"],
  ...["params.deep", "params.lr", "params.mix", "params.model", "params.wd", "metrics.loss", "metrics.ok"],
  ...["metadata.search_type", "metadata.size", "tags", "started", "durationMs", "attempt", "error"],
];

/** What a column of an export holds, missing values as null. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  experiment: ["booth", "booth", "booth", "other"],
  trial: [0, 1, 2, 3_000_000_000],
  status: ["success", "success", "failed", "success"],
  "params.lr": [0.1, 0.2, -0, 0.3],
  "params.model": ["a", "b", null, "ünï"],
  "params.mix": ["1", '"1"', null, null],
  "params.deep": ['{"b":[1,2]}', null, null, null],
  "params.wd": [0.5, 0.5, 0.5, null],
  "metrics.loss": [Number.NaN, Number.POSITIVE_INFINITY, null, -1.5],
  "metrics.ok": [true, false, true, null],
  "metadata.search_type": ["grid", "grid", "grid", null],
  "metadata.size": [3, 3, 3, null],
  tags: ["x, y:1", "x, y:1", "x, y:1", null],
  attempt: [1, 1, 1, 1],
  error: [null, null, 'RangeError: a "b", c', null],
};

describe("table", () => {
  test("has every column in every row, values as they were given", async () => {
    const rows = (await mixed()).table();
    expect(rows.map((row) => Object.keys(row))).toEqual(rows.map(() => NAMES));
    expect(rows[0]).toMatchObject({ "params.deep": { b: [1, 2] }, "params.mix": 1, tags: ["x", "y:1"] });
    expect(rows[3]?.["params.wd"]).toBeUndefined();
    expect(rows[3]?.["started"]).toEqual(new Date(-1));
  });
});

describe("toCSV", () => {
  test("writes one line per run, quoted where needed", async () => {
    const lines = (await mixed()).toCSV().split("\r\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe(NAMES.join(","));
    expect(lines[1]).toContain(
      ',"{""b"":[1,2]}",0.1,1,a,0.5,NaN,true,grid,3,"x, y:1",2024-01-01T00:00:00.000Z,0.5,1,',
    );
    expect(lines[3]).toContain(',"RangeError: a ""b"", c"');
    expect(lines[5]).toBe("");
  });

  test("neutralises formulas when asked, and never numbers", async () => {
    const results = await madeResults([{ params: { a: '=HYPERLINK("x")', b: -1, c: "@x", d: "" } }]);
    expect(results.toCSV({ formulas: "escape" })).toContain(`"'=HYPERLINK(""x"")",-1,'@x,"",`);
    expect(results.toCSV()).toContain('"=HYPERLINK(""x"")",-1,@x,"",');
  });
});

describe("toArrow", () => {
  test("gives every column with its values and nulls", async () => {
    const results = await mixed();
    const table = await results.toArrow();
    expect(table.schema.fields.map((field) => field.name)).toEqual(NAMES);
    expect([table.numRows, table.numCols]).toEqual([4, NAMES.length]);
    for (const [name, values] of Object.entries(EXPECTED)) {
      expect([name, [...table.getChild(name)!]]).toEqual([name, values]);
    }
    expect([...table.getChild("id")!]).toEqual([...results].map((run) => run.id));
    expect([...table.getChild("started")!].map(Number)).toEqual(
      [...results].map((run) => run.startedAt.getTime()),
    );
    expect(String(table.getChild("params.model")!.type)).toBe("Dictionary<Int32, Utf8>");
  });

  test("writes dates and bigints as themselves where a column has only such, in SQL and Parquet too", async () => {
    const day = new Date(Date.UTC(2024, 1, 29));
    const results = await madeResults([
      { params: { day, big: 2n ** 70n, either: day } },
      { params: { big: -1n, either: 5n } },
    ]);
    const table = await results.toArrow();
    const valuesOf = (name: string) => [...table.getChild(`params.${name}`)!];
    expect(valuesOf("day")).toEqual(["2024-02-29T00:00:00.000Z", null]);
    expect(valuesOf("big")).toEqual(["1180591620717411303424", "-1"]);
    expect(valuesOf("either")).toEqual(['{"$date":"2024-02-29T00:00:00.000Z"}', '{"$bigint":"5"}']);
    const { rows } = await sql(results, "select count(*) as n from runs where params.day < '2024-03-01'");
    expect(rows).toEqual([{ n: 1 }]);
  });

  test("keeps neighbouring equal columns apart through a file", async () => {
    const { tableFromIPC, tableToIPC } = await loadArrow();
    const runs = Array.from({ length: 1000 }, (_, i) => ({
      params: { a: i, b: i, c: i / 7 },
      metrics: { d: i / 7 },
    }));
    const table = await (await madeResults(runs)).toArrow();
    for (const form of ["file", "stream"] as const) {
      const back = tableFromIPC(tableToIPC(table, form));
      for (const name of NAMES.slice(0, 1).concat("params.a", "params.b", "params.c", "metrics.d")) {
        expect([...back.getChild(name)!]).toEqual([...table.getChild(name)!]);
      }
    }
  });

  test("is a table also without runs", async () => {
    const table = await (await mixed()).filter(() => false).toArrow();
    expect([table.numRows, table.schema.fields[0]?.name]).toEqual([0, "id"]);
  });
});

/** More than two batches of rows. */
const MANY = 140_000;

describe("writeArrow and toParquet", () => {
  let many: Results;
  beforeAll(async () => {
    const few = await madeResults(
      Array.from({ length: 100 }, (_, i) => ({
        params: { i, word: `w${i % 7}` },
        metrics: i % 3 === 0 ? {} : { m: i },
      })),
    );
    const [part] = few.parts;
    const { createResults } = await import("../../../src/results/create-results.ts");
    many = createResults([{ ...part!, rows: Int32Array.from({ length: MANY }, (_, i) => (i * 31) % 100) }]);
  });

  test("an Arrow file in batches reads back as the same table", async () => {
    const path = join(folder, "made", "many.arrow");
    await many.writeArrow(path);
    const { tableFromIPC } = await loadArrow();
    const back = tableFromIPC(readFileSync(path));
    const table = await many.toArrow();
    expect([back.numRows, back.batches.length]).toEqual([MANY, 3]);
    for (const name of ["id", "params.i", "params.word", "metrics.m", "started"]) {
      const [left, right] = [back.getChild(name)!, table.getChild(name)!];
      for (const row of [0, 1, 65_535, 65_536, 100_001, MANY - 1])
        expect(left.get(row)).toEqual(right.get(row));
    }
    expect(readdirSync(join(folder, "made"))).toEqual(["many.arrow"]);
  });

  test("an Arrow file keeps every kind of value", async () => {
    const path = join(folder, "mixed.arrow");
    await (await mixed()).writeArrow(path);
    const { tableFromIPC } = await loadArrow();
    const back = tableFromIPC(readFileSync(path));
    for (const [name, values] of Object.entries(EXPECTED)) {
      expect([name, [...back.getChild(name)!]]).toEqual([name, values]);
    }
  });

  test("a Parquet file keeps every kind of value, NaN and Infinity apart from nothing", async () => {
    const path = join(folder, "mixed.parquet");
    const results = await mixed();
    await results.toParquet(path);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(Object.keys(rows[0]!)).toEqual(NAMES);
    for (const [name, values] of Object.entries(EXPECTED)) {
      const found = rows.map((row) => row[name] ?? null);
      expect([name, found]).toEqual([name, values]);
    }
    expect(rows.map((row) => row["id"])).toEqual([...results].map((run) => run.id));
    expect(rows.map((row) => row["started"])).toEqual([...results].map((run) => run.startedAt));
  });

  test("a Parquet file is written in groups of rows", async () => {
    const path = join(folder, "many.parquet");
    await many.toParquet(path);
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    expect([Number(metadata.num_rows), metadata.row_groups.length]).toEqual([MANY, 3]);
    const rows = await parquetReadObjects({ file, rowStart: MANY - 2, rowEnd: MANY });
    const last = [...many.filter(() => true).parts[0]!.rows.slice(-2)];
    expect(rows.map((row) => row["params.i"])).toEqual(last);
    await many.filter(() => false).toParquet(path);
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([]);
  });

  test("a place that cannot be written is named, and nothing is left behind", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "a file, not a folder");
    const results = await mixed();
    for (const write of [
      () => results.writeArrow(join(blocked, "x")),
      () => results.toParquet(join(blocked, "x")),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: "METALAB_EXPORT_FAILED" });
    }
    await expect(results.writeArrow("")).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    expect(() => results.toCSV("runs.csv" as never)).toThrow('writeFileSync("runs.csv", results.toCSV())');
    expect(() => results.toCSV({ sep: ";" } as never)).toThrow('got "sep"');
    expect(() => results.toCSV({ formulas: "no" as never })).toThrow('formulas is "keep" or "escape"');
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

describe("toDanfo", () => {
  test("gives a frame of the installed danfo, without its greeting", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const frame = await (await mixed()).toDanfo();
    frame.describe();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(await danfoSource()).toMatchObject({ from: "installed", version: "1.2.0" });
    expect(frame.shape).toEqual([4, NAMES.length]);
    expect(frame.columns).toEqual(NAMES);
    expect(frame.column("metrics.loss").values).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      -1.5,
    ]);
    expect(frame.column("metrics.ok").values).toEqual([1, 0, 1, Number.NaN]);
    expect(frame.column("params.model").values).toEqual(["a", "b", null, "ünï"]);
  });

  test("gives frames that danfo can describe, group and print", async () => {
    const results = await madeResults(
      [1, 2, 3, 4].map((x) => ({
        params: { x, kind: x % 2 ? "odd" : "even" },
        metrics: { y: x * x, ok: x > 2 },
      })),
    );
    const frame = await toDanfo(results);
    expect(frame.describe().shape[0]).toBeGreaterThan(5);
    const means = frame.groupby(["params.kind"]).col(["metrics.y"]).mean();
    expect(means.values).toEqual([
      ["odd", 5],
      ["even", 10],
    ]);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    frame.print();
    log.mockRestore();
    expect(frame.dtypes[NAMES.indexOf("trial")]).toBe("int32");
  });

  test("is the danfo that loadDanfo gives", async () => {
    const { DataFrame } = await loadDanfo();
    expect(await (await mixed()).toDanfo()).toBeInstanceOf(DataFrame);
    expect((await (await mixed()).filter(() => false).toDanfo()).shape[0]).toBe(0);
  });
});
