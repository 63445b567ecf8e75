import { expect, test } from "vitest";
import { cohensDz } from "../../../src/math/effect-size.ts";

test("of a difference that hardly varies the interval is left open, and not looked for without end", () => {
  expect(cohensDz([1e308, 1e308 * (1 + 1e-15), 1e308], 0.95)).toMatchObject({
    low: Number.NaN,
    high: Number.NaN,
  });
  expect(cohensDz([1, 1 + 1e-12, 1 - 1e-12], 0.95)).toMatchObject({ low: Number.NaN, high: Number.NaN });
});
