import type { TableColumn } from "../../results/format.ts";
import { counted, type Sheet } from "../../results/printable.ts";
import { cleanText, formatNumber, MISSING } from "../../results/text.ts";
import type { StrategyComparison } from "./strategies.ts";

/** Repeats below which a comparison of strategies says little. */
const FEW = 10;

/** What to mind when reading a comparison of strategies. */
export function strategyWarnings(
  { strategies, budget, from, pairs }: Omit<StrategyComparison, "warnings" | "beats">,
  lengths: readonly number[],
): readonly string[] {
  const warnings: string[] = [];
  const empty = strategies.filter(({ repeats }) => repeats === 0).map(({ name }) => name);
  if (empty.length > 0) warnings.push(`${empty.join(", ")}: there are no runs.`);
  const repeats = strategies.filter((one) => one.repeats > 0).map((one) => one.repeats);
  const fewest = Math.min(...repeats);
  if (repeats.length > 0 && fewest < FEW) {
    warnings.push(
      fewest === 1
        ? "A strategy has a single repeat: one search is one draw, and says nothing of the next. Repeat it with other seeds."
        : `With ${fewest} repeats a difference has to be large to be seen; ${FEW} or more are better.`,
    );
  }
  if (budget > 0 && strategies.some(({ final }) => final.n > 0 && !Number.isFinite(final.mean))) {
    warnings.push("Some repeats found no value at all: means are infinite, and there are no areas.");
  } else if (from > 1) {
    warnings.push(`Areas begin after ${counted(from, "trial")}, when every repeat has a value.`);
  }
  const short = lengths.filter((length) => length < budget).length;
  if (short > 0)
    warnings.push(
      `${counted(short, "repeat")} ended before ${budget} trials and ${short === 1 ? "stays at its" : "stay at their"} best.`,
    );
  const long = lengths.filter((length) => length > budget).length;
  if (long > 0)
    warnings.push(`${counted(long, "repeat")} went on after ${budget} trials, which are not looked at.`);
  if (pairs.length === 0) warnings.push("There is one strategy: nothing to compare it with.");
  return warnings;
}

/** A comparison of strategies as tables. */
export function strategySheet(found: StrategyComparison): Sheet {
  const { metric, direction, budget, confidence, strategies, pairs, warnings } = found;
  const number = (title: string, values: readonly number[]): TableColumn => ({
    title,
    align: "decimal",
    cells: values.map((value) => (Number.isNaN(value) ? MISSING : formatNumber(value, 4))),
  });
  const percent = `${formatNumber(100 * confidence, 4)} %`;
  const table = {
    title: `Best ${cleanText(metric)} (${direction}) so far, over ${counted(budget, "trial")}`,
    columns: [
      {
        title: "strategy",
        align: "left",
        isKey: true,
        cells: strategies.map(({ name }) => cleanText(name)),
      } as const,
      { title: "repeats", align: "right", cells: strategies.map(({ repeats }) => String(repeats)) } as const,
      number(
        "area",
        strategies.map(({ area }) => area.mean),
      ),
      number(
        "final mean",
        strategies.map(({ final }) => final.mean),
      ),
      number(
        `low ${percent}`,
        strategies.map(({ final }) => final.low),
      ),
      number(
        `high ${percent}`,
        strategies.map(({ final }) => final.high),
      ),
      number(
        "median",
        strategies.map(({ final }) => final.median),
      ),
    ],
  };
  const steps = [...new Set([1, 2, 3, 4].map((part) => Math.max(1, Math.round((part * budget) / 4))))];
  const versus = {
    title: "Chance that a beats b; p of the areas and of the final values, corrected by Holm",
    columns: [
      {
        title: "a, b",
        align: "left",
        isKey: true,
        cells: pairs.map(({ a, b }) => cleanText(`${a}, ${b}`)),
      } as const,
      ...steps.map((step) =>
        number(
          `at ${step}`,
          pairs.map(({ beats }) => beats[step - 1]!),
        ),
      ),
      number(
        "p (area)",
        pairs.map(({ area }) => area.pHolm),
      ),
      number(
        "p (final)",
        pairs.map(({ final }) => final.pHolm),
      ),
    ],
  };
  const tables = budget === 0 ? [] : pairs.length === 0 ? [table] : [table, versus];
  return { tables, notes: warnings };
}
