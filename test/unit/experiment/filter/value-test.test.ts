import { expect, test } from "vitest";
import { globTest } from "../../../../src/experiment/filter/value-test.ts";

test.each([
  ["adam*", "adamw", true],
  ["adam*", "nadam", false],
  ["*adam", "nadam", true],
  ["a?am", "adam", true],
  ["a?am", "aam", false],
  ["*a*b*c", "xaybzc", true],
  ["*a*b*c", "xaybzcd", false],
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["a\\*", "a*", true],
  ["a\\*", "ab", false],
  ["a.c", "abc", false],
  ["(a+)+$", "aaaa", false],
])("%j fits %j: %s", (pattern, text, fits) => {
  expect(globTest(pattern)(text)).toBe(fits);
});

test("a pattern made to be slow is not", () => {
  expect(globTest(`${"*a".repeat(200)}b`)("a".repeat(5000))).toBe(false);
});
