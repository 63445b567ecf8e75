import { bestSoFar, type CurveRule } from "../../analysis/strategies/curves.ts";
import { createResults } from "../../results/create-results.ts";
import { listed } from "../../results/names.ts";
import { partsOf, pick } from "../../results/selection.ts";
import { groupsOf, legendOf } from "../coloring.ts";
import { numberAxis } from "../domain.ts";
import { asCategories } from "../fields.ts";
import type { Figure, Mark } from "../figure.ts";
import {
  countOf,
  directedLabel,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  leftOutNotes,
  noFiniteReason,
  noRunsReason,
  type PlotInput,
  successValues,
} from "../input.ts";
import { aggregate, SPREAD_NAMES, spreadOf } from "../points.ts";

/** Places of a curve: more lie closer than pixels. */
const MOST_STEPS = 600;

/** Best-so-far curves of strategies (experiments, or the values of a field) against each other, over repetitions. */
export function strategies(input: PlotInput): Figure {
  const { table, options } = input;
  const { metric, direction } = judgedOf(input);
  const label = labelOf(input, metric);
  const title = `Best ${label} so far, by ${labelOf(input, options.by ?? "experiment")}`;
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, title, reason);
  const by = options.by ?? "experiment";
  const all = groupsOf(
    asCategories(table.field(by)),
    Array.from({ length: table.length }, (_, i) => i),
  );
  // Strategies put together would be a curve of none of them.
  const groups = all.filter(({ isRest }) => isRest !== true);
  const how = options.aggregate === "mean" ? "mean" : "median";
  const spread = options.spread ?? "quartiles";
  const isMaximum = direction === "maximize";
  const rule: CurveRule = {
    metric,
    sign: isMaximum ? -1 : 1,
    repeatBy: options.repeat === undefined ? undefined : [options.repeat],
    where: input.where,
  };
  const marks: Mark[] = [];
  const seen: number[] = [];
  const cut: string[] = [];
  let most = 0;
  let repeats = 0;
  for (const group of groups) {
    const curves = bestSoFar([createResults(partsOf(pick(table.selection, group.indices)))], rule);
    const lengths = curves.map((curve) => curve.length);
    const shortest = Math.min(...lengths);
    if (Math.max(...lengths) > shortest) cut.push(group.label);
    most = Math.max(most, shortest);
    repeats = Math.max(repeats, curves.length);
    const every = Math.max(1, Math.ceil(shortest / MOST_STEPS));
    const steps = Array.from({ length: shortest }, (_, i) => i)
      .filter((i) => i % every === 0 || i === shortest - 1)
      .map((step) => {
        const values = curves.map((curve) => curve[step]!);
        return { x: step + 1, middle: aggregate(values, how), band: spreadOf(values, spread) };
      })
      // Infinite while too few repetitions have a value.
      .filter(({ middle }) => Number.isFinite(middle));
    for (const { middle, band = [] } of steps) seen.push(middle, ...band.filter(Number.isFinite));
    const base = {
      color: group.color,
      group: group.group,
      isStepped: true,
      x: steps.map(({ x }) => x),
    } as const;
    if (steps.some(({ band }) => band !== undefined)) {
      marks.push({
        kind: "band",
        ...base,
        low: steps.map(({ band }) => band?.[0] ?? Number.NaN),
        high: steps.map(({ band }) => band?.[1] ?? Number.NaN),
      });
    }
    marks.push({
      kind: "line",
      ...base,
      dash: group.dash,
      y: steps.map(({ middle }) => middle),
      label: `${group.label}: ${countOf(curves.length, "repetition")} of ${countOf(shortest, "trial")}`,
    });
  }
  if (seen.length === 0) {
    const none = noFiniteReason(successValues(input, metric), label);
    return emptyFigure(input, title, none ?? `The best ${label} so far is never a finite number.`);
  }
  const y = numberAxis(seen, {
    label: `best so far: ${directedLabel(label, direction)}`,
    called: label,
    isLog: options.logY,
    clamp: isMaximum ? "low" : "high",
  });
  const x = numberAxis([1, Math.max(2, most)], { label: "trials spent", isLog: options.logX });
  return figureOf(input, {
    title,
    subtitle: `${how === "mean" ? "Mean" : "Median"} over ${countOf(repeats, "repetition")}${repeats > 1 && spread !== "none" ? `; band: ${SPREAD_NAMES[spread]}` : ""}`,
    notes: [
      ...leftOutNotes(input, successValues(input, metric), label),
      ...(groups.length < all.length ? [`The ${groups.length} with the most runs are shown.`] : []),
      ...(cut.length > 0 ? [`Up to the shortest repetition of ${listed(cut)}, where some went on.`] : []),
      ...(groups.length === 1 ? ["There is one strategy: nothing to compare it with."] : []),
      ...(repeats === 1 ? ["A single repetition each: which is better may be chance."] : []),
      ...y.notes,
    ],
    panels: [{ x: x.axis, y: y.axis, marks }],
    legend: legendOf(input, by, groups, "line"),
  });
}
