import { MetalabError, show } from "../../errors.ts";
import { listed } from "../../results/names.ts";
import type { Run } from "../../results/run.ts";
import type { Series } from "../../results/series.ts";
import { nearest } from "../../space/nearest.ts";
import { coloringOf, legendOf } from "../coloring.ts";
import { groupStyle } from "../colors.ts";
import { numberAxis } from "../domain.ts";
import type { Figure, LegendEntry, LineMark } from "../figure.ts";
import {
  countOf,
  describe,
  emptyFigure,
  figureOf,
  grouped,
  judgedOf,
  labelOf,
  noFiniteReason,
  noRunsReason,
  type PlotInput,
  sampledIndices,
} from "../input.ts";

/** Reading a series costs a read of the store, and more lines than these are a carpet. */
const MOST_LINES = 200;
/** Points of a line: more are fewer than a pixel apart. */
const MOST_STEPS = 500;

interface ReadSeries {
  readonly index: number;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly isWhole: boolean;
  /** Whether its steps begin anew somewhere: a session that was opened again, a program that was run twice. */
  readonly isRepeated: boolean;
}

/** The metric by step, one line for each run; runs that were stopped early are dashed. */
export async function intermediateValues(input: PlotInput): Promise<Figure> {
  const { table, options } = input;
  const metric = options.metric ?? judgedOf(input).metric;
  const label = labelOf(input, metric);
  const title = `${label} by step`;
  if (table.length === 0) return emptyFigure(input, title, "There are no runs to draw.");
  const most = Math.min(options.maxPoints ?? MOST_LINES, MOST_LINES);
  const sampled = sampledIndices(table.length, { ...input, options: { ...options, maxPoints: most } });
  const read: ReadSeries[] = [];
  const runs = table.results;
  const lack: Lack = { others: new Set(), isOdd: false };
  for (let start = 0; start < sampled.indices.length; start += 16) {
    const some = sampled.indices.slice(start, start + 16);
    const series = await Promise.all(some.map((index) => seriesOf(runs.at(index)!, metric, lack)));
    for (const [i, one] of series.entries())
      if (one !== undefined && one.length > 0) read.push(interrupted(thinned(some[i]!, one)));
  }
  if (read.length === 0) {
    const isBare = lack.others.size === 0 && !lack.isOdd;
    const why = (isBare ? noRunsReason(input) : undefined) ?? noSeriesReason(metric, lack);
    return emptyFigure(input, title, why);
  }
  const none = noFiniteReason(
    read.flatMap(({ values }) => values),
    label,
  );
  if (none !== undefined) return emptyFigure(input, title, none.replace("No successful run", "No run"));
  const { groups, colorAt, ramp } = coloringOf(
    input,
    options.color,
    read.map(({ index }) => index),
  );
  const groupAt = new Map(groups.flatMap((group) => group.indices.map((index) => [index, group] as const)));
  const direction = table.results.objectives.find((one) => one.metric === metric)?.direction;
  const y = numberAxis(
    read.flatMap(({ values }) => values),
    {
      label,
      isLog: options.logY,
      clamp: direction === "maximize" ? "low" : direction === "minimize" ? "high" : "both",
    },
  );
  const x = numberAxis(
    read.flatMap(({ steps }) => steps),
    { label: "step", isLog: options.logX },
  );
  const params = table.params.map((name) => table.field(`params.${name}`));
  const few = options.color === undefined && read.length <= 7;
  const status = table.field("status");
  const stopped = (index: number) => table.isSuccess[index] !== 1;
  const lines = read.map(({ index, steps, values }, i): LineMark => {
    const group = groupAt.get(index)!;
    const style = few ? groupStyle(i) : group;
    return {
      kind: "line",
      color: colorAt?.(index) ?? style.color,
      group: few ? i : group.group,
      dash: stopped(index) ? "dotted" : few ? style.dash : "solid",
      opacity: read.length > 40 ? 0.4 : read.length > 7 ? 0.7 : undefined,
      width: read.length > 40 ? 1.2 : 1.8,
      x: steps,
      y: values,
      label: `${describe(input, index, [table.field("trial"), ...params])} · ${status.categories[status.values[index]!]}`,
    };
  });
  const entries: LegendEntry[] = few
    ? read.map(({ index }, i) => ({
        label:
          describe(
            input,
            index,
            params.length > 2 ? [table.field("trial"), table.field("replicate")] : params,
          ) || `run ${i + 1}`,
        color: lines[i]!.color,
        dash: lines[i]!.dash,
        kind: "line",
      }))
    : [...(legendOf(input, options.color, groups, "line")?.entries ?? [])].map(
        ({ dash: _, ...entry }) => entry,
      );
  const count = read.filter(({ index }) => stopped(index)).length;
  const notes =
    count > 0
      ? [`Dotted: ${countOf(count, "run")} that ended without success (pruned, failed or unfinished).`]
      : [];
  if (sampled.notes.length > 0) {
    notes.push(
      `${grouped(sampled.indices.length)} of ${grouped(table.length)} runs were read, evenly chosen.`,
    );
  }
  if (read.length < sampled.indices.length)
    notes.push(`${sampled.indices.length - read.length} of them have no series ${label}.`);
  const again = read.filter(({ isRepeated }) => isRepeated).length;
  if (again > 0)
    notes.push(`${countOf(again, "run")} went back to an earlier step, where a new line begins.`);
  if (read.some(({ isWhole }) => !isWhole))
    notes.push(
      `Long series are drawn by the least and the greatest value of each of ${MOST_STEPS / 2} stretches.`,
    );
  return figureOf(input, {
    title,
    subtitle: countOf(read.length, "run"),
    notes: [...notes, ...x.notes, ...y.notes],
    panels: [{ x: x.axis, y: y.axis, marks: lines }],
    legend: { title: options.color === undefined ? undefined : labelOf(input, options.color), entries },
    ramp,
  });
}

