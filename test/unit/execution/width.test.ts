import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineText } from "../../../src/execution/progress/line.ts";
import { Tally } from "../../../src/execution/progress/tally.ts";
import { cutToWidth, textWidth } from "../../../src/execution/progress/width.ts";
import type { ProgressState } from "../../../src/experiment/event.ts";

describe("the width of a text on a terminal", () => {
  // Column counts as `wcwidth` of Python (0.7.0) gives them.
  test.each([
    ["plain text", 10],
    ["Zürich [██░░] …", 15],
    ["実験", 4],
    ["학습률", 6],
    ["ﾊﾝｶｸ", 4],
    ["ＦＵＬＬ", 8],
    ["e\u0301t\u0308", 2],
    ["🚀 go", 5],
    ["👩‍🔬", 2],
    ["🇨🇭", 2],
    ["👍🏽", 2],
    ["❤\ufe0f", 2],
    ["\u200b", 0],
    ["", 0],
  ])("of %j is %i columns", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test("of a cut text is never more than asked for, and nothing is cut in half", () => {
    const word = fc.constantFrom("a", "実", "👩‍🔬", "e\u0301", "🇨🇭", " ");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (words, columns) => {
        const text = words.join("");
        const cut = cutToWidth(text, columns);
        expect(textWidth(cut)).toBeLessThanOrEqual(columns);
        if (cut === text) return;
        expect(cut.endsWith("…")).toBe(true);
        expect(textWidth(cut)).toBeGreaterThanOrEqual(columns - 1);
        expect(words.map((_, count) => words.slice(0, count).join(""))).toContain(cut.slice(0, -1));
      }),
      { numRuns: 300 },
    );
  });
});

test("the line of progress fits the terminal, whatever names and params are written in", () => {
  const state: ProgressState = {
    ...new Tally([]).state(),
    total: 1000,
    done: 412,
    running: 1,
    ratePerSecond: 3,
    etaMs: 1000,
    best: {
      metric: "損失",
      value: 0.1,
      id: "a",
      params: { モデル: "とても大きいモデルの名前です、長い", e: "🚀🚀" },
    },
  };
  const widest = lineText("実験の名前", state, Number.POSITIVE_INFINITY);
  expect(widest).toContain("実験の名前");
  expect(widest).toContain("モデル とても大きいモデル…");
  expect(lineText("実験の名前", state, textWidth(widest))).toBe(widest);
  for (let width = 12; width < textWidth(widest); width++) {
    const line = lineText("実験の名前", state, width);
    expect(textWidth(line)).toBeLessThanOrEqual(width);
    expect(line).toContain("412/1,000");
  }
});
