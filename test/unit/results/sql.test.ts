import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, test, vi } from "vitest";
import { sql } from "../../../src/results/sql/sql.ts";
import { madeResults } from "../../helpers/made-results.ts";

const made = () =>
  madeResults(
    [
      { params: { lr: 0.1, "odd name": "a'b" }, metrics: { loss: 3, "val/acc": 0.5 } },
      { params: { lr: 0.2 }, metrics: { loss: Number.NaN } },
      { params: { lr: 0.2, layers: [1, 2] }, metrics: {}, status: "failed" },
    ],
    {
      tags: ["grid"],
      metadata: { team: "blue" },
      write: (writer, id, index) =>
        index === 0
          ? {
              series: {
                loss: writer.putBlock({
                  id,
                  kind: "series",
                  name: "loss",
                  count: 2,
                  columns: { step: Float64Array.of(0, 1), value: Float64Array.of(4, 3) },
                }),
              },
            }
          : {},
    },
  );

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("metalab-sql-"));

describe("sql()", () => {
  test("asks for params, metrics, metadata and fields by the names of filters", async () => {
    const before = new Set(leftovers());
    const { rows, columns } = await sql(
      await made(),
      `select params.lr, params."odd name" as odd, metrics.loss, metrics."val/acc" as acc, metadata.team, tags, trial
       from runs where params.lr <= 0.2 and status = 'success' order by trial`,
    );
    expect(rows).toEqual([
      { lr: 0.1, odd: "a'b", loss: 3, acc: 0.5, team: "blue", tags: "grid", trial: 0 },
      { lr: 0.2, odd: null, loss: Number.NaN, acc: null, team: "blue", tags: "grid", trial: 1 },
    ]);
    expect(columns.slice(0, 3)).toEqual([
      { name: "lr", type: "DOUBLE" },
      { name: "odd", type: "VARCHAR" },
      { name: "loss", type: "DOUBLE" },
    ]);
    expect(leftovers().filter((name) => !before.has(name))).toEqual([]);
  });

  test("counts are numbers, times are dates, and only what no number holds is a bigint", async () => {
    const query =
      "select count(*) as n, sum(trial) as s, 9007199254740993 as big, min(started) as t from runs";
    const { rows } = await sql(await made(), query);
    expect(rows).toEqual([{ n: 3, s: 3, big: 9007199254740993n, t: new Date("2024-01-01T00:00:00.000Z") }]);
  });

  test("names that differ in case alone are told apart", async () => {
    const results = await madeResults([{ params: { lr: 1, LR: 2 } }, { params: { lr: 3, LR: 4 } }]);
    // To SQL they are one; LR sorts first.
    const { rows } = await sql(results, "select sum(params.LR) as a, sum(params.lr_2) as b from runs");
    expect(rows).toEqual([{ a: 6, b: 4 }]);
  });

  test("joins series with their runs", async () => {
    const { rows } = await sql(
      await made(),
      "select trial, step, value from series join runs using (id) where series = 'loss' order by step",
    );
    expect(rows).toEqual([
      { trial: 0, step: 0, value: 4 },
      { trial: 0, step: 1, value: 3 },
    ]);
  });

  test("takes values by position and by name, dates too", async () => {
    const results = await made();
    const times = await sql(results, "select count(*) as n from runs where started >= ?", [
      new Date(Date.UTC(2024, 0, 1) + 1),
    ]);
    expect(times.rows).toEqual([{ n: 2 }]);
    const named = await sql(results, "select trial from runs where params.lr = $lr and status = $status", {
      lr: 0.2,
      status: "failed",
    });
    expect(named.rows).toEqual([{ trial: 2 }]);
  });

  test("prints itself as a table", async () => {
    const found = await sql(await made(), "select trial, status from runs order by trial");
    expect(String(found)).toBe(
      ["3 rows", "trial  status ", "──────────────", "    0  success", "    1  success", "    2  failed"]
        .map((line) => line.trimEnd())
        .join("\n"),
    );
  });

  test("asks no runs at all, and those of several experiments", async () => {
    expect((await sql(await madeResults([]), "select count(*) as n from runs")).rows).toEqual([{ n: 0 }]);
    const both = (await made()).concat(await madeResults([{ params: { lr: "high" } }], { name: "other" }));
    const { rows } = await sql(both, "select experiment, count(*) as n from runs group by 1 order by 1");
    expect(rows).toEqual([
      { experiment: "booth", n: 3 },
      { experiment: "other", n: 1 },
    ]);
  });

  test("says what is wrong with a query", async () => {
    const results = await made();
    const before = new Set(leftovers());
    await expect(sql(results, "selct 1")).rejects.toMatchObject({ code: "METALAB_SQL" });
    await expect(sql(results, "select lr from runs")).rejects.toThrow(/lr.*The tables are runs and series/s);
    await expect(sql(results, "select * from elsewhere")).rejects.toThrow(/elsewhere/);
    await expect(sql(results, "")).rejects.toThrow(/a query is a text with a statement, got ""/);
    await expect(sql(results, "-- nothing\n/* at\nall */ ;")).rejects.toThrow(/a text with a statement/);
    await expect(sql(results, "select ?", [{ a: 1 } as never])).rejects.toThrow(
      /date or null, got \{"a":1\}/,
    );
    await expect(sql(results, "select ?", [undefined as never])).rejects.toThrow(/null, got undefined/);
    await expect(sql(results, "select 1", 3 as never)).rejects.toThrow(/values are a list, or an object/);
    expect(leftovers().filter((name) => !before.has(name))).toEqual([]);
  });

  test("without DuckDB it says how to install it", async () => {
    vi.resetModules();
    vi.doMock("@duckdb/node-api", () => {
      throw new Error("Cannot find package");
    });
    try {
      const fresh = await import("../../../src/results/sql/sql.ts");
      await expect(fresh.sql(await made(), "select 1")).rejects.toMatchObject({
        code: "METALAB_DUCKDB_MISSING",
        message: expect.stringMatching(/npm install @duckdb\/node-api$/) as string,
      });
    } finally {
      vi.doUnmock("@duckdb/node-api");
    }
  });
});
