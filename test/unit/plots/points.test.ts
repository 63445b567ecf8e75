import fc from "fast-check";
import { expect, test } from "vitest";
import { groupRows } from "../../../src/math/group-rows.ts";
import { bestSoFar, GroupedValues, spreadOf } from "../../../src/plots/points.ts";

test("rows are in one group exactly when all their values agree", () => {
  const value = fc.constantFrom(0, -0, 1, 2.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-300);
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 40 }), (rows) => {
      const columns = [0, 1, 2].map((at) => rows.map((row) => row[at]!));
      const { of, count, first } = groupRows(columns, rows.length);
      const keys = rows.map((row) => row.map((one) => String(one === 0 ? 0 : one)).join(" "));
      const seen = [...new Set(keys)];
      expect(count).toBe(seen.length);
      expect([...of]).toEqual(keys.map((key) => seen.indexOf(key)));
      expect([...first]).toEqual(seen.map((key) => keys.indexOf(key)));
    }),
  );
});

test("values go to their groups, without NaN", () => {
  const groups = groupRows([[1, 2, 1, 2, 3]], 5);
  const own = new GroupedValues([5, 6, 9, Number.NaN, Number.NaN], groups);
  expect([0, 1, 2].map((group) => [...own.list(group)])).toEqual([[5, 9], [6], []]);
  expect([0, 1, 2].map((group) => own.count(group))).toEqual([2, 1, 0]);
  expect([...own.aggregates("mean")]).toEqual([7, 6, Number.NaN]);
  expect([...own.aggregates("count")]).toEqual([2, 1, 0]);
});

test("the best so far begins with the first number and never gets worse", () => {
  expect(bestSoFar([Number.NaN, 3, 4, 2, Number.NaN, 5], false)).toEqual([Number.NaN, 3, 3, 2, 2, 2]);
  expect(bestSoFar([3, 4, 2], true)).toEqual([3, 4, 4]);
});

test("the spread of four values", () => {
  // mean 3, sd √(20/3), by hand
  expect(spreadOf([0, 2, 4, 6], "range")).toEqual([0, 6]);
  expect(spreadOf([0, 2, 4, 6], "quartiles")).toEqual([1.5, 4.5]);
  expect(spreadOf([0, 2, 4, 6], "sd")![1]).toBeCloseTo(3 + Math.sqrt(20 / 3), 12);
  expect(spreadOf([0, 2, 4, 6], "sem")![0]).toBeCloseTo(3 - Math.sqrt(20 / 3) / 2, 12);
  expect(spreadOf([7], "sem")).toBeUndefined();
  expect(spreadOf([7, 8], "none")).toBeUndefined();
});
