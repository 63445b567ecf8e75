import { describe, expect, test } from "vitest";
import { createGrid, type Grid, type GridAxes } from "../../../src/space/enumerate.ts";
import { when } from "../../../src/space/space.ts";

const cellsOf = (grid: Grid) => Array.from({ length: grid.length }, (_, index) => grid.at(index));

describe("a plain grid", () => {
  test("varies the last axis fastest", () => {
    expect(cellsOf(createGrid({ lr: [0.1, 0.01], momentum: [0, 0.5, 0.9] }))).toEqual([
      { lr: 0.1, momentum: 0 },
      { lr: 0.1, momentum: 0.5 },
      { lr: 0.1, momentum: 0.9 },
      { lr: 0.01, momentum: 0 },
      { lr: 0.01, momentum: 0.5 },
      { lr: 0.01, momentum: 0.9 },
    ]);
  });

  test("finds the cell of params, whatever the order of their keys", () => {
    const grid = createGrid({ a: [1, "1", true, -0, 0, Number.NaN, null], b: [{ x: 1, y: 2 }, [1]] });
    for (let index = 0; index < grid.length; index += 1) {
      const { a, b } = grid.at(index);
      expect(grid.indexOf({ b, a })).toBe(index);
    }
    expect(grid.indexOf({ a: 1, b: { y: 2, x: 1 } })).toBe(0);
  });

  test("has no cell for what it does not hold", () => {
    const grid = createGrid({ a: [1, 2], b: ["x"] });
    const strangers = [
      { a: 3, b: "x" },
      { a: "1", b: "x" },
      { a: 1 },
      { a: 1, b: "x", c: 1 },
      {},
      { a: Math.sin, b: "x" },
    ];
    expect(strangers.map(grid.indexOf)).toEqual(strangers.map(() => -1));
  });

  test("of 10^12 cells is as easily had as a small one", () => {
    const axis = Array.from({ length: 1_000 }, (_, at) => at);
    const grid = createGrid({ a: axis, b: axis, c: axis, d: axis });
    expect(grid.length).toBe(10 ** 12);
    expect(grid.at(123_456_789_012)).toEqual({ a: 123, b: 456, c: 789, d: 12 });
    expect(grid.indexOf({ a: 123, b: 456, c: 789, d: 12 })).toBe(123_456_789_012);
  });

  test("gives new params each time, of frozen values", () => {
    const layers = [64, 32];
    const grid = createGrid({ layers: [layers] });
    layers.push(1);
    expect(grid.at(0)).toEqual({ layers: [64, 32] });
    expect(grid.at(0)).not.toBe(grid.at(0));
    expect(Object.isFrozen(grid.at(0)["layers"])).toBe(true);
  });

  test("refuses cells that it does not have", () => {
    const grid = createGrid({ a: [1, 2] });
    for (const index of [-1, 2, 0.5, Number.NaN, "0"]) {
      expect(() => grid.at(index as number)).toThrow(expect.objectContaining({ code: "METALAB_GRID_INDEX" }));
    }
  });
});

describe("a grid with conditional axes", () => {
  test("leaves an axis out where its condition does not hold", () => {
    const grid = createGrid({
      optimizer: ["sgd", "adam"],
      momentum: when({ optimizer: "sgd" }, [0, 0.9]),
      lr: [1, 2],
    });
    expect(cellsOf(grid)).toEqual([
      { optimizer: "sgd", momentum: 0, lr: 1 },
      { optimizer: "sgd", momentum: 0, lr: 2 },
      { optimizer: "sgd", momentum: 0.9, lr: 1 },
      { optimizer: "sgd", momentum: 0.9, lr: 2 },
      { optimizer: "adam", lr: 1 },
      { optimizer: "adam", lr: 2 },
    ]);
    expect(grid.indexOf({ optimizer: "adam", lr: 2 })).toBe(5);
    expect(grid.indexOf({ optimizer: "adam", momentum: 0, lr: 2 })).toBe(-1);
    expect(grid.indexOf({ optimizer: "sgd", lr: 2 })).toBe(-1);
  });

  test("follows chains of conditions, in whatever order the axes are written", () => {
    const axes = {
      decay: when({ schedule: ["step", "cosine"] }, [0.1, 0.2, 0.3]),
      schedule: when({ optimizer: "sgd" }, ["none", "step", "cosine"]),
      lr: [1, 2],
      optimizer: ["sgd", "adam"],
    };
    const grid = createGrid(axes);
    const cells = cellsOf(grid);
    // sgd: none alone, two schedules with three decays; adam: alone. Times two learning rates.
    expect(grid.length).toBe((1 + 2 * 3 + 1) * 2);
    expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(grid.length);
    expect(cells.map(grid.indexOf)).toEqual(cells.map((_, index) => index));
    expect(Object.keys(cells[2] as object)).toEqual(["decay", "schedule", "lr", "optimizer"]);
  });

  test("stays cheap where only the free axes are long", () => {
    const axis = Array.from({ length: 10_000 }, (_, at) => at);
    const grid = createGrid({ kind: ["a", "b"], x: when({ kind: "a" }, axis), y: axis, z: axis });
    expect(grid.length).toBe(10 ** 12 + 10 ** 8);
    expect(grid.at(10 ** 12)).toEqual({ kind: "b", y: 0, z: 0 });
    expect(grid.indexOf({ kind: "b", y: 9_999, z: 9_999 })).toBe(grid.length - 1);
  });

  test("may be empty of an axis altogether only by its condition: a condition that is never met is refused", () => {
    expect(() => createGrid({ a: [1], b: when({ a: 2 }, [1]) })).toThrow(
      'grid(): the condition of "b" must list values that "a" can have, got 2.',
    );
  });

  test("refuses more combinations of controlling axes than it can list", () => {
    const axis = Array.from({ length: 1_001 }, (_, at) => at);
    expect(() => createGrid({ a: axis, b: axis, c: when({ a: 1, b: 1 }, [1]) })).toThrow(
      'axes that conditions name must have at most 1000000 combinations, got more for "a", "b"',
    );
  });
});

