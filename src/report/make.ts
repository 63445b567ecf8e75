import { judgedBy } from "../analysis/judged.ts";
import { messageOf } from "../errors.ts";
import type { AnyResults } from "../results/results.ts";
import { selectionOf } from "../results/selection.ts";
import { type Html, paragraph, type Section, safe } from "./html.ts";
import type { ReportOptions } from "./options.ts";
import { pageHtml } from "./page/page.ts";
import { bestSection } from "./sections/best.ts";
import { failuresSection } from "./sections/failures.ts";
import { plotsSection } from "./sections/plots.ts";
import { provenanceSection } from "./sections/provenance.ts";
import { reproduceSection } from "./sections/reproduce.ts";
import { listedRuns, runsSection } from "./sections/runs.ts";
import { experimentNames, summarySection } from "./sections/summary.ts";
import { counted, moment } from "./words.ts";

const TOP = 10;
const MOST_RUNS = 100_000;

/** The page, and how many runs its table has. */
export interface MadeReport {
  readonly html: string;
  readonly listedRuns: number;
}

/** Makes the page of a report. */
export async function makeReport(given: AnyResults, options: ReportOptions): Promise<MadeReport> {
  const results = judgedBy(given, { metric: options.metric, direction: options.direction }, "report()");
  const selection = selectionOf(results.parts);
  const listed = listedRuns(results, selection, options.maxRuns ?? MOST_RUNS);
  const names = experimentNames(selection);
  const title = options.title ?? (names.slice(0, 3).join(", ") || "No runs");
  const parts: readonly (readonly [id: string, title: string, make: () => Html | Promise<Html>])[] = [
    ["summary", "Summary", () => summarySection(results, selection)],
    ["best", "Best configurations", () => bestSection(results, options.top ?? TOP)],
    ["plots", "Plots", () => plotsSection(results, selection, options.plots)],
    ["runs", "Runs", () => runsSection(results, selection, listed)],
    ["failures", "Failures", () => failuresSection(selection)],
    ["provenance", "Provenance", () => provenanceSection(selection)],
    ["reproduce", "How to reproduce", () => reproduceSection(results, selection)],
  ];
  const sections: Section[] = [];
  for (const [id, title, make] of parts) sections.push({ id, title, body: await bodyOf(make) });
  const about = `<p class="made">${safe(counted(selection.rows.length, "run"))}, reported ${moment(Date.now())} UTC by metalab</p>`;
  return { html: pageHtml({ title, about, sections }), listedRuns: listed.rows.length };
}

/** A report that lacks a part, and says so, is better than none. */
async function bodyOf(make: () => Html | Promise<Html>): Promise<Html> {
  try {
    return await make();
  } catch (error) {
    return paragraph(`This part could not be made. ${messageOf(error)}`, "problem");
  }
}
