import { writeFile } from "node:fs/promises";
import { DefinitionError, ownModule, show } from "../errors.ts";
import { writeWholeFile } from "../results/export/whole-file.ts";
import { type AnyResults, Results } from "../results/results.ts";
import { checkReportOptions, type ReportOptions, type WrittenReport } from "./options.ts";

/**
 * Writes results as one page that stands alone: a summary, the best configurations with intervals, the plots that fit,
 * all runs in a table that sorts and filters, failures, where the runs come from, and how to make them again.
 *
 * The page opens from the disk, fetches nothing, follows the reader's light or dark, and can be printed. What the runs
 * hold (names, values, messages) stands in it as text only. Host names are not in it; messages and stacks are, with the
 * paths that they name. It appears whole or not at all.
 *
 * @param path - Best with the ending `.html`. Missing folders are made.
 * @throws {@link DefinitionError} METALAB_REPORT for what are no results, METALAB_OPTIONS, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE, METALAB_PLOT_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_DIRECTION_MISSING,
 * METALAB_OBJECTIVE_AMBIGUOUS, METALAB_OBJECTIVE_MISSING
 * @throws {@link StoreError} METALAB_EXPORT_FAILED when the file cannot be written.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { Experiment, grid, memoryStore, minimize, report, run, seeds } from "metalab";
 *
 * const experiment = new Experiment({
 *   name: "parabola",
 *   params: grid({ x: [-2, -1, 0, 1, 2] }),
 *   seeds: seeds({ replicates: 3 }),
 *   operation: ({ params, seeds }) => ({ y: params.x ** 2 + seeds.rng().normal(0, 0.1) }),
 *   objective: minimize("y"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { runs } = await report(results, "parabola.html");
 * console.log(runs, readFileSync("parabola.html", "utf8").startsWith("<!doctype html>")); // 15 true
 * ```
 */
export async function report<P, M>(
  results: AnyResults<P, M>,
  path: string,
  options: ReportOptions = {},
): Promise<WrittenReport> {
  if (!(results instanceof Results)) {
    throw new DefinitionError(
      "METALAB_REPORT",
      `report(): takes results, got ${show(results)}. Give what result() or loadResults() gave.`,
    );
  }
  checkReportOptions(options);
  checkEnding(path);
  const folder = process.cwd();
  const { makeReport } = await ownModule(import("./make.ts"));
  const { html, listedRuns } = await makeReport(results as AnyResults, options);
  const bytes = Buffer.from(html);
  await writeWholeFile("report()", path, (temporary) => writeFile(temporary, bytes), folder);
  return Object.freeze({ path, sizeBytes: bytes.length, runs: results.length, listedRuns });
}

/** Endings of other forms, in which programs would not know the page. */
const OTHER_FORMS = /\.(?:pdf|png|jpe?g|svg|json|csv|md|txt|docx?|xlsx?|parquet)$/i;

function checkEnding(path: unknown): void {
  if (typeof path !== "string" || !OTHER_FORMS.test(path)) return;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `report(): a report is a page, so a path ends in .html, got ${show(path)}. Browsers print it as PDF; single plots are written by plot(), tables by toCSV() and toParquet().`,
    { path },
  );
}
