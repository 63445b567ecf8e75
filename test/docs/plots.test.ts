import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLOT_KINDS } from "../../src/plots/options.ts";
import { ROOT } from "../helpers/built.ts";

const page = readFileSync(join(ROOT, "docs", "plots.md"), "utf8");

test("the page of plots has each of them, with an example and its picture", () => {
  for (const kind of PLOT_KINDS) {
    expect(page).toContain(`### ${kind}\n`);
    expect(page).toContain(`"${kind}", {`);
    const file = `plots/${kind.replaceAll("_", "-")}.svg`;
    expect(page).toContain(`path: "${file}"`);
    expect(page).toContain(`](${file})`);
    expect(readFileSync(join(ROOT, "docs", file), "utf8")).toMatch(/^<svg /);
  }
});

test("every picture on the page is there", () => {
  const pictures = [...page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map((found) => found[1]!);
  expect(pictures.filter((file) => !existsSync(join(ROOT, "docs", file)))).toEqual([]);
});
