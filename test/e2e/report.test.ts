import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { report } from "../../src/report/report.ts";
import type { AnyResults } from "../../src/results/results.ts";
import { type BrowserPage, findChromium, openBrowser } from "../helpers/browser.ts";
import { madeResults, type RunSketch } from "../helpers/made-results.ts";
import { MINIMIZE_LOSS } from "../unit/plots/sketches.ts";

const chromium = findChromium();
const required = process.env["METALAB_REQUIRE_ALL"] === "1";
if (chromium === undefined) {
  console.warn(
    "report: NOT TESTED IN A BROWSER, there is no Chromium. Install it (apt-get install chromium), or set METALAB_CHROMIUM to its path",
  );
}

const RUNS = 500;
const EVIL = `</script><script>globalThis.bad = 1</script><img src=x onerror="globalThis.bad = 1"><svg onload="globalThis.bad = 1">`;

function sketches(): readonly RunSketch[] {
  return Array.from({ length: RUNS }, (_, trial): RunSketch => {
    const params = { lr: 10 ** -(trial % 5), optimizer: ["adam", "sgd", EVIL][trial % 3] };
    if (trial % 50 === 6) {
      const error = { class: "error", name: EVIL, message: EVIL + trial, stack: EVIL } as const;
      return { trial, params, status: "failed", error };
    }
    const loss = trial % 50 === 9 ? Number.NaN : ((trial * 37) % RUNS) / 100;
    return { trial, params, metrics: { loss, [EVIL]: EVIL } };
  });
}

