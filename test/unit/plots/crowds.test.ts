import { describe, expect, test } from "vitest";
import type { Mark, Panel } from "../../../src/plots/figure.ts";
import type { PlotKind, PlotOptions } from "../../../src/plots/options.ts";
import { picture } from "../../../src/plots/plot.ts";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { madeResults } from "../../helpers/made-results.ts";

const RUNS = 7000;

/** Many runs of two params and two metrics; spread by multiples of irrational numbers. */
const crowd = () =>
  madeResults(
    Array.from({ length: RUNS }, (_, trial) => {
      const [a, b] = [(trial * Math.SQRT2) % 1, (trial * Math.sqrt(3)) % 1];
      return { trial, params: { a, b, kind: `k${trial % 3}` }, metrics: { loss: a + b, cost: 1 - a * b } };
    }),
    { objectives: [minimize("loss")] },
  );

const drawn = ({ marks }: Panel) =>
  marks
    .filter((mark): mark is Extract<Mark, { kind: "points" }> => mark.kind === "points")
    .reduce((sum, { x }) => sum + x.length, 0);

describe("of 7,000 points at most 5,000 are drawn, and the picture says so:", () => {
  const most: readonly (readonly [PlotKind, PlotOptions, number])[] = [
    ["optimization_history", {}, 5001],
    ["slice", {}, 1667],
    ["contour", { params: ["a", "b"] }, 5000],
    ["rank", { params: ["a", "b"] }, 5000],
    ["pareto", { x: "loss", y: "cost" }, 5100],
    ["scatter", { x: "a", y: "loss" }, 5000],
    ["scatter", { x: "a", y: "loss", color: "kind", facet: "kind" }, 5000],
    ["box", { x: "kind", y: "loss" }, 5000],
  ];
  test.each(most)("%s %j", async (kind, options, limit) => {
    const { figure } = await picture(await crowd(), kind, options);
    const counts = figure.panels.map(drawn);
    const shown = options.facet === undefined ? Math.max(...counts) : counts.reduce((a, b) => a + b, 0);
    expect(shown).toBeLessThanOrEqual(limit);
    expect(shown).toBeGreaterThan(0.98 * (limit - 101));
    expect(figure.notes.join(" ")).toMatch(/[\d,]+ of 7,000 points are drawn, evenly chosen/);
  });

  test("parallel_coordinate, by lines", async () => {
    const { figure } = await picture(await crowd(), "parallel_coordinate");
    expect(figure.panels[0]!.parallel!.lines.length).toBeLessThanOrEqual(401);
    expect(figure.notes.join(" ")).toMatch(/of 7,000 lines are drawn/);
  });

  test("timeline, by runs", async () => {
    const { figure } = await picture(await crowd(), "timeline");
    expect(figure.notes.join(" ")).toMatch(/of 7,000 runs are drawn/);
  });

  test.each([
    ["scatter", { x: "kind", y: "loss" }],
    ["slice", { params: ["kind"] }],
    ["box", { x: "kind", y: "loss" }],
  ] as const)("%s, on both sides of a name alike", async (kind, options) => {
    const { figure } = await picture(await crowd(), kind, options);
    const xs = figure.panels[0]!.marks.flatMap((mark) => (mark.kind === "points" ? mark.x : []));
    const left = xs.filter((x) => x < Math.round(x)).length / xs.length;
    expect(left).toBeGreaterThan(0.45);
    expect(left).toBeLessThan(0.55);
  });

  test("param_importances, by a forest of fewer points", async () => {
    const { figure } = await picture(await crowd(), "param_importances");
    expect(figure.notes.join(" ")).toMatch(/Worked out from 750 of 7,000 points of params, evenly chosen/);
    expect(figure.panels[0]!.y.categories.slice(1).toSorted()).toEqual(["a", "b"]);
  });

  test("but lines, boxes and counts are of all", async () => {
    const results = await crowd();
    const { figure } = await picture(results, "histogram", { x: "kind" });
    const [bars] = figure.panels[0]!.marks as [Extract<Mark, { kind: "rects" }>];
    expect(bars.y1).toEqual([2334, 2333, 2333]);
    const edf = (await picture(results, "edf")).figure;
    expect(edf.notes).toEqual([]);
    expect(edf.subtitle).toBe("7,000 points of params");
  });
});

describe("a few diverged runs do not flatten the rest, and are told:", () => {
  const values = [
    ...Array.from({ length: 40 }, (_, i) => 1 + ((i * Math.SQRT2) % 1)),
    1e30,
    Number.POSITIVE_INFINITY,
  ];
  const results = (sign: 1 | -1) =>
    madeResults(
      [...values, Number.NaN].map((loss, trial) => {
        const params = {
          a: (trial * Math.sqrt(3)) % 1,
          b: (trial * Math.sqrt(5)) % 1,
          kind: "one",
          group: trial % 4,
        };
        return { trial, params, metrics: { loss: sign * loss, cost: trial } };
      }),
      { objectives: [sign > 0 ? minimize("loss") : maximize("loss")] },
    );
  const along = (panel: Panel, kind: PlotKind) =>
    kind === "histogram" || kind === "edf" ? panel.x : panel.y;
  const cases: readonly (readonly [PlotKind, PlotOptions])[] = [
    ["optimization_history", {}],
    ["slice", {}],
    ["edf", {}],
    ["pareto", { x: "cost", y: "loss" }],
    ["scatter", { x: "a", y: "loss" }],
    ["line", { x: "a", y: "loss" }],
    ["line", { x: "group", y: "loss", aggregate: "median" }],
    ["histogram", { x: "loss" }],
    ["box", { x: "kind", y: "loss" }],
  ];
  test.each(cases)("%s %j", async (kind, options) => {
    for (const sign of [1, -1] as const) {
      const { figure } = await picture(await results(sign), kind, options);
      for (const panel of figure.panels) {
        const [low, high] = along(panel, kind).domain;
        expect(Math.max(Math.abs(low), Math.abs(high))).toBeLessThan(2.5);
      }
      if (options.aggregate === "median") continue;
      expect(figure.notes.join(" ")).toMatch(/far from the others \((?:up|down) to -?1e30\)/);
      if (kind !== "pareto" && kind !== "box") expect(figure.notes.join(" ")).toMatch(/infinite/);
    }
  });

  test.each(["contour", "parallel_coordinate"] as const)("%s, by its colours", async (kind) => {
    const { figure } = await picture(
      await results(1),
      kind,
      kind === "contour" ? { params: ["a", "b"] } : {},
    );
    expect(figure.ramp!.domain[1]).toBeLessThan(2.5);
    expect(figure.notes.join(" ")).toMatch(/far from the others \(up to 1e30\)/);
  });

  test("strategies, whose best so far forgets them", async () => {
    const { figure } = await picture(await results(1), "strategies");
    expect(figure.panels[0]!.y.domain[1]).toBeLessThan(2.5);
  });
});
