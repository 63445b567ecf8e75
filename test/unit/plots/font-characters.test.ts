import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type FontCharacters,
  fontCharacters,
  missingCharacters,
} from "../../../src/plots/font-characters.ts";
import { blankNotes, svgToPng } from "../../../src/plots/png.ts";

const shipped = new Uint8Array(
  readFileSync(new URL("../../../src/plots/fonts/noto-sans.ttf", import.meta.url)),
);

/** A font of nothing but a map of characters, with one table entry for it. */
function fontOf(map: readonly number[]): Uint8Array {
  const words = (...values: readonly number[]) => values.flatMap((value) => [value >> 8, value & 0xff]);
  const head = [
    0,
    1,
    0,
    0,
    ...words(1, 0, 0, 0),
    ...Buffer.from("cmap"),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    28,
    ...words(0, 0),
  ];
  return Uint8Array.from([...head, ...words(0, 1, 3, 10), 0, 0, 0, 12, ...map]);
}
/** Format 12 with the range of faces, U+1F600 to U+1F64F. */
const faces = fontOf([
  ...[0, 12, 0, 0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0, 1, 0xf6, 0, 0, 1, 0xf6, 0x4f, 0, 0, 0, 1],
]);

describe("the characters of a font", () => {
  // What the renderer draws is the fact that the table is held against.
  test.each(["a", "Å", "ñ", "Ω", "ж", "Ї", "≤", "∞", "日", "ア", "א", "ع", "😀", "⚡", "ƀ", "ҿ", "℃"])(
    "are those that are drawn: %s",
    async (letter) => {
      const svg = (text: string) =>
        `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#fff"/><text x="8" y="28" font-size="24" font-family="'Nowhere', sans-serif">${text}</text></svg>`;
      const [blank, drawn] = [await svgToPng(svg(""), 1, []), await svgToPng(svg(letter), 1, [])];
      const isDrawn = Buffer.compare(blank, drawn) !== 0;
      expect(fontCharacters(shipped)!(letter.codePointAt(0)!)).toBe(isDrawn);
    },
  );

  test("beyond the first 65,536 are read too", () => {
    const has = fontCharacters(faces)!;
    expect(["😀", "🙏", "😿", "🚀", "a"].map((one) => has(one.codePointAt(0)!))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("of what is no font are not known", () => {
    for (const bytes of [
      [],
      [1, 2, 3],
      shipped.subarray(0, 40),
      faces.subarray(0, 50),
      Buffer.from("text".repeat(40)),
    ])
      expect(fontCharacters(Uint8Array.from(bytes))).toBeUndefined();
  });
});

test("what is missing is named once, and what cannot be seen is not", () => {
  const ascii: FontCharacters = (code) => code < 128;
  expect(missingCharacters("loss 損失, 損 \u200d\ufe0f\u2009x", [ascii])).toEqual(["損", "失"]);
  expect(missingCharacters("😀 x", [ascii, fontCharacters(faces)!])).toEqual([]);
});

describe("the sentence about blanks", () => {
  const svg = (text: string) => `<svg><title>題</title><text x="1" y="2">${text}</text></svg>`;

  test("names characters by number, and what shows them", async () => {
    expect(await blankNotes(svg("loss &lt; 日本"), [])).toEqual([
      "Blank here, since the fonts of this PNG lack them: 2 characters (U+65E5, U+672C). SVG and HTML show them; or give a font file that has them, with fonts (--fonts).",
    ]);
    expect((await blankNotes(svg("一二三四五六"), []))[0]).toContain(
      "6 characters (U+4E00, U+4E8C, U+4E09, U+56DB, U+4E94, …)",
    );
  });

  test("is not said where all is drawn", async () => {
    expect(await blankNotes(svg("потери ≤ 0.1 λ"), [])).toEqual([]);
  });

  test("a font that is not there is an error", async () => {
    await expect(blankNotes(svg("a"), ["/no/such/font.otf"])).rejects.toMatchObject({
      code: "METALAB_OPTION_VALUE",
      message: expect.stringContaining('got "/no/such/font.otf": ENOENT'),
    });
  });
});
