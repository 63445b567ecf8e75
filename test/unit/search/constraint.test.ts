import { describe, expect, test } from "vitest";
import { atLeast, atMost, isConstraint, violationOf } from "../../../src/search/constraint.ts";

describe("constraints", () => {
  test("say what they bound", () => {
    expect(atMost("latency_ms", 50)).toEqual({ type: "atMost", metric: "latency_ms", bound: 50 });
    expect(atLeast("accuracy", -0.5)).toEqual({ type: "atLeast", metric: "accuracy", bound: -0.5 });
    expect(Object.isFrozen(atMost("a", 0))).toBe(true);
  });

  test("are violated by as much as the bound is passed, and met at the bound", () => {
    expect(violationOf(atMost("a", 10), 12.5)).toBe(2.5);
    expect(violationOf(atMost("a", 10), 10)).toBe(0);
    expect(violationOf(atLeast("a", 10), 12.5)).toBe(-2.5);
    expect(violationOf(atLeast("a", -1), Number.NEGATIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each<[() => unknown, RegExp]>([
    [
      () => atMost("", 1),
      /^atMost\(\): a metric is named by text, got ""\. Write for example atMost\("latency_ms", 50\)\.$/,
    ],
    [() => atLeast(7 as never, 1), /^atLeast\(\): a metric is named by text, got 7\./],
    [
      () => atMost("a", Number.NaN),
      /^atMost\("a"\): the bound is a finite number, got NaN\. Write for example atMost\("a", 50\)\.$/,
    ],
    [
      () => atLeast("a", Number.POSITIVE_INFINITY),
      /^atLeast\("a"\): the bound is a finite number, got Infinity\./,
    ],
    [() => atLeast("a", "50" as never), /got "50"\./],
  ])("are refused when they bound nothing: %s", (make, message) => {
    expect(make).toThrow(
      expect.objectContaining({ code: "METALAB_CONSTRAINT", message: expect.stringMatching(message) }),
    );
  });

  test("are told from what looks like them", () => {
    expect(isConstraint(atMost("a", 1))).toBe(true);
    expect(isConstraint({ type: "atLeast", metric: "a", bound: 0 })).toBe(true);
    for (const other of [
      null,
      "a < 1",
      {},
      { type: "below", metric: "a", bound: 1 },
      { type: "atMost", metric: "", bound: 1 },
      { type: "atMost", metric: "a", bound: Number.NaN },
    ])
      expect(isConstraint(other)).toBe(false);
  });
});