/** What runs have in place of a series. */
interface Lack {
  /** Names of other series. */
  readonly others: Set<string>;
  /** Whether it is there, but not of numbers. */
  isOdd: boolean;
}

function noSeriesReason(metric: string, { others: known, isOdd }: Lack): string {
  if (isOdd) return `The values of the series ${metric} are not numbers, so there is no line through them.`;
  const others = [...known].sort();
  if (others.length === 0) {
    return `No run has a series ${metric}. Report it by step: capture.metric("${metric}", value, { step }).`;
  }
  const near = nearest(metric, others);
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => show(name)).join(" or ")}?` : "";
  return `No run has a series ${metric}.${hint} There are ${listed(others)}.`;
}

/** A series of a run; where it has none, what it has instead is noted. */
async function seriesOf(run: Run<unknown, unknown>, metric: string, lack: Lack): Promise<Series | undefined> {
  try {
    return await run.series(metric);
  } catch (error) {
    const code = error instanceof MetalabError ? error.code : undefined;
    if (code === "METALAB_SERIES_UNKNOWN") {
      for (const name of (error as MetalabError).details["known"] as readonly string[]) lack.others.add(name);
      return undefined;
    }
    if (code === "METALAB_SERIES_NOT_NUMERIC") {
      lack.isOdd = true;
      return undefined;
    }
    throw error;
  }
}

/** A long series by the extremes of equal stretches, so that no peak is lost. */
function thinned(index: number, { step, value, length }: Series): ReadSeries {
  if (length <= MOST_STEPS)
    return { index, steps: [...step], values: [...value], isWhole: true, isRepeated: false };
  const steps: number[] = [];
  const values: number[] = [];
  const each = length / (MOST_STEPS / 2);
  for (let start = 0; Math.floor(start) < length; start += each) {
    const from = Math.floor(start);
    const to = Math.min(length, Math.max(from + 1, Math.floor(start + each)));
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (value[i]! < value[low]!) low = i;
      if (value[i]! > value[high]!) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      steps.push(step[i]!);
      values.push(value[i]!);
    }
  }
  return { index, steps, values, isWhole: false, isRepeated: false };
}

/** A series with a gap wherever its steps go back, so that no line leads from the end of one pass to the start of the next. */
function interrupted(read: ReadSeries): ReadSeries {
  const { steps, values } = read;
  const goesBack = steps.map((step, i) => i > 0 && step < steps[i - 1]!);
  if (!goesBack.includes(true)) return read;
  const withGaps = (list: readonly number[]) =>
    list.flatMap((value, i) => (goesBack[i] === true ? [Number.NaN, value] : [value]));
  return { ...read, steps: withGaps(steps), values: withGaps(values), isRepeated: true };
}
