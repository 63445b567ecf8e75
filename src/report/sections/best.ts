import { type FrontPoint, paretoFront } from "../../analysis/front.ts";
import { inOptions } from "../../analysis/in-options.ts";
import { rankedSolutions } from "../../analysis/ranked-solutions.ts";
import type { Solution } from "../../analysis/solutions.ts";
import { winnerAmong } from "../../analysis/winner.ts";
import { summarize } from "../../math/stats.ts";
import { tInterval } from "../../math/t-test.ts";
import type { AnyResults } from "../../results/results.ts";
import { formatNumber, formatValue, MISSING, tellingDigits, toldApart } from "../../results/text.ts";
import type { Objective } from "../../search/objective.ts";
import { type Html, type HtmlColumn, notes, paragraph, table } from "../html.ts";
import { counted } from "../words.ts";

const CONFIDENCE = 0.95;

type ParamValues = Readonly<Record<string, unknown>>;

/** The best configurations, replicates taken together: with their intervals, or as a front where there are several objectives. */
export function bestSection(results: AnyResults, top: number): Html {
  const [objective, ...others] = results.objectives;
  if (objective === undefined) {
    return paragraph(
      "The experiment has no objective, so none of its configurations is the best: give it one, or make the report with a metric and a direction.",
    );
  }
  return others.length > 0 ? frontHtml(results, top) : bestHtml(results, objective, top);
}

function bestHtml(results: AnyResults, objective: Objective, top: number): Html {
  const found = rankedSolutions(results, objective);
  const { ranked, mostReplicates: most, infeasible } = found;
  if (ranked.length === 0) {
    return paragraph(
      infeasible > 0
        ? `None of the ${counted(infeasible, "configuration")} meets the constraints.`
        : `No configuration has a number for ${objective.metric}.`,
    );
  }
  const shown = ranked.slice(0, top);
  const few = shown.filter(({ losses }) => losses.length < most).length;
  const sentences = [
    ...(few > 0
      ? ["Configurations with fewer replicates come after those with all: fewer draws make luck easier."]
      : []),
    ...(most < 2 ? ["There is no interval without replicates: seeds({ replicates: 5 })."] : []),
  ];
  const sign = objective.direction === "maximize" ? -1 : 1;
  const caption = `${shown.length} of ${counted(ranked.length, "configuration")}, by the mean of ${objective.metric} (${objective.direction}); interval of the mean by Student's t, ${100 * CONFIDENCE} %`;
  const body =
    shown.length === 0
      ? ""
      : table(
          caption,
          [...paramColumns(shown, ranked), ...valueColumns(shown, objective, sign)],
          ' class="first"',
        );
  return `${paragraph(inOptions(results, winnerAmong(found, objective, CONFIDENCE).note))}${body}${notes(sentences.map((one) => inOptions(results, one)))}`;
}

function paramColumns(
  shown: readonly { readonly params: unknown }[],
  all: readonly { readonly params: unknown }[],
): readonly HtmlColumn[] {
  const valuesOf = (one: { readonly params: unknown }) => one.params as ParamValues;
  const names = [...new Set(shown.flatMap((one) => Object.keys(valuesOf(one))))].sort();
  const read = (one: { readonly params: unknown }, name: string) => {
    const values = valuesOf(one);
    return Object.hasOwn(values, name) ? formatValue(values[name]) : MISSING;
  };
  const varying = names.filter((name) => {
    const first = read(all[0]!, name);
    return all.some((one) => read(one, name) !== first);
  });
  return (varying.length > 0 ? varying : names).map((name) => ({
    title: name,
    cells: shown.map((one) => read(one, name)),
    isNumber: shown.every((one) => typeof (valuesOf(one)[name] ?? 0) === "number"),
  }));
}

function valueColumns(
  shown: readonly Solution<unknown>[],
  { metric }: Objective,
  sign: number,
): readonly HtmlColumn[] {
  const rows = shown.map(({ losses, outcome }) => {
    const own = summarize(losses.map((loss) => sign * loss));
    const mean = sign * outcome.losses[0]!;
    const [low, high] =
      own.n > 1 && Number.isFinite(own.mean) ? tInterval(own.mean, own.sem, own.n - 1, CONFIDENCE) : [];
    return { low, high, min: own.min, max: own.max, count: losses.length, center: mean };
  });
  // All with the digits in which the means differ, which are what the order is made by.
  const digits = tellingDigits(
    rows.map(({ center }) => center),
    4,
  );
  const column = (title: string, read: (row: (typeof rows)[number]) => number | undefined): HtmlColumn => ({
    title,
    isNumber: true,
    cells: rows.map((row) => {
      const value = read(row);
      return value === undefined || Number.isNaN(value) ? MISSING : formatNumber(value, digits);
    }),
  });
  return [
    column(`mean ${metric}`, ({ center }) => center),
    column("low", ({ low }) => low),
    column("high", ({ high }) => high),
    column("min", ({ min }) => min),
    column("max", ({ max }) => max),
    column("replicates", ({ count }) => count),
  ];
}

function frontHtml(results: AnyResults, top: number): Html {
  const front = paretoFront(results);
  if (front.length === 0) return paragraph("No configuration has a number for every objective.");
  // As many as are asked for, spread over the whole front and not its one end.
  const every = Math.max(1, front.length / Math.max(1, top));
  const shown = Array.from({ length: Math.min(top, front.length) }, (_, i) => front[Math.floor(i * every)]!);
  const caption = `${shown.length} of ${counted(front.length, "configuration")} that no others beat in every objective, means over replicates`;
  const values = results.objectives.map(
    ({ metric, direction }): HtmlColumn => ({
      title: `${metric} (${direction})`,
      isNumber: true,
      cells: toldApart(
        shown.map(({ values }: FrontPoint<unknown>) =>
          Object.hasOwn(values, metric) ? values[metric]! : Number.NaN,
        ),
      ).map((text) => (text === "NaN" ? MISSING : text)),
    }),
  );
  return shown.length === 0 ? paragraph(caption) : table(caption, [...paramColumns(shown, front), ...values]);
}
