import { describe, expect, test, vi } from "vitest";
import { textWidth } from "../../../src/identity/text-width.ts";
import type { DisplayOptions } from "../../../src/results/display.ts";
import type { Results } from "../../../src/results/results.ts";
import type { Run } from "../../../src/results/run.ts";
import { boothRuns, madeResults } from "../../helpers/made-results.ts";

/** What `display` prints. */
function shown<P, M>(results: Results<P, M, Run<P, M>>, options?: DisplayOptions): string {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  try {
    expect(results.display(options)).toBeUndefined();
  } finally {
    log.mockRestore();
  }
  return printed.join("\n");
}

const FAILED = { status: "failed", error: { class: "error", name: "RangeError", message: "no" } } as const;

describe("display", () => {
  test("shows groups with n, mean, sd, min, max and failures", async () => {
    const results = await madeResults([
      { params: { lr: 0.1 }, metrics: { loss: 1 } },
      { params: { lr: 0.01 }, metrics: { loss: 10 } },
      { params: { lr: 0.1 }, metrics: { loss: 2 } },
      { params: { lr: 0.1 }, metrics: { loss: 99 }, ...FAILED },
      { params: {}, metrics: { loss: 5 } },
    ]);
    expect(shown(results, { groupBy: ["lr"] })).toBe(
      [
        "booth@1: 5 runs (4 success, 1 failed) by lr",
        "  lr  runs  failed  metric  n  mean      sd  min  max",
        "─────────────────────────────────────────────────────",
        "0.01     1       0  loss    1  10         –   10   10",
        "0.1      3       1  loss    2   1.5  0.7071    1    2",
        "   –     1       0  loss    1   5         –    5    5",
      ].join("\n"),
    );
  });

  test("fits the seed's example into 80 columns", async () => {
    const results = await madeResults(boothRuns(), { name: "hypersearch_grid", version: "0.1" });
    const text = shown(results, { groupBy: ["lr"], width: 80 });
    expect(Math.max(...text.split("\n").map(textWidth))).toBeLessThanOrEqual(80);
    expect(text.match(/final_value/g)).toHaveLength(3);
    expect(text.match(/\bmean\b/g)).toHaveLength(1);
  });

  test("stays within narrow terminals by going on below", async () => {
    const results = await madeResults(boothRuns());
    const text = shown(results, { width: 50, limit: 3 });
    for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(50);
    expect(text.match(/^id/gm)!.length).toBeGreaterThan(1);
  });

  test("counts pruned and diverged runs where there are any", async () => {
    const results = await madeResults([
      { metrics: { loss: Number.NaN } },
      { metrics: { loss: 1 } },
      { status: "pruned", metrics: { loss: 7 } },
    ]);
    const lines = shown(results, { groupBy: "experiment" }).split("\n");
    expect(lines[1]).toMatch(/runs +failed +pruned +metric +n +nan +mean/);
    expect(lines[3]).toMatch(/booth +3 +0 +1 +loss +1 +1 +1/);
  });

  test("keeps groups apart whose keys look the same when rounded", async () => {
    const results = await madeResults([
      { params: { x: 0.3 } },
      { params: { x: 0.1 + 0.2 } },
      { params: { x: "0.3" } },
    ]);
    const text = shown(results, { groupBy: ["x"] });
    expect(text).toContain("0.30000000000000004");
    expect(text).toContain('"0.3"');
    expect(text.split("\n")).toHaveLength(6);
  });

  test("shows a limited number of runs or groups, ordered as asked", async () => {
    const results = await madeResults(boothRuns());
    const text = shown(results, { limit: 2, sort: "-final_value" });
    expect(text.split("\n")[3]).toMatch(/ 1 +3000/);
    expect(text).toContain("… 25 more");
    const groups = shown(results, { groupBy: ["lr"], sort: "final_value", limit: 1, metrics: "final_value" });
    expect(groups.split("\n")[3]).toMatch(/^ *0\.1 /);
    expect(groups).toContain("… 2 more groups");
    const runs = shown(results, { groupBy: "lr", sort: "-lr" });
    expect(runs.split("\n")[3]).toMatch(/^ *0\.1 /);
  });

  test("shows only the metrics asked for", async () => {
    const text = shown(await madeResults(boothRuns()), { metrics: ["final_value"] });
    expect(text).toContain("final_value");
    expect(text).not.toContain("steps_to_converge");
  });

  test.each([
    [{ groupBy: ["nothing"] }, "METALAB_NAME_UNKNOWN"],
    [{ metrics: ["nothing"] }, "METALAB_METRIC_UNKNOWN"],
    [{ sort: "nothing" }, "METALAB_NAME_UNKNOWN"],
    [{ limit: -1 }, "METALAB_OPTION_VALUE"],
    [{ width: 0 }, "METALAB_OPTION_VALUE"],
    [{ width: Number.NaN }, "METALAB_OPTION_VALUE"],
    [{ group_by: ["lr"] }, "METALAB_UNKNOWN_OPTION"],
    [["lr"], "METALAB_OPTIONS"],
    ["lr", "METALAB_OPTIONS"],
  ])("refuses %j", async (options, code) => {
    const results = await madeResults(boothRuns());
    expect(() => results.display(options as DisplayOptions)).toThrow(expect.objectContaining({ code }));
  });

  test("says which option a foreign name stands for", async () => {
    const results = await madeResults(boothRuns());
    expect(() => results.display({ group_by: ["lr"] } as DisplayOptions)).toThrow('Did you mean "groupBy"?');
    expect(() => results.display({ sortBy: "lr" } as DisplayOptions)).toThrow('Use "sort".');
  });

  test("lets no terminal escape and no line break through", async () => {
    const evil = "\u001b]0;title\u0007\u001b[31mred\u001b[0m\u009b2J\n\u202ex";
    const results = await madeResults(
      [{ params: { [evil]: evil }, status: "failed", error: { class: "error", name: evil, message: evil } }],
      {
        metadata: { m: evil },
      },
    );
    for (const text of [shown(results), shown(results, { groupBy: [evil] }), String(results.at(0))]) {
      expect(text).toContain("red");
      expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\u202e/u);
    }
  });

  test("puts columns of wide characters under each other", async () => {
    const results = await madeResults([
      { params: { model: "模型一" } },
      { params: { model: "ab" } },
      { params: { model: "🎲é" } },
    ]);
    const lines = shown(results, { groupBy: ["model"] })
      .split("\n")
      .slice(3);
    const ends = lines.map((line) => textWidth(line));
    expect(new Set(ends).size).toBe(1);
  });

  test("uses colour only when asked or on a terminal", async () => {
    const results = await madeResults([FAILED]);
    expect(shown(results)).not.toContain("\u001b[");
    expect(shown(results, { color: true })).toContain("\u001b[31mfailed");
  });

  test("escapes HTML", async () => {
    const results = await madeResults([{ params: { "<b>": "</script><script>&\"'" } }]);
    const html = results.toHTML();
    expect(html).not.toContain("<b>");
    expect(html).not.toContain("<script>");
    expect(html).toContain("&lt;/script&gt;&lt;script&gt;&amp;&quot;&#39;");
  });
});
