import { summarize } from "../../math/stats.ts";
import type { TableColumn, TableModel } from "../../results/format.ts";
import { counted, type Sheet } from "../../results/printable.ts";
import { cleanText, formatNumber, MISSING } from "../../results/text.ts";
import type { Importance } from "./importance.ts";
import type { TrialTable } from "./trial-table.ts";

/** Trials below which a forest knows little. */
const FEW_TRIALS = 30;
/** Best trials below which their density says little. */
const FEW_BEST = 5;
/** A forest that predicts less than this share of the variance explains little of it. */
const LOW_SCORE = 0.3;
/** Share of the squares that a single trial has to hold to be named. */
const MOST_SQUARES = 0.5;
/** Interactions that are listed. */
const SHOWN = 5;

/** What to mind when reading importances. */
export function importanceWarnings(
  { method, metric, score, trials }: Omit<Importance, "warnings">,
  table: TrialTable,
  quantile: number,
): readonly string[] {
  const name = cleanText(metric);
  const warnings: string[] = [];
  const { usable, lost, notNumbers, infinite } = table.counts;
  const without = lost - notNumbers;
  if (without > 0) {
    warnings.push(
      `${name} has no value in ${counted(without, "trial")}, left out: failed, unfinished, missing or NaN.`,
    );
  }
  if (notNumbers > 0) {
    warnings.push(`${name} is not a number in ${counted(notNumbers, "trial")}, left out.`);
  }
  if (method !== "pedanova" && infinite > 0) {
    warnings.push(
      `${name} is infinite in ${counted(infinite, "trial")}, left out; method "pedanova" counts them.`,
    );
  }
  if (trials === 0) return [...warnings, "There are no trials with a value: nothing has an importance."];
  if (usable > trials) {
    warnings.push(
      `Worked out from ${trials.toLocaleString("en-US")} of ${usable.toLocaleString("en-US")} trials, drawn at random.`,
    );
  }
  const constant = table.features
    .filter(({ isConstant }) => isConstant)
    .map((feature) => cleanText(feature.name));
  if (constant.length > 0) {
    warnings.push(`The same in all trials, so without importance here: ${constant.join(", ")}.`);
  }
  const { n, mean, sd } = summarize(table.values);
  if (n > 1 && sd === 0) return [...warnings, `${name} is the same in all trials: nothing matters to it.`];
  if (n > 1 && !Number.isFinite(sd)) {
    return [...warnings, `The variance of ${name} is beyond all numbers: scale it, or take its logarithm.`];
  }
  if (n < FEW_TRIALS)
    warnings.push(`${counted(n, "trial")} ${n === 1 ? "is" : "are"} few: ${FEW_TRIALS} or more are better.`);
  if (method === "pedanova") {
    const best = Math.ceil(quantile * n);
    if (best < FEW_BEST) {
      warnings.push(
        `The best ${formatNumber(100 * quantile)} % are ${counted(best, "trial")}: ${FEW_BEST} or more are better.`,
      );
    }
    return warnings;
  }
  if (score < LOW_SCORE) {
    warnings.push(
      `The forest predicts ${formatNumber(100 * Math.max(0, score), 2)} % of the variance of unseen trials: the importances say little.`,
    );
  }
  const largest = table.values.reduce((most, value) => Math.max(most, (value - mean) ** 2), 0);
  if (n >= 10 && largest > MOST_SQUARES * sd ** 2 * (n - 1)) {
    warnings.push(`One trial holds most of the variance: method "pedanova" looks at ranks instead.`);
  }
  return warnings;
}

const TITLES = {
  fanova: "share of the variance by main effects",
  permutation: "share of the variance lost without it",
  pedanova: "share of what sets the best trials apart",
} as const;

/** Importances as tables. */
export function importanceSheet(found: Importance): Sheet {
  const { method, metric, params, interactions, trials, score, warnings } = found;
  const sure = Number.isNaN(score) ? "" : `, forest R² ${formatNumber(score, 2)}`;
  const title = `Importance for ${cleanText(metric)} (${method}): ${TITLES[method]}, ${counted(trials, "trial")}${sure}`;
  const first = tableOf(
    title,
    "param",
    params.map((param) => ({ ...param, label: cleanText(param.name) })),
  );
  const shown = interactions.filter(({ importance }) => importance > 0).slice(0, SHOWN);
  const second = tableOf(
    "Interactions, beyond what each does alone",
    "params",
    shown.map((pair) => ({ ...pair, label: pair.names.map(cleanText).join(" × ") })),
  );
  // Of no trials a table of zeros would say that nothing matters.
  const tables = params.length === 0 || trials === 0 ? [] : shown.length === 0 ? [first] : [first, second];
  return { tables, notes: warnings };
}

interface Line {
  readonly label: string;
  readonly importance: number;
  readonly sd: number;
  readonly low: number;
  readonly high: number;
}

function tableOf(title: string, head: string, lines: readonly Line[]): TableModel {
  const number = (name: "importance" | "sd" | "low" | "high"): TableColumn => ({
    title: name === "low" ? "low 95 %" : name === "high" ? "high 95 %" : name,
    align: "right",
    cells: lines.map((line) => (Number.isNaN(line[name]) ? MISSING : line[name].toFixed(3))),
  });
  return {
    title,
    columns: [
      { title: head, align: "left", isKey: true, cells: lines.map(({ label }) => label) },
      ...(["importance", "sd", "low", "high"] as const).map(number),
    ],
  };
}
