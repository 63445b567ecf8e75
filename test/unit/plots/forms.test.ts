import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { textWidth } from "../../../src/identity/text-width.ts";
import { PLOT_KINDS } from "../../../src/plots/options.ts";
import { picture, plot } from "../../../src/plots/plot.ts";
import { svgToPng } from "../../../src/plots/png.ts";
import { madeResults } from "../../helpers/made-results.ts";
import { lossesOnly, smallResults } from "./sketches.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-plots-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
const at = (name: string) => join(folder, name);

describe("a file", () => {
  test.each([
    ["a.svg", (bytes: Buffer) => bytes.toString().startsWith("<svg xmlns=")],
    ["b.png", (bytes: Buffer) => bytes.subarray(0, 8).equals(Buffer.from("89504e470d0a1a0a", "hex"))],
    ["c.html", (bytes: Buffer) => bytes.toString().startsWith("<!doctype html>")],
    ["D.SVG", (bytes: Buffer) => bytes.toString().startsWith("<svg")],
    ["e.txt", (bytes: Buffer) => bytes.toString().startsWith("loss by param\n")],
    [
      "deep/er/f.json",
      (bytes: Buffer) => (JSON.parse(bytes.toString()) as { title: string }).title === "loss by param",
    ],
  ])("%s has the form that its ending says", async (name, isRight) => {
    const log = vi.spyOn(console, "log");
    await plot(await smallResults(), "slice", { path: at(name) });
    expect(isRight(readFileSync(at(name)))).toBe(true);
    expect(log).not.toHaveBeenCalled();
  });

  test("of another ending is refused before anything is drawn", async () => {
    await expect(plot(await smallResults(), "slice", { path: at("x.pdf") })).rejects.toMatchObject({
      code: "METALAB_PLOT_FORM",
      message: expect.stringContaining(".svg, .png, .html"),
    });
    expect(existsSync(at("x.pdf"))).toBe(false);
  });

  test("that cannot be written leaves nothing behind", async () => {
    await plot(await smallResults(), "slice", { path: at("g.svg") });
    const before = readdirSync(folder);
    await expect(plot(await smallResults(), "slice", { path: at("g.svg/h.svg") })).rejects.toMatchObject({
      code: "METALAB_EXPORT_FAILED",
    });
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe("a PNG", () => {
  const sizeOf = (png: Uint8Array) => {
    const view = Buffer.from(png);
    return [view.readUInt32BE(16), view.readUInt32BE(20)];
  };

  test("has twice the pixels of the picture, or what scale says", async () => {
    const made = await picture(await smallResults(), "edf", { width: 400, height: 300 });
    expect(sizeOf(await made.toPNG())).toEqual([800, 600]);
    expect(sizeOf(await made.toPNG({ scale: 1 }))).toEqual([400, 300]);
  });

  test.each(["a", "Å", "Ω", "ж", "−", "≤", "→", "∞", "·", "…", "é", "²"])(
    "shows the letter %s by the shipped font",
    async (letter) => {
      const svg = (text: string) =>
        `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#fff"/><text x="8" y="28" font-size="24" font-family="'Nowhere', sans-serif">${text}</text></svg>`;
      const [blank, drawn] = [await svgToPng(svg(""), 1, []), await svgToPng(svg(letter), 1, [])];
      expect(Buffer.from(drawn)).not.toEqual(Buffer.from(blank));
    },
  );
});

describe("a page", () => {
  test("fetches nothing, and allows only its own script", async () => {
    const html = (
      await picture(await smallResults(), "scatter", { x: "lr", y: "loss", color: "optimizer" })
    ).toHTML();
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|src=|href=|@import/);
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
    const hash = createHash("sha256").update(script).digest("base64");
    expect(html).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(() => new Function(script)).not.toThrow();
  });

  test("knows every point, where it lies and what it says", async () => {
    const html = (await picture(await smallResults(), "scatter", { x: "lr", y: "loss" })).toHTML();
    const hits = JSON.parse(/id="hits">([^<]*)</.exec(html)![1]!) as readonly [
      number,
      number,
      number,
      string,
    ][];
    expect(hits).toHaveLength(11);
    expect(hits[0]![3]).toBe("trial 0 · lr 0.001 · loss 3.75");
  });
});

describe("the terminal", () => {
  test("is what a plot without path is printed to, not wider than it", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await plot(await smallResults(), "optimization_history", { width: 50 });
    expect(log).toHaveBeenCalledTimes(1);
    const text = log.mock.calls[0]![0] as string;
    expect(Math.max(...text.split("\n").map(textWidth))).toBeLessThanOrEqual(50);
    expect(text).toMatch(/[\u2801-\u28ff]/);
  });

  test.each(PLOT_KINDS)("holds %s at any width", async (kind) => {
    const options = { x: "lr", y: "loss", metric: "loss", importances: [{ name: "wïde 名前", value: 1 }] };
    const made = await picture(await smallResults(), kind, options);
    for (const width of [24, 37, 80, 200]) {
      const widest = Math.max(...made.toText({ width }).split("\n").map(textWidth));
      expect(widest).toBeLessThanOrEqual(width);
    }
  });

  test("shows bars to an eighth of a character, the longest at the top", async () => {
    const importances = [
      { name: "lr", value: 0.8 },
      { name: "momentum", value: 0.2 },
    ];
    const made = await picture(await smallResults(), "param_importances", { importances });
    const lines = made.toText({ width: 60 }).split("\n");
    const bars = lines.filter((line) => line.includes("┤"));
    const lengths = bars.map((line) => [...line].filter((character) => character === "█").length);
    expect(bars.map((line) => line.trim().split(" ")[0])).toEqual(["lr", "momentum"]);
    expect(lengths[0]! / lengths[1]!).toBeGreaterThan(3.5);
    expect(lengths[0]! / lengths[1]!).toBeLessThan(4.5);
  });

  test("colours only when asked to", async () => {
    const made = await picture(await smallResults(), "edf", { color: "optimizer" });
    expect(made.toText({ color: false })).not.toContain("\u001b");
    expect(made.toText({ color: true })).toContain("\u001b[34m");
    expect(inspect(made, { colors: false })).toBe(made.toString());
  });
});

describe("bad input", () => {
  test.each([
    ["another plot", "pie", {}, "METALAB_PLOT_UNKNOWN", "The plots are optimization_history"],
    [
      "a slip in a name",
      "optimization-history",
      {},
      "METALAB_PLOT_UNKNOWN",
      'Did you mean "optimization_history"?',
    ],
    ["an unknown option", "slice", { savePath: "a" }, "METALAB_UNKNOWN_OPTION", 'Use "path".'],
    ["an unknown field", "scatter", { x: "lrr", y: "loss" }, "METALAB_NAME_UNKNOWN", 'Did you mean "lr"'],
    [
      "an unknown metric",
      "slice",
      { metric: "los", direction: "min" },
      "METALAB_METRIC_UNKNOWN",
      'Did you mean "loss"',
    ],
    ["no field", "scatter", { y: "loss" }, "METALAB_PLOT_FIELD", "params lr, momentum, optimizer"],
    ["a metric without a direction", "slice", { metric: "cost" }, "METALAB_DIRECTION_MISSING", "min"],
    ["one objective", "pareto", {}, "METALAB_PLOT_OBJECTIVES", "two objectives"],
    ["one param", "contour", { params: ["lr"] }, "METALAB_OPTION_VALUE", '"slice"'],
    ["a width of nothing", "slice", { width: -4 }, "METALAB_OPTION_VALUE", "positive number"],
    ["an odd aggregate", "line", { x: "lr", aggregate: "mode" }, "METALAB_OPTION_VALUE", '"median"'],
  ])("%s is refused", async (_, kind, options, code, text) => {
    await expect(picture(await smallResults(), kind as never, options as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test("without an objective and a metric, the metrics are named", async () => {
    const results = await madeResults([{ params: { a: 1 }, metrics: { speed: 1, size: 2 } }]);
    await expect(picture(results, "slice")).rejects.toMatchObject({
      code: "METALAB_OBJECTIVE_MISSING",
      message: expect.stringContaining("size, speed"),
    });
  });
});

test("a figure is plain data: what cannot be in JSON is text", async () => {
  await (await picture(await lossesOnly([1, Number.POSITIVE_INFINITY, 2]), "slice")).save(at("plain.json"));
  expect(readFileSync(at("plain.json"), "utf8")).toContain('"Infinity"');
});
