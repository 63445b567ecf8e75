import { expect, test } from "vitest";
import { packRuns } from "../../../src/report/packed-runs.ts";
import { selectionOf } from "../../../src/results/selection.ts";
import { formatNumber } from "../../../src/results/text.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { type PageColumn, shortNumber, unpack } from "../../helpers/page-scripts.ts";

async function columnsOf(runs: readonly RunSketch[]) {
  const results = await madeResults(runs);
  const packed = packRuns(selectionOf(results.parts));
  const table = await unpack(packed.text);
  expect(table.rows).toBe(runs.length);
  expect(table.columns.map(({ name }) => name)).toEqual(packed.columns);
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const numbers = (name: string) => runs.map((_, row) => columns.get(name)!.number(row));
  const texts = (name: string) => runs.map((_, row) => columns.get(name)!.text(row));
  const form = (name: string) => (columns.get(name) as PageColumn).form;
  return { results, packed, columns, numbers, texts, form };
}

/** Numbers that are all different and not whole. */
const uneven = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(i + 1) * 10 ** (i % 9));

test("a float is the same to the last bit, special ones too", async () => {
  const values = [...uneven(40), Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE];
  const { numbers, form } = await columnsOf(values.map((loss) => ({ metrics: { loss } })));
  expect(form("metrics.loss")).toBe("float");
  expect(numbers("metrics.loss")).toEqual(values);
});

test("a run without a value has none, and NaN is a value", async () => {
  const values = uneven(30).map((value, i) => (i % 3 === 0 ? undefined : i % 3 === 1 ? value : Number.NaN));
  const { numbers, texts } = await columnsOf(
    values.map((loss) => ({ metrics: loss === undefined ? {} : { loss } })),
  );
  expect(numbers("metrics.loss")).toEqual(values);
  expect(texts("metrics.loss").slice(0, 3)).toEqual([undefined, "9.093", "NaN"]);
});

test("whole numbers go up and down, far and with holes", async () => {
  const values = Array.from({ length: 60 }, (_, i) =>
    i % 7 === 3 ? undefined : (i % 2 === 0 ? 1 : -1) * i * 1_000_003 + 2 ** 40,
  );
  const { numbers, form } = await columnsOf(
    values.map((steps) => ({ metrics: steps === undefined ? {} : { steps } })),
  );
  expect(form("metrics.steps")).toBe("whole");
  expect(numbers("metrics.steps")).toEqual(values);
});

test.each([3, 300, 70_000])("%i different texts come back", async (different) => {
  const runs = Array.from({ length: Math.max(10, different) }, (_, i) => ({
    params: { name: `n${i % different}` },
  }));
  const { texts } = await columnsOf(runs);
  expect(texts("params.name")).toEqual(runs.map(({ params }) => params.name));
});

test("values of few kinds are codes", async () => {
  const { numbers, form } = await columnsOf(
    Array.from({ length: 40 }, (_, i) => ({ params: { lr: [0.1, 0.01][i % 2] } })),
  );
  expect(form("params.lr")).toBe("codes");
  expect(numbers("params.lr").slice(0, 3)).toEqual([0.1, 0.01, 0.1]);
});

test("mixed kinds are read as texts, objects and lists too", async () => {
  const values = [1, "one", true, null, { a: 1 }, [1, 2]];
  const { texts } = await columnsOf(values.map((x) => ({ params: { x } })));
  expect(texts("params.x")).toEqual(["1", "one", "true", undefined, '{"a":1}', "[1,2]"]);
});

test("ids and times are those of the runs", async () => {
  const { results, texts, numbers } = await columnsOf(
    [0, 1, 2].map((trial) => ({ trial, params: { trial } })),
  );
  expect(texts("id")).toEqual([...results].map(({ id }) => id.slice(0, 12)));
  expect(numbers("started")).toEqual([...results].map(({ startedAt }) => startedAt.getTime()));
  expect(texts("started")[0]).toBe("2024-01-01 00:00:00");
});

test("what all runs have in common is said once", async () => {
  const { packed } = await columnsOf([1, 2].map((x) => ({ trial: x, params: { x, same: "<b>" } })));
  expect(packed.columns).not.toContain("params.same");
  expect(packed.constants).toContainEqual(["params.same", "<b>"]);
  expect(packed.columns).toEqual(expect.arrayContaining(["id", "status", "params.x"]));
});

test("terminal escapes and direction marks are gone, and a book is cut", async () => {
  const { texts } = await columnsOf([
    { metrics: { note: "\u001b[31mred\u001b[0m\u202eevil" } },
    { metrics: { note: "x".repeat(10_000) } },
  ]);
  expect(texts("metrics.note")[0]).toBe("redevil");
  expect(texts("metrics.note")[1]).toHaveLength(200);
});

test("names that objects inherit are names", async () => {
  const metrics = (i: number) =>
    JSON.parse(`{"__proto__": ${i}, "constructor": ${i + 1}, "toString": ${i + 2}}`) as Record<
      string,
      number
    >;
  const { numbers } = await columnsOf([1, 2].map((i) => ({ metrics: metrics(i) })));
  expect(numbers("metrics.__proto__")).toEqual([1, 2]);
  expect(numbers("metrics.constructor")).toEqual([2, 3]);
  expect(numbers("metrics.toString")).toEqual([3, 4]);
});

test("the page writes numbers as results do", () => {
  const values = [
    0,
    -0,
    1,
    -12.5,
    0.1 + 0.2,
    123_456.789,
    1e9,
    1e-5,
    1.23456e-7,
    98_765_432.1,
    Number.NaN,
    -Infinity,
  ];
  expect(values.map(shortNumber)).toEqual(values.map((value) => formatNumber(value)));
});
