import { describe, expect, test } from "vitest";
import { numberAxis } from "../../../src/plots/domain.ts";
import { PLOT_KINDS, type PlotOptions } from "../../../src/plots/options.ts";
import { picture } from "../../../src/plots/plot.ts";
import { setPanel } from "../../../src/plots/svg/axes.ts";
import { textSize } from "../../../src/plots/text-size.ts";
import { madeResults } from "../../helpers/made-results.ts";
import { MINIMIZE_LOSS, smallResults, steppedResults } from "./sketches.ts";

const IMPORTANCES = [
  { name: "lr", value: 0.7, low: 0.6, high: 0.8 },
  { name: "optimizer", value: 0.2 },
];
const OPTIONS: Partial<Record<(typeof PLOT_KINDS)[number], PlotOptions>> = {
  param_importances: { importances: IMPORTANCES },
  contour: { params: ["lr", "optimizer"] },
  rank: { params: ["lr", "momentum"] },
  pareto: { x: "loss", y: "cost" },
  scatter: { x: "lr", y: "loss", color: "optimizer", units: { loss: "nats" } },
  line: { x: "lr", y: "loss", color: "optimizer" },
  histogram: { x: "loss" },
  box: { x: "optimizer", y: "loss" },
  heatmap: { x: "lr", y: "optimizer" },
  strategies: { by: "optimizer" },
};

/** An element on a line of its own, so that a difference can be read. */
const readable = (svg: string) => `${svg.replaceAll(/(?<=>)(?=<(?!\/text))/g, "\n")}\n`;

test.each(PLOT_KINDS)("%s is drawn as it was looked at", async (kind) => {
  const results = kind === "intermediate_values" ? await steppedResults() : await smallResults();
  const made = await picture(results, kind, OPTIONS[kind] ?? {});
  await expect(readable(made.toSVG())).toMatchFileSnapshot(`./snapshots/${kind}.svg`);
});

test("the same runs give the same bytes, in every form", async () => {
  const [a, b] = [await picture(await smallResults(), "slice"), await picture(await smallResults(), "slice")];
  expect(a.toSVG()).toBe(b.toSVG());
  expect(a.toHTML()).toBe(b.toHTML());
  expect(Buffer.from(await a.toPNG())).toEqual(Buffer.from(await b.toPNG()));
});

test("names of ticks do not run into one another", () => {
  const y = numberAxis([0, 1], { label: "loss" }).axis;
  for (const greatest of [1e300, 1, 123_456, 0.00123, 7e6]) {
    for (let width = 180; width < 500; width += 10) {
      const x = { ...numberAxis([0, greatest], { label: "m" }).axis, hasHoles: true };
      const { xTicks, x: scale } = setPanel({ x, y, marks: [] }, { x: 0, y: 0, width, height: 200 });
      const named = xTicks.filter(({ text }) => text !== "");
      const ends = named.map(({ value, text }) => [
        scale.at(value) - textSize(text, 11) / 2,
        scale.at(value) + textSize(text, 11) / 2,
      ]);
      for (let i = 1; i < ends.length; i++) expect(ends[i]![0]).toBeGreaterThan(ends[i - 1]![1]!);
    }
  }
});

/** Control characters other than the end of a line, and marks that turn text round. */
const unseen = (text: string) =>
  [...text].filter((character) => (character < " " && character !== "\n") || character === "\u202e");

describe("names from anywhere", () => {
  const HOSTILE = '</text><script>alert(1)</script>&"\u001b[31m\u202e';
  const hostile = () =>
    madeResults(
      [1, 2, 3].map((loss) => ({ params: { [HOSTILE]: `${HOSTILE}${loss}` }, metrics: { loss } })),
      MINIMIZE_LOSS,
    );

  test.each(["slice", "parallel_coordinate", "edf"] as const)("cannot break out of %s", async (kind) => {
    const made = await picture(await hostile(), kind, {
      ...(kind === "edf" && { color: HOSTILE }),
      title: HOSTILE,
      labels: { loss: HOSTILE },
    });
    for (const text of [made.toSVG(), made.toHTML()]) {
      expect(text).not.toContain("<script>alert");
      expect(unseen(text)).toEqual([]);
    }
    expect(unseen(made.toText())).toEqual([]);
  });

  test("are cut where they are too long, and keep inside the picture", async () => {
    const long = "w".repeat(400);
    const runs = [1, 2].map((loss) => ({ params: { [long]: `${loss}${long}` }, metrics: { loss } }));
    const made = await picture(await madeResults(runs, MINIMIZE_LOSS), "slice", { title: long });
    const texts = [...made.toSVG().matchAll(/<text [^>]*>([^<]*)</g)].map((found) => found[1]!);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(70);
  });
});

test("text has a title and a description for those who cannot see the picture", async () => {
  const svg = (await picture(await smallResults(), "edf")).toSVG();
  expect(svg).toMatch(/<title>Distribution of loss<\/title><desc>6 points of params\. .*<\/desc>/);
  expect(svg).toContain('role="img"');
});
