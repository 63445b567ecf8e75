import fc from "fast-check";
import { expect, test } from "vitest";
import { packRuns } from "../../src/report/packed-runs.ts";
import { selectionOf } from "../../src/results/selection.ts";
import { formatValue } from "../../src/results/text.ts";
import { madeResults, type RunSketch } from "../helpers/made-results.ts";
import { unpack } from "../helpers/page-scripts.ts";

/** Numbers of one nature, so that each form of a packed column comes up: any, whole ones near and far, of few kinds. */
const numbers = fc.oneof(
  fc.array(fc.double(), { minLength: 2, maxLength: 40 }),
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 }),
  fc.array(fc.maxSafeInteger(), { minLength: 2, maxLength: 40 }),
  fc.array(fc.constantFrom(0.1, -0, 1, Number.NaN, Infinity, -Infinity, 5e-324), {
    minLength: 2,
    maxLength: 40,
  }),
);

test("numbers come out of a page as they went in, and what is missing is missing", async () => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.infiniteStream(fc.boolean()), async (values, holes) => {
      const given = values.map((value) => (holes.next().value === true ? undefined : value));
      const runs = given.map((x, trial): RunSketch => ({ trial, metrics: x === undefined ? {} : { x } }));
      const packed = packRuns(selectionOf((await madeResults(runs)).parts));
      const { rows, columns } = await unpack(packed.text);
      expect(rows).toBe(runs.length);
      const column = columns.find(({ name }) => name === "metrics.x");
      // The same in all runs, or in none: then it is no column.
      if (column === undefined) expect(new Set(given).size).toBe(1);
      else
        for (const [row, value] of given.entries()) {
          // The page shows −0 as 0, so it may become one.
          const read = column.number(row);
          expect(Object.is(read, value) || (read === 0 && value === 0)).toBe(true);
        }
    }),
  );
});

test("texts come out of a page as results show them", async () => {
  const texts = fc.array(fc.option(fc.string({ unit: "binary", maxLength: 60 }), { nil: undefined }), {
    minLength: 2,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(texts, async (given) => {
      const runs = given.map((x, trial): RunSketch => ({ trial, params: x === undefined ? {} : { x } }));
      const packed = packRuns(selectionOf((await madeResults(runs)).parts));
      const column = (await unpack(packed.text)).columns.find(({ name }) => name === "params.x");
      if (column === undefined) expect(new Set(given).size).toBe(1);
      else
        expect(given.map((_, row) => column.text(row))).toEqual(
          given.map((x) => (x === undefined ? x : formatValue(x))),
        );
    }),
  );
});