describe.skipIf(chromium === undefined && !required)("the page of a report", () => {
  const folder = mkdtempSync(join(tmpdir(), "metalab-report-"));
  const path = join(folder, "report #1 ü.html");
  let page: BrowserPage;

  beforeAll(async () => {
    if (chromium === undefined) {
      throw new Error("METALAB_REQUIRE_ALL=1, and there is no Chromium: set METALAB_CHROMIUM");
    }
    const results = await madeResults(sketches(), { ...MINIMIZE_LOSS, description: EVIL, name: "browser" });
    await report(results as AnyResults<never, never>, path, { title: EVIL });
    page = await openBrowser(chromium);
    await page.send("Emulation.setDeviceMetricsOverride", {
      ...{ width: 1200, height: 900, deviceScaleFactor: 1, mobile: false },
    });
    await page.open(pathToFileURL(path).href);
    await page.until("document.documentElement.dataset.table");
  });
  afterAll(async () => {
    await page?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const countText = () => page.evaluate<string>("document.querySelector('#runs-table .count').textContent");
  /** Texts of a column, of the rows that are in the page. */
  const cells = (column: string) =>
    page.evaluate<readonly string[]>(`(() => {
      const heads = [...document.querySelectorAll("table.runs thead th")].map((head) => head.textContent);
      const at = heads.indexOf(${JSON.stringify(column)});
      return [...document.querySelectorAll("table.runs tbody tr:not(.space)")].map((row) => row.cells[at].textContent);
    })()`);
  /** Writes into the filter above a column as a hand does, and waits for what it says. */
  const filter = async (name: string, text: string, expected: string) => {
    await page.evaluate(
      `(document.querySelector('input[aria-label="Filter by ${name}"]').focus(), document.activeElement.select())`,
    );
    await page.send("Input.insertText", { text: text === "" ? " " : text });
    await page.until(
      `document.querySelector("#runs-table .count").textContent === ${JSON.stringify(expected)}`,
    );
  };
  const clear = () => page.evaluate("document.querySelector('#runs-table .bar button').click()");
  const sort = (name: string) =>
    page.evaluate(`document.querySelector('th button[title="Sort by ${name}"]').click()`);

  test("opens from the disk without a fault and without asking for anything", async () => {
    expect(await page.evaluate("document.documentElement.dataset.table")).toBe("ready");
    expect(page.problems).toEqual([]);
    const asked = page.requests.filter((url) => !url.startsWith("data:"));
    expect(asked).toEqual([pathToFileURL(path).href]);
  });

  test("what is stored stays text", async () => {
    expect(await page.evaluate("globalThis.bad")).toBeUndefined();
    expect(
      await page.evaluate("document.querySelectorAll('img, iframe, object, [onload], [onerror]').length"),
    ).toBe(0);
    expect(await page.evaluate("document.scripts.length")).toBe(2);
    expect(await page.evaluate("document.title")).toBe(EVIL);
    expect(await cells("optimizer")).toContain(EVIL);
  });

  test("its policy holds even against what would get in", async () => {
    await page.evaluate(`(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.bad = 2";
      document.body.append(script);
      script.remove();
    })()`);
    expect(await page.evaluate("globalThis.bad")).toBeUndefined();
    const blocked = await page.evaluate<string>(
      `fetch("https://metalab.invalid/").then(() => "fetched", (error) => error.name)`,
    );
    expect(blocked).toBe("TypeError");
    page.problems.length = 0;
  });

  test("shows all runs, few of them at a time", async () => {
    expect(await countText()).toBe("500 runs");
    const first = await cells("trial");
    expect(first.slice(0, 3)).toEqual(["0", "1", "2"]);
    expect(first.length).toBeLessThan(100);
    await page.evaluate("(document.querySelector('.scroller').scrollTop = 1e9)");
    await page.until(
      `[...document.querySelectorAll("table.runs tbody tr:not(.space)")].at(-1)?.ariaRowIndex === "502"`,
    );
    expect((await cells("trial")).at(-1)).toBe("499");
    const heights = await page.evaluate<readonly number[]>(
      `(() => { const s = document.querySelector(".scroller"); return [s.scrollHeight, document.querySelector("table.runs thead").offsetHeight]; })()`,
    );
    expect(Math.abs(heights[0]! - heights[1]! - 26 * RUNS)).toBeLessThan(40);
  });

  test("sorts by a number both ways, with NaN and missing ones last", async () => {
    await sort("metrics.loss");
    expect((await cells("loss")).slice(0, 3)).toEqual(["0", "0.01", "0.02"]);
    await page.evaluate("(document.querySelector('.scroller').scrollTop = 1e9)");
    await page.until(
      `[...document.querySelectorAll("table.runs tbody tr:not(.space)")].at(-1)?.ariaRowIndex === "502"`,
    );
    expect((await cells("loss")).slice(-20)).toEqual([...Array(10).fill("NaN"), ...Array(10).fill("–")]);
    await sort("metrics.loss");
    expect((await cells("loss")).slice(0, 2)).toEqual(["4.99", "4.98"]);
    expect(await page.evaluate("document.querySelector('th[aria-sort=descending]').textContent")).toBe(
      "loss",
    );
    await sort("metrics.loss");
    expect((await cells("trial")).slice(0, 3)).toEqual(["0", "1", "2"]);
  });

  test("filters by numbers and texts together, and says what it does not understand", async () => {
    await filter("params.lr", ">= 0.1", "200 of 500 runs");
    await filter("params.optimizer", "= sgd", "67 of 500 runs");
    expect(new Set(await cells("optimizer"))).toEqual(new Set(["sgd"]));
    await filter("status", "failed", "3 of 500 runs");
    await clear();
    expect(await countText()).toBe("500 runs");
    await filter("metrics.loss", "none", "10 of 500 runs");
    await page.evaluate("document.activeElement.select()");
    await page.send("Input.insertText", { text: "< abc" });
    await page.until("!document.querySelector('#runs-table .problem').hidden");
    expect(await page.evaluate("document.querySelector('#runs-table .problem').textContent")).toBe(
      "loss: Write a number, as in 0.1, < 0.1 or 0.1..0.5.",
    );
    expect(await page.evaluate("document.activeElement.getAttribute('aria-invalid')")).toBe("true");
    await clear();
    expect(await page.evaluate("document.querySelector('#runs-table .problem').hidden")).toBe(true);
  });

  test("is worked by keys alone", async () => {
    await page.evaluate(`document.querySelector('th button[title="Sort by trial"]').focus()`);
    const press = async (key: string, code: number, text?: string) => {
      const about = { key, code: key, windowsVirtualKeyCode: code, ...(text === undefined ? {} : { text }) };
      await page.send("Input.dispatchKeyEvent", { type: "keyDown", ...about });
      await page.send("Input.dispatchKeyEvent", { type: "keyUp", ...about });
    };
    await press("Enter", 13, "\r");
    await press("Enter", 13, "\r");
    expect((await cells("trial"))[0]).toBe("499");
    await press("Enter", 13, "\r");
    await press("Tab", 9);
    expect(await page.evaluate("document.activeElement.title")).toMatch(/^Sort by /);
    await page.evaluate("document.querySelector('input[aria-label=\"Filter by trial\"]').focus()");
    await page.send("Input.insertText", { text: "3..5" });
    await page.until(`document.querySelector("#runs-table .count").textContent === "3 of 500 runs"`);
    await press("Escape", 27);
    await page.until(`document.querySelector("#runs-table .count").textContent === "500 runs"`);
  });

  test.each([360, 1200])("needs no scrolling to the side at a width of %i", async (width) => {
    await page.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  });

  test("is dark for those who want it, and light on paper", async () => {
    const back = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const dark = { name: "prefers-color-scheme", value: "dark" };
    await page.send("Emulation.setEmulatedMedia", { features: [dark] });
    expect(await back()).toBe("rgb(20, 23, 28)");
    await page.send("Emulation.setEmulatedMedia", { media: "print", features: [dark] });
    expect(await back()).toBe("rgb(255, 255, 255)");
    await page.send("Emulation.setEmulatedMedia", { media: "", features: [] });
    expect(await back()).toBe("rgb(255, 255, 255)");
  });

  test("prints the first hundred runs and says so", async () => {
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    expect(await cells("trial")).toHaveLength(100);
    expect(await page.evaluate("document.querySelector('.printed').textContent")).toBe(
      "The first 100 of 500 runs are printed.",
    );
    await page.evaluate(`dispatchEvent(new Event("afterprint"))`);
    const { data } = await page.send("Page.printToPDF");
    expect(
      Buffer.from(data as string, "base64")
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
  });

  test("long texts are broken on paper, so that the table stays on the page", async () => {
    const runs = Array.from({ length: 6 }, (_, trial): RunSketch => {
      const params = { lr: 10 ** -trial, optimizer: ["adam", "sgd"][trial % 2] };
      const error = {
        class: "error",
        name: "TypeError",
        message: `no file /data/${"x".repeat(150)}`,
      } as const;
      return trial === 3
        ? { trial, params, status: "failed", error }
        : { trial, params, metrics: { loss: trial / 3, accuracy: trial / 7 } };
    });
    const other = join(folder, "paper.html");
    await report(await madeResults(runs, MINIMIZE_LOSS), other, { plots: [] });
    const a4 = { width: 718, height: 1000, deviceScaleFactor: 1, mobile: false };
    await page.send("Emulation.setDeviceMetricsOverride", a4);
    await page.open(pathToFileURL(other).href);
    await page.until("document.documentElement.dataset.table");
    await page.send("Emulation.setEmulatedMedia", { media: "print", features: [] });
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    const edges = await page.evaluate<readonly number[]>(
      `[...document.querySelectorAll("td")].map((cell) => cell.getBoundingClientRect().right)`,
    );
    expect(Math.max(...edges)).toBeLessThanOrEqual(a4.width);
    // A short word is not broken for it.
    const status = "document.querySelector('td.status-success')";
    expect(await page.evaluate<number>(`${status}.offsetHeight`)).toBeLessThan(40);
    await page.send("Emulation.setEmulatedMedia", { media: "", features: [] });
  });

  test("has no fault after all that, and asked for nothing", async () => {
    expect(page.problems).toEqual([]);
    expect(page.requests.filter((url) => url.startsWith("http"))).toEqual([]);
  });

  test("says so where the browser cannot unpack the table", async () => {
    await page.send("Page.addScriptToEvaluateOnNewDocument", {
      source: "delete globalThis.DecompressionStream",
    });
    await page.open(pathToFileURL(path).href);
    await page.until("document.documentElement.dataset.table");
    expect(await page.evaluate("document.getElementById('runs-table').textContent")).toMatch(
      /^This browser cannot unpack/,
    );
  });
});
