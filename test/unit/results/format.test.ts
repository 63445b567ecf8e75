import { expect, test } from "vitest";
import { printTable, type TableColumn } from "../../../src/results/format.ts";
import { formatValue } from "../../../src/results/text.ts";

const numbers: TableColumn = { title: "value", align: "right", cells: ["1234567890", "1234567891"] };
const named = (isKey: boolean): TableColumn => ({
  title: "pair",
  align: "left",
  isKey,
  cells: ["examples − plain", "examples − reasoning"],
});

test("texts give way to a table that fits, but not what tells its rows apart", () => {
  const cut = printTable({ title: "", columns: [named(false), numbers] }, { width: 20 });
  expect(cut.match(/^example… {2}\d+$/gm)).toHaveLength(2);

  const telling = printTable({ title: "", columns: [named(true), numbers] }, { width: 20 });
  expect(telling).toMatch(/^examples − plain {2}/m);
  expect(telling).toMatch(/^examples − reasoning {2}/m);

  const fitting = printTable({ title: "", columns: [named(true), numbers] }, { width: 28 });
  expect(fitting).toMatch(/^examples − reas… {2}\d+$/m);
});

test("names that begin alike are kept as far as they are alike, and a single one as far as there is room", () => {
  const long = "optimizer.lr 0.0056293, training.batch_size 32 − optimizer.lr 0.01, training.batch_size";
  const columns = [{ ...named(true), cells: [`${long} 32`, `${long} 64`] }, numbers];
  expect(printTable({ title: "", columns }, { width: 60 })).toMatch(/batch_size 64 +\d+$/m);

  const one = [
    { ...named(true), cells: ["hypersearch_grid − hypersearch_random"] },
    { ...numbers, cells: ["1"] },
  ];
  expect(printTable({ title: "", columns: one }, { width: 30 })).toContain("hypersearch_random");
});

test("a text is cut only where there is no room for it", () => {
  const text = "word ".repeat(40).trim();
  const columns = [{ ...named(false), cells: [text, "b"] }, numbers];
  expect(printTable({ title: "", columns }, { width: 10_000 })).toContain(text);
  expect(printTable({ title: "", columns }, { width: 100 })).not.toContain(text);
});

test("rows that have the same name are cut like others", () => {
  const columns = [{ ...named(true), cells: ["a very long name", "a very long name"] }, numbers];
  expect(printTable({ title: "", columns }, { width: 20 }).match(/^a very … {2}\d+$/gm)).toHaveLength(2);
});

test("what JSON cannot say is no null in a value that is shown", () => {
  expect(formatValue({ a: Number.NaN, b: [Number.NEGATIVE_INFINITY, 1n, null] })).toBe(
    '{"a":"NaN","b":["-Infinity","1",null]}',
  );
});

test("a table may have more rows than a call can have arguments", () => {
  const cells = Array.from({ length: 130_000 }, (_, i) => `${i}.5`);
  const columns: TableColumn[] = [{ title: "value", align: "decimal", cells }];
  const lines = printTable({ title: "", columns }, { width: 20 }).split("\n");
  expect(lines.at(-1)).toBe("129999.5");
  expect(lines.filter((line) => line === "     0.5")).toHaveLength(1);
});