describe("bad axes", () => {
  test.each<[string, unknown, string, string]>([
    ["no axes", {}, "METALAB_GRID_EMPTY", "grid(): there must be an object of at least one axis, got {}."],
    ["an array of axes", [[1]], "METALAB_GRID_EMPTY", "got [[1]]"],
    [
      "an empty axis",
      { lr: [] },
      "METALAB_GRID_EMPTY_AXIS",
      'grid(): axis "lr" has no values, got []. Give at least one.',
    ],
    [
      "an empty conditional axis",
      { a: [1], lr: when({ a: 1 }, []) },
      "METALAB_GRID_EMPTY_AXIS",
      'axis "lr" has no values',
    ],
    [
      "a single value",
      { lr: 0.1 },
      "METALAB_GRID_AXIS",
      'grid(): axis "lr" must be an array of values, got 0.1. Put a single value in brackets.',
    ],
    ["a text", { lr: "abc" }, "METALAB_GRID_AXIS", 'got "abc"'],
    [
      "a distribution",
      { lr: { type: "uniform", low: 0, high: 1 } },
      "METALAB_GRID_AXIS",
      "Use random() or search() for distributions",
    ],
    ["a typed array", { lr: new Float64Array(2) }, "METALAB_GRID_AXIS", "Write Array.from(…)"],
    [
      "a value twice",
      { lr: [0.1, 0.2, 0.1] },
      "METALAB_GRID_DUPLICATE_VALUE",
      'grid(): axis "lr" must have each value once, got 0.1 at 0 and 2. Remove one.',
    ],
    [
      "the same object twice",
      {
        o: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      "METALAB_GRID_DUPLICATE_VALUE",
      'axis "o"',
    ],
    ["NaN twice", { x: [Number.NaN, Number.NaN] }, "METALAB_GRID_DUPLICATE_VALUE", "got NaN at 0 and 1"],
    [
      "a function",
      { f: [1, Math.sin] },
      "METALAB_VALUE_UNIDENTIFIABLE",
      'grid(): axis "f"[1]: is a function',
    ],
    ["a hole", { x: new Array(2) }, "METALAB_VALUE_UNIDENTIFIABLE", 'grid(): axis "x"[0]: has no value'],
    [
      "an unknown controller",
      { x: when({ y: 1 }, [1]) },
      "METALAB_SPACE_UNKNOWN_PARAM",
      'got "y". There are: x.',
    ],
    ["a circle", { x: when({ y: 1 }, [1]), y: when({ x: 1 }, [1]) }, "METALAB_SPACE_CYCLE", "x → y → x"],
    ["an empty name", { "": [1] }, "METALAB_PARAM_NAME", 'got ""'],
  ])("%s is refused", (_, axes, code, message) => {
    expect(() => createGrid(axes as GridAxes)).toThrow(expect.objectContaining({ code }));
    expect(() => createGrid(axes as GridAxes)).toThrow(message);
  });

  test("too many cells to number are refused", () => {
    const axis = Array.from({ length: 2_000 }, (_, at) => at);
    const axes = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, axis]));
    expect(() => createGrid(axes)).toThrow(expect.objectContaining({ code: "METALAB_GRID_TOO_LARGE" }));
    expect(() => createGrid({ ...axes, f: when({ a: 1 }, [1]) })).toThrow(
      expect.objectContaining({ code: "METALAB_GRID_TOO_LARGE" }),
    );
  });
});
