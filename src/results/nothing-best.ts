import { DefinitionError, reasonOf, show } from "../errors.ts";
import type { RunError } from "../experiment/record.ts";
import { foldUnits, leftOutOf, leftOutText } from "./folds.ts";
import { constraintsOf, positionsWithStatus } from "./rank.ts";
import { type Selection, sourceAt } from "./selection.ts";

/** Why no run of a selection is the best. @param first - What went wrong in the first that failed. */
export function nothingBest(
  selection: Selection,
  metric: string | undefined,
  first: RunError | undefined,
): DefinitionError {
  const runs = selection.rows.length;
  const successful = positionsWithStatus(selection, "success");
  const successes = successful.length;
  const folds = foldUnits(selection);
  const { replicates } = leftOutOf(folds, selection.rows.keys());
  const hint = first === undefined ? "" : ` The first failed with ${first.name}: ${reasonOf(first.message)}.`;
  if (folds !== undefined && replicates > 0 && successes > 0 && !folds.isWhole.includes(1)) {
    const position = successful[0]!;
    const fold = selection.sources[sourceAt(selection, position)]!.frame.fold[selection.rows[position]!];
    return new DefinitionError(
      "METALAB_RESULTS_EMPTY",
      `best(): a replicate must have all of its folds, got ${successes} successful of ${runs} runs. ${leftOutText(replicates)}${hint} Run the rest, or look at single folds: results.filter({ fold: ${fold} }).`,
      { runs, replicates },
    );
  }
  const bounds = constraintsOf(selection).flat();
  if (bounds.length > 0 && successes > 0) {
    const told = bounds.map(
      ({ metric, type, bound }) => `${metric} ${type === "atMost" ? "≤" : "≥"} ${bound}`,
    );
    return new DefinitionError(
      "METALAB_RESULTS_EMPTY",
      `best(): a run must meet the constraints of its search, ${[...new Set(told)].join(", ")}, got ${successes} successful runs with none that does and has a number to compare. Look at results.successful, or make more trials.`,
      { runs, constraints: bounds },
    );
  }
  const failed = positionsWithStatus(selection, "failed").length;
  return new DefinitionError(
    "METALAB_RESULTS_EMPTY",
    `best(): no successful run has a number to compare${metric === undefined ? "" : ` for ${show(metric)}`}, got ${runs} runs, ${failed} of them failed.${hint} Look at results.failed, or use top(1).at(0).`,
    { runs, failed },
  );
}
