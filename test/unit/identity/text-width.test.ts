import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText, textWidth } from "../../../src/identity/text-width.ts";

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
    ["\u3000", 2],
    ["각", 2],
    ["ꀀ", 2],
    ["\ufe0f\u200d", 0],
  ])("of %j is %i columns", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test("of a cut text is never more than asked for, and nothing is cut in half", () => {
    const word = fc.constantFrom("a", "実", "👩‍🔬", "e\u0301", "🇨🇭", " ");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (words, columns) => {
        const text = words.join("");
        const cut = cutText(text, columns);
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
