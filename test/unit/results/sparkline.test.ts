import { describe, expect, test, vi } from "vitest";
import { textWidth } from "../../../src/identity/text-width.ts";
import type { Results } from "../../../src/results/results.ts";
import { isPlainTerminal, sparkline } from "../../../src/results/sparkline.ts";
import { madeResults } from "../../helpers/made-results.ts";

describe("a sparkline", () => {
  test.each([
    [[0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"],
    [[7, 0], "█▁"],
    [[3, 3, 3], "▅▅▅"],
    [[1, Number.NaN, 0], "█ ▁"],
    [[Number.POSITIVE_INFINITY, 0, 1], " ▁█"],
    [[-1e308, 1e308], "▁█"],
    [[], ""],
  ])("of %j is %s", (values, line) => {
    expect(sparkline(values, { plain: false })).toBe(line);
  });

  test("joins neighbours to their mean where there are more than characters", () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    expect(sparkline(values, { width: 8, plain: false })).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([0, 0, 4, 4, 8, 8], { width: 3, plain: true })).toBe("_=#");
  });

  test.each([
    [{ LANG: "en_US.UTF-8" }, "linux", false],
    [{}, "linux", false],
    [{ LANG: "de_DE.ISO-8859-1" }, "linux", true],
    [{ LANG: "en_US.UTF-8", LC_ALL: "C.ASCII" }, "linux", true],
    [{ TERM: "dumb" }, "linux", true],
    [{}, "win32", true],
    [{ WT_SESSION: "1" }, "win32", false],
  ])("%j on %s may have ASCII only: %s", (env, platform, plain) => {
    expect(isPlainTerminal(env, platform)).toBe(plain);
  });
});

describe("display() with sparklines", () => {
  const made = () =>
    madeResults(
      [0, 1, 2].map((i) => ({ params: { lr: i }, metrics: { loss: i } })),
      {
        write: (writer, id, index) => {
          const block = (name: string, values: readonly number[]) =>
            writer.putBlock({
              id,
              kind: "series",
              name,
              count: values.length,
              columns: { step: Float64Array.from(values.keys()), value: Float64Array.from(values) },
            });
          return index === 1
            ? {}
            : { series: { loss: block("loss", [4, 2, index]), acc: block("acc", [0, 0.5]) } };
        },
      },
    );
  const shown = async (results: Results, options: Parameters<Results["display"]>[0]) => {
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
    try {
      await results.display(options);
    } finally {
      log.mockRestore();
    }
    return printed.join("\n");
  };

  test("has a column for each series, with the last number, aligned", async () => {
    const lines = (await shown(await made(), { sparklines: true, width: 120 })).split("\n");
    expect(lines[1]).toMatch(/loss +acc by step +loss by step +duration$/);
    expect(lines[3]).toMatch(/ ▁█ 0\.5 +█▅▁ 0 +/);
    expect(lines[4]).toMatch(/ – +– +/);
    expect(lines[5]).toMatch(/ ▁█ 0\.5 +█▁▁ 2 +/);
    const at = lines[1]!.indexOf("loss by step");
    expect([lines[3]!.slice(at, at + 3), lines[5]!.slice(at, at + 3)]).toEqual(["█▅▁", "█▁▁"]);
  });

  test("go on below where there is no room, whole and within the width", async () => {
    const results = await made();
    for (const width of [30, 45, 60, 80]) {
      const text = await shown(results, { sparklines: true, width });
      for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
      expect(text).toContain("▁█ 0.5");
      expect(text).toContain("█▁▁ 2");
    }
  });

  test("shows those of a name, and reads only the runs that are shown", async () => {
    const results = await made();
    const block = vi.spyOn(results.parts[0]!.store, "block");
    const text = await shown(results, { sparklines: "loss", limit: 1, sort: "-loss", width: 120 });
    expect(text).toContain("█▁▁ 2");
    expect(text).not.toContain("acc by step");
    expect(block).toHaveBeenCalledTimes(1);
  });

  test("without series it is the table alone; without the option nothing is read", async () => {
    const plain = await madeResults([{ metrics: { loss: 1 } }]);
    expect(await shown(plain, { sparklines: true })).toBe(await shown(plain, {}));
    const results = await made();
    const record = vi.spyOn(results.parts[0]!.frame, "record");
    await shown(results, {});
    expect(record).not.toHaveBeenCalled();
  });

  test("refuses groups, and names that there are not", async () => {
    const results = await made();
    expect(() => results.display({ sparklines: true, groupBy: "lr" })).toThrow(/sparklines are of runs/);
    await expect(results.display({ sparklines: "los" })).rejects.toMatchObject({
      code: "METALAB_SERIES_UNKNOWN",
    });
  });
});
