import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { winner } from "../../../src/analysis/winner.ts";
import type { ReportOptions } from "../../../src/report/options.ts";
import { report } from "../../../src/report/report.ts";
import type { AnyResults } from "../../../src/results/results.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { unpack } from "../../helpers/page-scripts.ts";
import { MINIMIZE_LOSS, smallResults, steppedResults } from "../plots/sketches.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

async function pageOf(results: object, options: ReportOptions = {}): Promise<string> {
  made += 1;
  const path = join(folder, `${made}.html`);
  await report(results as AnyResults, path, options);
  return readFileSync(path, "utf8");
}

/** The text of a part of the page, tags left out. */
function partOf(html: string, id: string): string {
  const section = new RegExp(`<section aria-labelledby="${id}">([\\s\\S]*?)</section>`).exec(html)![1]!;
  return section
    .replaceAll(/<svg[\s\S]*?<\/svg>/g, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ");
}

const packedOf = (html: string) => unpack(/id="packed-runs">([^<]*)</.exec(html)![1]!);

test.each([
  ["search", "replicates: 5 in the config file", "(metalab search …)"],
  ["script", "--replicates 5", "(metalab run …)"],
  [undefined, "seeds({ replicates: 5 })", "start the script that runs booth"],
])("advises in words of what made the runs: %s", async (kind, words, command) => {
  const runs = [1, 2].map((x) => ({ status: "success" as const, params: { x }, metrics: { loss: x } }));
  const metadata = kind === undefined ? {} : { program: { format: 1, kind } };
  const html = await pageOf(await madeResults(runs, { ...MINIMIZE_LOSS, metadata }));
  const best = partOf(html, "best");
  expect(best.split(words)).toHaveLength(3);
  expect(best.split("replicates: 5")).toHaveLength(kind === "script" ? 1 : 3);
  expect(partOf(html, "reproduce")).toContain(command);
});

describe("a page", () => {
  test("fetches nothing, and allows only its own script and style", async () => {
    const html = await pageOf(await smallResults());
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|\bsrc=|@import|\burl\((?!#)/,
    );
    expect(
      [...html.matchAll(/\bhref="([^"]*)"/g)].map(([, to]) => to).filter((to) => !/^#|^data:,$/.test(to!)),
    ).toEqual([]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!.replaceAll("&#39;", "'");
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(html).not.toMatch(/ style="| on[a-z]+="/);
  });

  test("tells what it wrote", async () => {
    const path = join(folder, "deep", "er.html");
    const told = await report(await smallResults(), path);
    expect(told).toEqual({ path, sizeBytes: readFileSync(path).length, runs: 12, listedRuns: 12 });
  });

  test("has all its parts, each reached by a link", async () => {
    const html = await pageOf(await smallResults());
    const ids = [...html.matchAll(/<h2 id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual(["summary", "best", "plots", "runs", "failures", "provenance", "reproduce"]);
    for (const id of ids) expect(html).toContain(`<a href="#${id}">`);
  });

  test("has no two elements of one id", async () => {
    const html = await pageOf(await steppedResults());
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, to] of html.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(to);
  });
});

describe("the summary", () => {
  test("counts runs by status, trials, params and metrics", async () => {
    const text = partOf(await pageOf(await smallResults()), "summary");
    expect(text).toContain("11 success · 1 failed");
    expect(text).toContain("Trials 6");
    expect(text).toContain("Objective minimize loss");
    expect(text).toContain("3: lr, momentum, optimizer");
    expect(text).toContain("2: cost, loss");
    expect(text).toContain("2024-01-01 00:00 to 00:12 UTC");
    expect(text).toContain("18 m 0 s, 1 m 30 s a run");
  });
});

describe("the best configurations", () => {
  test("that differ look so, however little it is", async () => {
    const losses = [0.123456, 0.123457, 0.5];
    const runs = losses.map((loss, trial): RunSketch => ({ trial, params: { trial }, metrics: { loss } }));
    const text = partOf(await pageOf(await madeResults(runs, MINIMIZE_LOSS), { plots: [] }), "best");
    expect(text).toContain(" 0.123456 ");
    expect(text).toContain(" 0.123457 ");
    expect(text).toContain(" 0.5 ");
  });

  test("are means over replicates with Student's interval, the winner first", async () => {
    const results = await smallResults();
    const text = partOf(await pageOf(results, { top: 2 }), "best");
    expect(text).toContain(winner(results).note);
    // Losses 0.75 and 1.25: mean 1, standard error 0.25, t(0.975; 1) = 12.706.
    expect(text).toMatch(/0\.01 – adam 1 -2\.177 4\.177 0\.75 1\.25 2 /);
    expect(text).toMatch(/2 of 6 configurations/);
    expect(text).not.toContain("-0.1766 5.177 2.75");
  });

  test("put what has fewer replicates last, as the winner does", async () => {
    const runs: readonly RunSketch[] = [
      { trial: 0, params: { x: 0 }, metrics: { loss: -9 } },
      { trial: 1, params: { x: 1 }, metrics: { loss: 1 } },
      { trial: 1, replicate: 1, params: { x: 1 }, metrics: { loss: 2 } },
    ];
    const text = partOf(await pageOf(await madeResults(runs, MINIMIZE_LOSS)), "best");
    expect(text.indexOf(" 1 1.5 ")).toBeGreaterThan(0);
    expect(text.indexOf(" 0 -9 ")).toBeGreaterThan(text.indexOf(" 1 1.5 "));
    expect(text).toContain("fewer replicates come after");
  });

  test("follow a direction of maximize", async () => {
    const runs = [1, 3, 2].map((score, trial) => ({ trial, params: { x: trial }, metrics: { score } }));
    const results = await madeResults(runs, { objectives: [{ metric: "score", direction: "maximize" }] });
    expect(partOf(await pageOf(results), "best")).toMatch(/replicates 1 3 – – 3 3 1 2 2 – – 2 2 1 0 1 /);
  });

  test("are a front where there are several objectives", async () => {
    const runs = [
      [1, 3],
      [2, 2],
      [3, 3],
    ].map(([error, cost], trial) => ({
      trial,
      params: { x: trial },
      metrics: { error: error!, cost: cost! },
    }));
    const objectives = (["error", "cost"] as const).map((metric) => ({
      metric,
      direction: "minimize" as const,
    }));
    const html = await pageOf(await madeResults(runs, { objectives }));
    expect(partOf(html, "best")).toContain("x error (minimize) cost (minimize) 0 1 3 1 2 2 ");
    expect(html).toContain("Pareto front");
  });

  test("are by the metric and direction that are asked for", async () => {
    const html = await pageOf(await smallResults(), { metric: "cost", direction: "max" });
    expect(partOf(html, "best")).toContain("mean of cost (maximize)");
    expect(partOf(html, "summary")).toContain("maximize cost");
  });
});

describe("the plots", () => {
  const titles = (html: string) => [...html.matchAll(/<svg[^>]*><title>([^<]*)</g)].map(([, title]) => title);

  test("are those that fit, each told in words", async () => {
    const html = await pageOf(await steppedResults());
    expect(titles(html)).toEqual([
      "loss by trial",
      "Importance of params for loss",
      "loss by param",
      expect.stringContaining("loss over"),
      expect.stringContaining("loss by"),
      "loss by step",
      "Distribution of loss",
      "Runs over time",
    ]);
    expect(html.match(/<figcaption>/g)).toHaveLength(8);
    expect(partOf(html, "plots")).toMatch(
      /loss by trial\..* points and \d lines? of loss .* over trial from/,
    );
  });

  test("are those asked for", async () => {
    const html = await pageOf(await smallResults(), { plots: ["box", "edf"] });
    expect(titles(html)).toContain("Distribution of loss");
    expect(titles(await pageOf(await smallResults(), { plots: [] }))).toEqual([]);
  });

  test("that have nothing to show are named with the reason", async () => {
    expect(partOf(await pageOf(await smallResults()), "plots")).toContain(
      "Not drawn: intermediate_values. No run has a series",
    );
  });
});

describe("the runs", () => {
  test("are all in the table", async () => {
    const { rows, columns } = await packedOf(await pageOf(await smallResults()));
    expect(rows).toBe(12);
    const loss = columns.find(({ name }) => name === "metrics.loss")!;
    expect(loss.number(0)).toBe(3.75);
    expect(loss.number(11)).toBeUndefined();
  });

  test("beyond the most are the best and the newest, which is said", async () => {
    const runs = Array.from({ length: 50 }, (_, trial) => ({
      trial,
      params: { x: trial },
      metrics: { loss: Math.abs(trial - 10) },
    }));
    const html = await pageOf(await madeResults(runs, MINIMIZE_LOSS), { maxRuns: 6 });
    const { rows, columns } = await packedOf(html);
    const trial = columns.find(({ name }) => name === "trial")!;
    expect(Array.from({ length: rows }, (_, row) => trial.number(row))).toEqual([9, 10, 11, 47, 48, 49]);
    expect(partOf(html, "runs")).toContain("6 runs of 50 are in this table: the best by loss and the newest");
    expect(partOf(html, "summary")).toContain("50 success");
  });
});

describe("failures", () => {
  test("that differ in numbers only are one, with a stack", async () => {
    const failure = (message: string, name = "Error") => ({
      status: "failed" as const,
      error: {
        class: "error" as const,
        name,
        message,
        stack: `${name}: ${message}\n    at train (train.ts:3:1)`,
      },
    });
    const runs = [
      failure("diverged at 0.5"),
      failure("diverged at 1e-7"),
      failure("diverged at 12"),
      failure("no such file", "TypeError"),
    ].map((run, trial) => ({ ...run, trial, params: { x: trial } }));
    const results = await madeResults(runs, MINIMIZE_LOSS);
    const html = await pageOf(results);
    const text = partOf(html, "failures");
    expect(text).toMatch(
      /4 failed runs.* 3 error Error diverged at 0\.5 Stack .* 1 error TypeError no such file/,
    );
    expect(text).toContain(results.at(0)!.id.slice(0, 12));
    expect(html).toContain("\n    at train (train.ts:3:1)");
    expect(partOf(html, "best")).toContain("No configuration has a number for loss.");
    expect(partOf(html, "plots")).toContain("None of the 4 runs has succeeded: 4 failed.");
  });
});

describe("provenance", () => {
  test("says versions, seeds and the definition, and no host", async () => {
    const runs = [{ params: { x: 1 }, metrics: { loss: 1 } }];
    const about = {
      ...MINIMIZE_LOSS,
      description: "Why & how",
      seeds: { base: "s7", replicates: 4 },
      tags: ["night"],
    };
    const html = await pageOf(await madeResults(runs, about));
    const text = partOf(html, "provenance");
    expect(text).toContain("1 0.0.0 v20 linux-x64");
    for (const part of ["Why & how", "base s7, 4 replicates", "night", '"objectives": ['])
      expect(text).toContain(part);
    expect(html).not.toContain(">box<");
    expect(partOf(html, "reproduce")).toContain("npm install metalab@0.0.0");
  });
});

describe("hostile texts", () => {
  const evil = `</script><script>globalThis.bad=1</script><img src=x onerror="globalThis.bad=1">\u001b[31m\u202e'"&`;
  test("are texts wherever they stand", async () => {
    const runs: readonly RunSketch[] = [1, 2, 3].map((x) => ({
      trial: x,
      params: JSON.parse(`{"__proto__": ${x}, "constructor": "${x}", "toString": ${x}}`) as Record<
        string,
        unknown
      >,
      metrics: { loss: x, [evil]: evil + x },
    }));
    const failed: RunSketch = {
      trial: 4,
      params: { [evil]: { [evil]: evil } },
      status: "failed",
      error: { class: "error", name: evil, message: evil, stack: `${evil}\n${evil}` },
    };
    const html = await pageOf(
      await madeResults([...runs, failed], {
        ...MINIMIZE_LOSS,
        name: "evil",
        description: evil,
        tags: [evil],
        metadata: { [evil]: evil },
      }),
      { title: evil },
    );
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain("<img");
    for (const mark of ["\u001b", "\u202e"]) expect(html).not.toContain(mark);
    const { columns } = await packedOf(html);
    expect(columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["params.__proto__", "params.constructor"]),
    );
    expect(partOf(html, "summary")).toContain("__proto__");
  });
});

describe("odd results", () => {
  const failed: readonly RunSketch[] = [0, 1].map((trial) => ({
    trial,
    params: { lr: trial },
    status: "failed",
  }));
  const odd: Readonly<Record<string, () => Promise<object>>> = {
    "no runs": async () => (await smallResults()).filter(() => false),
    "all failed": () => madeResults(failed, MINIMIZE_LOSS),
    "one run": () => madeResults([{ params: { lr: 0.1 }, metrics: { loss: 1 } }], MINIMIZE_LOSS),
    "no objective": () =>
      madeResults([0, 1, 2].map((x) => ({ trial: x, params: { x }, metrics: { loss: x, word: "w" } }))),
    "no metrics and no params": () => madeResults([{}, {}]),
    "only NaN": () =>
      madeResults(
        [0, 1].map((x) => ({ trial: x, params: { x }, metrics: { loss: Number.NaN } })),
        MINIMIZE_LOSS,
      ),
    "infinite, missing and mixed": () =>
      madeResults(
        [Infinity, -Infinity, 1, "low", undefined, true].map((loss, trial) => ({
          trial,
          params: { x: trial % 2 ? "a" : 1 },
          metrics: loss === undefined ? {} : { loss },
        })),
        MINIMIZE_LOSS,
      ),
    "an objective that nothing reports": () =>
      madeResults([{ params: { x: 1 }, metrics: { other: 1 } }], MINIMIZE_LOSS),
    "objectives that nothing reports": () =>
      madeResults([{ params: { x: 1 }, metrics: { other: 1 } }], {
        objectives: [...MINIMIZE_LOSS.objectives, { metric: "cost", direction: "maximize" }],
      }),
    "several experiments": async () => (await smallResults()).concat(await steppedResults()),
    "a metric called __proto__": () =>
      madeResults(
        [1, 2].map((x) => ({
          trial: x,
          params: { x },
          metrics: JSON.parse(`{"__proto__": ${x}}`) as Record<string, number>,
        })),
        { objectives: [{ metric: "__proto__", direction: "minimize" }] },
      ),
  };

  test.each(Object.keys(odd))("%s are a page of sentences and pictures", async (name) => {
    const html = await pageOf(await odd[name]!());
    expect(html.match(/<h2 id=/g)).toHaveLength(7);
    expect(html).not.toContain("could not be made");
    const text = ["summary", "best", "plots", "failures", "provenance", "reproduce"]
      .map((id) => partOf(html, id))
      .join(" ");
    expect(text).not.toMatch(/undefined|\[object|TypeError/);
  });

  test("say what is not there", async () => {
    expect(partOf(await pageOf(await odd["no runs"]!()), "runs")).toContain("There are no runs.");
    expect(partOf(await pageOf(await odd["no objective"]!()), "best")).toContain("no objective");
    expect(partOf(await pageOf(await odd["only NaN"]!()), "best")).toContain(
      "No configuration has a number for loss",
    );
    expect(partOf(await pageOf(await odd["one run"]!()), "best")).toContain(
      "There is no interval without replicates",
    );
  });
});

describe("bad input", () => {
  test.each<[string, object, string]>([
    ["METALAB_UNKNOWN_OPTION", { limit: 3 }, 'Use "maxRuns"'],
    ["METALAB_OPTION_VALUE", { top: -1 }, "a whole number from 0 on, got -1"],
    ["METALAB_OPTION_VALUE", { title: "" }, "a non-empty text"],
    ["METALAB_OPTION_VALUE", { plots: "slice" }, "a list"],
    ["METALAB_PLOT_UNKNOWN", { plots: ["slices"] }, "no such plot"],
    ["METALAB_METRIC_UNKNOWN", { metric: "lss", direction: "min" }, 'Did you mean "loss"'],
    ["METALAB_DIRECTION_MISSING", { metric: "cost" }, "which way is better"],
  ])("is %s: %j", async (code, options, words) => {
    const before = readdirSync(folder).length;
    await expect(report(await smallResults(), join(folder, "bad.html"), options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
    expect(readdirSync(folder)).toHaveLength(before);
  });

  test.each(["report.pdf", "report.PNG", "report.csv"])("is a file that is no page: %s", async (name) => {
    await expect(report(await smallResults(), join(folder, name))).rejects.toThrow(
      /^report\(\): a report is a page, so a path ends in \.html, got ".*report\.(?:pdf|PNG|csv)"/,
    );
    expect(existsSync(join(folder, name))).toBe(false);
  });

  test("are things that are no results", async () => {
    await expect(report([] as never, join(folder, "bad.html"))).rejects.toMatchObject({
      code: "METALAB_REPORT",
    });
  });

  test("is a place that cannot be written", async () => {
    const path = join(folder, "blocked.html");
    await report(await smallResults(), path);
    await expect(report(await smallResults(), join(path, "x.html"))).rejects.toMatchObject({
      code: "METALAB_EXPORT_FAILED",
    });
  });
});
