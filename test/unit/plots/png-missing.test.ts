import { expect, test, vi } from "vitest";
import { picture } from "../../../src/plots/plot.ts";
import { smallResults } from "./sketches.ts";

vi.mock("@resvg/resvg-wasm", () => {
  throw new Error("Cannot find package '@resvg/resvg-wasm'");
});

test("without the package that draws it a PNG says what to install, and other forms need nothing", async () => {
  const made = await picture(await smallResults(), "edf");
  await expect(made.toPNG()).rejects.toMatchObject({
    code: "METALAB_PNG_MISSING",
    message: expect.stringMatching(/npm install @resvg\/resvg-wasm, or write \.svg or \.html/),
  });
  expect(made.toSVG()).toMatch(/^<svg /);
  expect(made.toHTML()).toContain("<svg ");
});

test("a PNG of too many pixels is refused before it is drawn", async () => {
  const made = await picture(await smallResults(), "edf", { width: 20_000, height: 10_000 });
  await expect(made.toPNG()).rejects.toMatchObject({
    code: "METALAB_OPTION_VALUE",
    message: expect.stringContaining("Lower width, height or scale"),
  });
});
