import { groupsOf, legendOf } from "../coloring.ts";
import { numberAxis } from "../domain.ts";
import { asCategories } from "../fields.ts";
import type { Figure, Mark } from "../figure.ts";
import {
  directedLabel,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  leftOutNotes,
  noRunsReason,
  type PlotInput,
  successValues,
} from "../input.ts";
import { aggregate, bestSoFar, groupBy, SPREAD_NAMES, spreadOf } from "../points.ts";

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
  const values = successValues(input, metric);
  const by = options.by ?? "experiment";
  const strategy = asCategories(table.field(by));
  const names = options.repeat === undefined ? ["experiment", "version", "replicate"] : [options.repeat];
  const repeat = groupBy(
    names.map((name) => table.field(name).values),
    table.length,
  ).of;
  const trial = table.field("trial").values;
  const isMaximum = direction === "maximize";
  const how = options.aggregate === "mean" ? "mean" : "median";
  const spread = options.spread ?? "quartiles";
  const groups = groupsOf(
    strategy,
    Array.from({ length: table.length }, (_, i) => i),
  );
  const marks: Mark[] = [];
  const middles: number[] = [];
  const edges: number[] = [];
  let most = 0;
  let repeats = 0;
  for (const group of groups) {
    const lists = new Map<number, number[]>();
    for (const index of group.indices) {
      const key = repeat[index]!;
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [index]);
      else list.push(index);
    }
    const curves = [...lists.values()].map((list) =>
      bestSoFar(
        list.sort((a, b) => trial[a]! - trial[b]! || a - b).map((index) => values[index]!),
        isMaximum,
      ),
    );
    const shortest = Math.min(...curves.map((curve) => curve.length));
    most = Math.max(most, shortest);
    repeats = Math.max(repeats, curves.length);
    const every = Math.max(1, Math.ceil(shortest / MOST_STEPS));
    const steps = Array.from({ length: shortest }, (_, i) => i).filter(
      (i) => i % every === 0 || i === shortest - 1,
    );
    const at = steps.map((step) =>
      curves.map((curve) => curve[step]!).filter((value) => !Number.isNaN(value)),
    );
    const known = steps.map((_, i) => i).filter((i) => at[i]!.length > 0);
    const middle = known.map((i) => aggregate(at[i]!, how));
    const bands = known.map((i) => spreadOf(at[i]!, spread));
    const x = known.map((i) => steps[i]! + 1);
    middles.push(...middle);
    edges.push(...bands.flatMap((band) => band ?? []));
    const base = { color: group.color, group: group.group } as const;
    if (bands.some((band) => band !== undefined)) {
      marks.push({
        kind: "band",
        ...base,
        isStepped: true,
        x,
        low: bands.map((band) => band?.[0] ?? Number.NaN),
        high: bands.map((band) => band?.[1] ?? Number.NaN),
      });
    }
    marks.push({
      kind: "line",
      ...base,
      dash: group.dash,
      isStepped: true,
      x,
      y: middle,
      label: `${group.label}: ${curves.length} ${curves.length === 1 ? "repetition" : "repetitions"} of ${shortest} trials`,
    });
  }
  if (middles.length === 0) return emptyFigure(input, title, `No successful run has a number for ${label}.`);
  const y = numberAxis([...middles, ...edges], {
    label: `best so far: ${directedLabel(label, direction)}`,
    called: label,
    isLog: options.logY,
    clamp: isMaximum ? "low" : "high",
  });
  const x = numberAxis([1, Math.max(2, most)], { label: "trials spent", isLog: options.logX });
  return figureOf(input, {
    title,
    subtitle: `${how === "mean" ? "Mean" : "Median"} over ${repeats} ${repeats === 1 ? "repetition" : "repetitions"}${repeats > 1 && spread !== "none" ? `; band: ${SPREAD_NAMES[spread]}` : ""}`,
    notes: [
      ...leftOutNotes(input, values, label),
      ...(repeats === 1 ? ["A single repetition each: which is better may be chance."] : []),
      ...y.notes,
    ],
    panels: [{ x: x.axis, y: y.axis, marks }],
    legend: legendOf(input, by, groups, "line"),
  });
}
