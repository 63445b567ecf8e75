import { expect, test } from "vitest";
import { compareValues, isBetter, isObjective, maximize, minimize } from "../../../src/search/objective.ts";

test("an objective is a frozen metric and direction", () => {
  expect(minimize("loss")).toEqual({ metric: "loss", direction: "minimize" });
  expect(maximize("accuracy")).toEqual({ metric: "accuracy", direction: "maximize" });
  expect(Object.isFrozen(minimize("loss"))).toBe(true);
});

test("a captured objective is an objective like any other", () => {
  expect(minimize("loss", { captured: true })).toEqual(minimize("loss"));
});

test.each([[""], [3], [undefined], [{ metric: "loss" }]])("a metric %j is refused", (metric) => {
  expect(() => minimize(metric as string)).toThrowError(
    expect.objectContaining({
      code: "METALAB_OBJECTIVE",
      message: expect.stringMatching(/^minimize\(\): .*got /),
    }),
  );
});

test.each([[{}], [{ captured: false }], [{ captured: true, step: 1 }], ["captured"]])(
  "an option %j is refused",
  (options) => {
    expect(() => maximize("x", options as never)).toThrowError(
      expect.objectContaining({ code: "METALAB_OBJECTIVE" }),
    );
  },
);

test("only a metric and a direction make an objective", () => {
  expect(isObjective(minimize("loss"))).toBe(true);
  expect(isObjective({ metric: "loss", direction: "maximize" })).toBe(true);
  for (const value of [
    null,
    "loss",
    { metric: "loss" },
    { metric: "", direction: "minimize" },
    { metric: "a", direction: "min" },
  ]) {
    expect(isObjective(value)).toBe(false);
  }
});

test("the better value sorts first, NaN last, in both directions", () => {
  const values = [Number.NaN, 3, Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY, Number.NaN];
  const sorted = (direction: "minimize" | "maximize") =>
    values.toSorted((a, b) => compareValues(direction, a, b));
  expect(sorted("minimize")).toEqual([
    Number.NEGATIVE_INFINITY,
    1,
    3,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    Number.NaN,
  ]);
  expect(sorted("maximize")).toEqual([
    Number.POSITIVE_INFINITY,
    3,
    1,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    Number.NaN,
  ]);
});

test("NaN and an equal value are never better", () => {
  expect(isBetter("minimize", 1, 2)).toBe(true);
  expect(isBetter("maximize", 1, 2)).toBe(false);
  expect(isBetter("minimize", 1, 1)).toBe(false);
  expect(isBetter("minimize", Number.NaN, 1)).toBe(false);
  expect(isBetter("maximize", Number.NEGATIVE_INFINITY, Number.NaN)).toBe(true);
});
