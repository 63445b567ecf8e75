import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, test } from "vitest";
import type { Results } from "../../../src/results/results.ts";
import { type ExperimentSketch, madeResults, type RunSketch } from "../../helpers/made-results.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-series-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Points = Readonly<Record<string, readonly unknown[]>>;

/** Runs with series; steps count by 10. */
function withSeries(
  all: readonly { readonly run?: RunSketch; readonly series?: Points }[],
  about: ExperimentSketch = {},
): Promise<Results> {
  return madeResults(
    all.map(({ run = {} }) => run),
    {
      ...about,
      write: (writer, id, index) => {
        const series = Object.entries(all[index]!.series ?? {}).map(([name, value]) => {
          const isNumeric = value.every((one) => typeof one === "number");
          const columns = {
            step: Float64Array.from(value, (_, i) => 10 * i),
            value: isNumeric ? Float64Array.from(value as number[]) : value,
          };
          return [name, writer.putBlock({ id, kind: "series", name, count: value.length, columns })] as const;
        });
        return series.length === 0 ? {} : { series: Object.fromEntries(series) };
      },
    },
  );
}

const two = () =>
  withSeries([
    { run: { params: { lr: 0.1, kind: "a" } }, series: { loss: [3, Number.NaN], acc: [1] } },
    { run: { params: { lr: 0.2, kind: null } } },
    { run: { params: { lr: 0.3, kind: "b" } }, series: { loss: [5], phase: ["warm", true] } },
  ]);

describe("series in long form", () => {
  test("are rows of run, name, step and value, in order", async () => {
    const results = await two();
    const [first, , third] = results;
    expect(await results.seriesTable()).toEqual([
      { id: first!.id, series: "acc", step: 0, value: 1 },
      { id: first!.id, series: "loss", step: 0, value: 3 },
      { id: first!.id, series: "loss", step: 10, value: Number.NaN },
      { id: third!.id, series: "loss", step: 0, value: 5 },
      { id: third!.id, series: "phase", step: 0, value: null },
      { id: third!.id, series: "phase", step: 10, value: 1 },
    ]);
  });

  test("may be chosen, and have params beside them", async () => {
    const results = await two();
    const rows = await results.seriesTable({ series: "loss", params: ["lr", "params.kind"] });
    expect(rows.map((row) => [row.step, row["params.lr"], row["params.kind"]])).toEqual([
      [0, 0.1, "a"],
      [10, 0.1, "a"],
      [0, 0.3, "b"],
    ]);
    const last = results.filter({ lr: [0.2, 0.3] });
    expect((await last.seriesTable({ params: "lr" })).map((row) => row["params.lr"])).toEqual([
      0.3, 0.3, 0.3,
    ]);
  });

  test("of several experiments, and more runs than are read at once", async () => {
    const many = await withSeries(
      Array.from({ length: 50 }, (_, i) => ({ run: { params: { i } }, series: { y: [i, i + 0.5] } })),
    );
    const both = many.concat((await withSeries([{ series: { z: [7] } }], { name: "other" })) as never);
    const rows = await both.seriesTable({ params: "i" });
    expect(rows.map(({ value }) => value)).toEqual(
      [...Array(50).keys()].flatMap((i) => [i, i + 0.5]).concat(7),
    );
    expect(rows.at(-1)).toMatchObject({ id: both.at(-1)!.id, series: "z", "params.i": null });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(51);
  });

  test.each(["parquet", "arrow", "csv"])("are the same in a %s file", async (ending) => {
    const results = await two();
    const path = join(folder, "nested", `series.${ending}`);
    await results.writeSeries(path, { params: "kind" });
    const expected = (await results.seriesTable({ params: "kind" })).map((row) => Object.values(row));
    if (ending === "csv") {
      const lines = readFileSync(path, "utf8").trimEnd().split("\r\n");
      expect(lines[0]).toBe("id,series,step,value,params.kind");
      expect(lines.slice(1)).toEqual(expected.map((row) => row.map((value) => value ?? "").join(",")));
    } else {
      const rows =
        ending === "parquet"
          ? await parquetReadObjects({ file: await asyncBufferFromFile(path) })
          : tableFromIPC(readFileSync(path))
              .toArray()
              .map((row) => row.toJSON() as object);
      expect(rows.map((row) => Object.values(row))).toEqual(expected);
    }
  });

  test.each(["parquet", "arrow", "csv"])("none at all make a %s file without rows", async (ending) => {
    const path = join(folder, `none.${ending}`);
    await (await madeResults([{}])).writeSeries(path);
    await (await madeResults([])).writeSeries(path);
    if (ending === "csv") expect(readFileSync(path, "utf8")).toBe("id,series,step,value\r\n");
    else if (ending === "arrow") expect(tableFromIPC(readFileSync(path)).numRows).toBe(0);
    else expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([]);
  });

  test("refuse what there is not", async () => {
    const results = await two();
    await expect(results.seriesTable({ series: "los" })).rejects.toThrow(
      'seriesTable(): no run has a series named "los". Did you mean "loss"? Series that runs have: acc, loss, phase.',
    );
    await expect(results.seriesTable({ params: "lrr" })).rejects.toMatchObject({
      code: "METALAB_NAME_UNKNOWN",
    });
    await expect(results.seriesTable({ names: [] } as never)).rejects.toMatchObject({
      code: "METALAB_UNKNOWN_OPTION",
    });
    await expect(results.writeSeries(join(folder, "x.txt"))).rejects.toThrow(
      /ends in \.csv, \.arrow or \.parquet/,
    );
    await expect(results.writeSeries(3 as never)).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
  });
});
