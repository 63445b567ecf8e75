import { describe, expect, test } from "vitest";
import type { AnyResults } from "../../../src/analysis/solutions.ts";
import { PLOT_KINDS, type PlotOptions } from "../../../src/plots/options.ts";
import { picture } from "../../../src/plots/plot.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { lossesOnly, MINIMIZE_LOSS } from "./sketches.ts";

const OPTIONS: PlotOptions = { x: "lr", y: "loss", metric: "loss", direction: "min" };

const failed: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  status: "failed",
}));
const constant: readonly RunSketch[] = [0, 1, 2].map((replicate) => ({
  replicate,
  params: { lr: 0.1 },
  metrics: { loss: 1 + replicate },
}));
const single: readonly RunSketch[] = [{ params: { lr: 0.1 }, metrics: { loss: 1 } }];
const unusable: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: Number.NaN, cost: 1 },
}));
const words: readonly RunSketch[] = [0, 1].map((trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss: "low" },
}));
const infinite: readonly RunSketch[] = [1, 2, Number.POSITIVE_INFINITY].map((loss, trial) => ({
  trial,
  params: { lr: trial },
  metrics: { loss },
}));

const states: Readonly<Record<string, () => Promise<AnyResults<never, never>>>> = {
  "no runs": async () => (await madeResults(single, MINIMIZE_LOSS)).filter(() => false) as never,
  "runs that all failed": () => madeResults(failed, MINIMIZE_LOSS) as never,
  "a constant param": () => madeResults(constant, MINIMIZE_LOSS) as never,
  "a single run": () => madeResults(single, MINIMIZE_LOSS) as never,
  "only NaN": () => madeResults(unusable, MINIMIZE_LOSS) as never,
  "a metric of words": () => madeResults(words, MINIMIZE_LOSS) as never,
  "an infinite value": () => madeResults(infinite, MINIMIZE_LOSS) as never,
};

describe.each(Object.keys(states))("with %s", (state) => {
  test.each(PLOT_KINDS)("%s is a picture in every form", async (kind) => {
    const made = await picture(await states[state]!(), kind, OPTIONS);
    const odd = (text: string) => /.{0,60}(?:NaN|undefined|null).{0,60}/.exec(text)?.[0];
    expect(odd(made.toSVG().replaceAll(/<text.*?<\/text>|<desc>.*?<\/desc>/g, ""))).toBeUndefined();
    expect(made.toSVG()).not.toMatch(/ d="[^"]*Infinity/);
    expect(odd(made.toText({ width: 60 }))).toBeUndefined();
    expect(made.toHTML()).toContain(made.figure.title);
    if (made.figure.panels.length === 0) {
      expect(made.figure.message).toMatch(/^[A-Z].*\.$/);
      expect(made.toSVG()).toContain(made.figure.message!.split(" ")[0]);
    }
  });
});

test("a histogram of a metric of failed runs says that they failed", async () => {
  const made = await picture(await states["runs that all failed"]!(), "histogram", { x: "loss" });
  expect(made.figure.message).toBe("None of the 2 runs has succeeded: 2 failed.");
});

describe("the sentence", () => {
  const messageOf = async (state: string, kind: (typeof PLOT_KINDS)[number]) =>
    (await picture(await states[state]!(), kind, OPTIONS)).figure.message;

  test("says that there are no runs", async () => {
    expect(await messageOf("no runs", "optimization_history")).toBe("There are no runs to draw.");
  });
  test("says how runs ended", async () => {
    expect(await messageOf("runs that all failed", "slice")).toBe(
      "None of the 2 runs has succeeded: 2 failed.",
    );
  });
  test("names a param that never changes", async () => {
    expect(await messageOf("a constant param", "slice")).toContain("lr has one value");
  });
  test("says that a metric has no numbers", async () => {
    expect(await messageOf("only NaN", "edf")).toBe("No successful run has a number for loss.");
  });
  test("says how to report steps", async () => {
    expect(await messageOf("a single run", "intermediate_values")).toContain(
      'capture.metric("loss", value, { step })',
    );
  });
  test("says that a plane takes two params", async () => {
    const made = await picture(await lossesOnly([1, 2, 3]), "contour");
    expect(made.figure.message).toContain("Only at varies");
  });
});
