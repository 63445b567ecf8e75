import { leftOutText } from "../folds.ts";
import type { TableColumn } from "../format.ts";
import { counted, type Sheet } from "../printable.ts";
import { cleanText, formatNumber, formatValue, MISSING } from "../text.ts";
import type { GroupSummaries, GroupSummary } from "./summaries.ts";

/** Values that a bootstrap needs to show how they spread. */
const FEW = 10;
/** Groups that are printed. */
const MOST_GROUPS = 50;

/** What to mind when reading the summaries of groups. */
export function groupWarnings(
  { groups, metrics, interval }: GroupSummaries,
  runs: number,
  hasFolds: boolean,
): readonly string[] {
  if (runs === 0) return ["There are no runs."];
  if (metrics.length === 0) return ["No run has a metric that is a number."];
  const warnings: string[] = [];
  for (const metric of metrics) {
    const own = groups.filter((group) => group.metric === metric);
    const tell = (field: "nan" | "infinite" | "missing" | "notNumbers", what: string) => {
      const touched = own.filter((group) => group[field] > 0);
      const total = touched.reduce((sum, group) => sum + group[field], 0);
      if (total === 0) return;
      warnings.push(`${metric} ${what} in ${counted(total, "run")} of ${counted(touched.length, "group")}.`);
    };
    tell("nan", "is NaN, counted and left out,");
    tell("infinite", "is infinite, which makes means infinite and leaves no interval,");
    tell("missing", "is missing, counted and left out,");
    tell("notNumbers", "is not a number, counted and left out,");
    const alone = own.filter(({ n }) => n === 1).length;
    if (alone > 0) {
      warnings.push(
        `${metric} has a single value in ${counted(alone, "group")}: there is no interval without replicates.`,
      );
    }
    const few = own.filter(({ n }) => n > 1 && n < FEW).length;
    if (interval === "bootstrap" && few > 0) {
      warnings.push(
        `${metric} has fewer than ${FEW} values in ${counted(few, "group")}: their bootstrap intervals are too narrow; "t" is the better choice.`,
      );
    }
  }
  if (hasFolds) warnings.push("The folds of a replicate are one value: n counts replicates.");
  const first = groups.filter(({ metric }) => metric === metrics[0]);
  const partial = first.reduce((sum, group) => sum + group.partial, 0);
  if (partial > 0) warnings.push(leftOutText(partial));
  const failed = new Map(groups.map((group) => [group.key, group.failed]));
  const total = [...failed.values()].reduce((sum, count) => sum + count, 0);
  if (total > 0) warnings.push(`${counted(total, "run")} failed: the numbers are of those that did not.`);
  return warnings;
}

/** The summaries of groups as a table. */
export function groupSheet(summaries: GroupSummaries): Sheet {
  const { by, interval, confidence, warnings, metrics } = summaries;
  const lines = Math.max(1, metrics.length);
  const groups = summaries.groups.slice(0, MOST_GROUPS * lines);
  const rest = (summaries.groups.length - groups.length) / lines;
  const column = (
    title: string,
    align: TableColumn["align"],
    cellOf: (group: GroupSummary) => string,
  ): TableColumn => ({ title, align, cells: groups.map(cellOf) });
  const number = (title: string, read: (group: GroupSummary) => number): TableColumn =>
    column(title, "decimal", (group) => {
      const value = read(group);
      return Number.isNaN(value) ? MISSING : formatNumber(value, 4);
    });
  const count = (title: string, read: (group: GroupSummary) => number): readonly TableColumn[] =>
    groups.some((group) => read(group) > 0) ? [column(title, "right", (group) => String(read(group)))] : [];
  const keys = by.map((name): TableColumn => {
    const cells = groups.map(({ key }) => formatValue(key[name]));
    const isNumber = groups.every(({ key }) => key[name] === undefined || typeof key[name] === "number");
    return {
      title: cleanText(name.replace(/^params\./, "")),
      align: isNumber ? "decimal" : "left",
      cells,
      isKey: true,
    };
  });
  const percent = `${formatNumber(100 * confidence, 4)} %`;
  const columns = [
    ...keys,
    ...(metrics.length > 1
      ? [{ ...column("metric", "left", ({ metric }) => cleanText(metric)), isKey: true }]
      : []),
    column("n", "right", ({ n }) => String(n)),
    ...count("nan", ({ nan }) => nan),
    ...count("missing", ({ missing }) => missing),
    ...count("no number", ({ notNumbers }) => notNumbers),
    ...count("failed", ({ failed }) => failed),
    ...count("unfinished", ({ unfinished }) => unfinished),
    ...count("partial", ({ partial }) => partial),
    number("mean", ({ mean }) => mean),
    number(`low ${percent}`, ({ low }) => low),
    number(`high ${percent}`, ({ high }) => high),
    number("sd", ({ sd }) => sd),
    number("min", ({ min }) => min),
    number("median", ({ median }) => median),
    number("max", ({ max }) => max),
  ];
  const how = interval === "t" ? "Student's t" : "BCa bootstrap";
  const of = metrics.length === 0 ? "no metric" : metrics.map(cleanText).join(", ");
  const title = `${of} over ${counted(summaries.groups.length / lines, "group")}, interval of the mean by ${how}`;
  const more = rest > 0 ? `… ${counted(rest, "more group")}; all are in groups.` : undefined;
  return { tables: groups.length === 0 ? [] : [{ title, columns, more }], notes: warnings };
}
