import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textWidth } from "../../src/identity/text-width.ts";
import { PLOT_KINDS, type PlotKind, type PlotOptions } from "../../src/plots/options.ts";
import { picture } from "../../src/plots/plot.ts";
import { svgToPng } from "../../src/plots/png.ts";
import { logTicks } from "../../src/plots/ticks.ts";
import { minimize } from "../../src/search/objective.ts";
import { madeResults, type RunSketch } from "../helpers/made-results.ts";

describe("ticks of any logarithmic axis", () => {
  test("rise, lie within it, and are named at two places or more, differently", () => {
    const exponent = fc.double({ min: -280, max: 280, noNaN: true });
    const decades = fc.double({ min: 1e-3, max: 20, noNaN: true });
    fc.assert(
      fc.property(exponent, decades, fc.integer({ min: 2, max: 12 }), (from, span, about) => {
        const [low, high] = [10 ** from, 10 ** (from + span)];
        const ticks = logTicks(low, high, about);
        const values = ticks.map(({ value }) => value);
        for (const [at, value] of values.entries()) {
          expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-6));
          expect(value).toBeLessThanOrEqual(high * (1 + 1e-6));
          if (at > 0) expect(value).toBeGreaterThan(values[at - 1]!);
        }
        const named = ticks.filter(({ text }) => text !== "").map(({ text }) => text);
        expect(new Set(named).size).toBe(named.length);
        expect(named.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

/** Names and texts as nobody would choose them: marks, controls, halves of characters, emoji, other directions. */
const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    ...[
      "</svg>",
      "]]>",
      "<!--",
      "&#0;",
      "&amp;",
      '"',
      "'",
      "\u0000",
      "\u001b[31m",
      "\ud800",
      "\udfff",
      "\ufffe",
    ],
    ...["\uffff", "\u202e", "a\nb", "x".repeat(300), "名前", "👩‍👩‍👧‍👦", "__proto__", "constructor", " "],
  ),
);
const value = fc.oneof(
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    1e308,
    -1e308,
    5e-324,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ),
  fc.integer(),
  text,
  fc.boolean(),
  fc.constant(null),
);
/** Params are stored as they are, so a name that cannot be a key is left out here. */
const isWhole = (one: string) => !/\p{Cs}/u.test(one);
const key = text.filter((name) => name !== "__proto__" && isWhole(name));
const stored = value.filter((one) => typeof one !== "string" || isWhole(one));
const sketches = fc.record({
  names: fc.uniqueArray(key, { minLength: 1, maxLength: 3 }),
  rows: fc.array(
    fc.tuple(
      stored,
      stored,
      stored,
      fc.oneof({ weight: 4, arbitrary: fc.double() }, { weight: 1, arbitrary: stored }),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  ),
  title: text,
  label: text,
  kind: fc.constantFrom(...PLOT_KINDS),
  isLog: fc.boolean(),
});

describe("a picture of anything", () => {
  test("is well-formed, has no number that is none, and fits its width on the terminal", async () => {
    await fc.assert(
      fc.asyncProperty(sketches, async ({ names, rows, title, label, kind, isLog }) => {
        const runs = rows.map(
          ([a, b, c, loss], trial): RunSketch => ({
            trial,
            params: Object.fromEntries(names.map((name, at) => [name, [a, b, c][at]])),
            metrics: { loss: loss as number },
            status: trial === 3 ? "failed" : "success",
          }),
        );
        const [x, other = "trial"] = names.map((name) => `params.${name}`) as [string, ...string[]];
        const options: PlotOptions = {
          ...{
            x,
            y: kind === "heatmap" ? other : "loss",
            title,
            labels: { loss: label },
            logX: isLog,
            logY: isLog,
          },
          ...(kind === "scatter" && { color: other, facet: "status" }),
          ...(kind === "line" && { color: other }),
        };
        const made = await picture(
          await madeResults(runs, { objectives: [minimize("loss")] }),
          kind,
          options,
        );
        const svg = made.toSVG();
        // The renderer reads XML strictly, and refuses what is not.
        expect((await svgToPng(svg, 0.1, [])).length).toBeGreaterThan(0);
        const drawn = svg.replaceAll(/>[^<]*</g, "><");
        expect(/[^ ]*="[^"]*(?:NaN|Infinity|undefined|e\+)[^"]*"/.exec(drawn)?.[0]).toBeUndefined();
        expect(/(?:width|height)="-/.exec(drawn)).toBeNull();
        expect(JSON.parse(/id="hits">([^<]*)</.exec(made.toHTML())![1]!)).toBeInstanceOf(Array);
        for (const line of made.toText({ width: 50 }).split("\n"))
          expect(textWidth(line)).toBeLessThanOrEqual(50);
      }),
      { numRuns: 80 },
    );
  });

  test("of any size is one", async () => {
    const size = fc.integer({ min: 1, max: 2000 });
    const runs = [1, 2, 3].map((loss, trial) => ({
      trial,
      params: { a: loss, b: `v${loss % 2}` },
      metrics: { loss },
    }));
    const results = await madeResults(runs, { objectives: [minimize("loss")] });
    const kinds = fc.constantFrom<PlotKind>(
      "slice",
      "parallel_coordinate",
      "box",
      "heatmap",
      "histogram",
      "contour",
    );
    await fc.assert(
      fc.asyncProperty(kinds, size, size, async (kind, width, height) => {
        const made = await picture(results, kind, {
          x: "b",
          y: "loss",
          width,
          height,
          title: "w".repeat(80),
        });
        const svg = made.toSVG();
        expect((await svgToPng(svg, 0.1, [])).length).toBeGreaterThan(0);
        expect(/(?:width|height|r)="-|NaN/.exec(svg)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });
});
