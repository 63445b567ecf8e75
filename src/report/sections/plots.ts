import { messageOf } from "../../errors.ts";
import type { Figure, Panel } from "../../plots/figure.ts";
import type { PlotKind, PlotOptions } from "../../plots/options.ts";
import { picture } from "../../plots/plot.ts";
import { metricNames, readMetric } from "../../results/names.ts";
import type { AnyResults } from "../../results/results.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";
import { formatNumber } from "../../results/text.ts";
import { folded, type Html, notes, paragraph } from "../html.ts";

/** Points in a panel of a page: more cannot be told apart, and all of them have to be loaded. */
const MOST_POINTS = 2500;
/** Metrics that are drawn where nothing says which one matters, and objectives with plots of their own. */
const MOST_METRICS = 3;
/** Kinds that draw fewer than that by themselves. */
const SPARSE: readonly PlotKind[] = ["parallel_coordinate", "intermediate_values"];

interface Wanted {
  readonly kind: PlotKind;
  readonly options: PlotOptions;
}

const OF_ONE: readonly PlotKind[] = [
  ...(["optimization_history", "param_importances", "slice", "contour", "parallel_coordinate"] as const),
  ...(["intermediate_values", "edf", "timeline"] as const),
];

/** The plots that fit: by how many objectives there are. */
function fitting({ objectives }: AnyResults, selection: Selection): readonly Wanted[] {
  const timeline: Wanted = { kind: "timeline", options: {} };
  if (objectives.length === 1) return OF_ONE.map((kind) => ({ kind, options: {} }));
  if (objectives.length === 0) {
    const drawn = numericMetrics(selection).slice(0, MOST_METRICS);
    return [
      ...drawn.map((metric): Wanted => ({ kind: "histogram", options: { x: `metrics.${metric}` } })),
      timeline,
    ];
  }
  const single = objectives.slice(0, MOST_METRICS).flatMap(({ metric }): readonly Wanted[] => [
    { kind: "optimization_history", options: { metric } },
    { kind: "param_importances", options: { metric } },
  ]);
  const first = objectives[0]!.metric;
  return [
    { kind: "pareto", options: {} },
    ...single,
    { kind: "parallel_coordinate", options: { metric: first } },
    timeline,
  ];
}

function numericMetrics(selection: Selection): readonly string[] {
  return metricNames(selection).filter((name) => {
    const readers = selection.sources.map((source) => readMetric(source, name));
    return selection.rows.some((row, i) => typeof readers[sourceAt(selection, i)]!(row) === "number");
  });
}

/** What was asked for, in a way that does not fail where there is no single objective. */
function asked(kinds: readonly PlotKind[], { objectives }: AnyResults): readonly Wanted[] {
  const metric = objectives.length > 1 ? objectives[0]!.metric : undefined;
  return kinds.map((kind) => ({
    kind,
    options: kind === "pareto" || metric === undefined ? {} : { metric },
  }));
}

/** The plots, and a sentence for each that has nothing to show. */
export async function plotsSection(
  results: AnyResults,
  selection: Selection,
  kinds: readonly PlotKind[] | undefined,
): Promise<Html> {
  const wanted = kinds === undefined ? fitting(results, selection) : asked(kinds, results);
  const figures: Html[] = [];
  const missing = new Map<string, string[]>();
  for (const [i, { kind, options }] of wanted.entries()) {
    const most = SPARSE.includes(kind) ? {} : { maxPoints: MOST_POINTS };
    try {
      const made = await picture(results, kind, { ...options, ...most });
      if (made.figure.message === undefined) figures.push(figureHtml(made.figure, made.toSVG(), `plot${i}`));
      else tell(missing, made.figure.message, kind);
    } catch (error) {
      // A report without one of its plots is better than none, and says which.
      tell(missing, messageOf(error), kind);
    }
  }
  const told = [...missing].map(([why, kinds]) => `Not drawn: ${kinds.join(", ")}. ${why}`);
  return figures.length + told.length === 0
    ? paragraph("No plots were asked for.")
    : figures.join("") + notes(told);
}

function tell(missing: Map<string, string[]>, why: string, kind: PlotKind): void {
  missing.set(why, [...(missing.get(why) ?? []), kind]);
}

/** A figure in the page. Names inside of a drawing are made its own, since all drawings share those of the page. */
function figureHtml(figure: Figure, svg: string, id: string): Html {
  const own = svg
    .replaceAll(/ id="([\w-]+)"/g, ` id="${id}-$1"`)
    .replaceAll(/="url\(#([\w-]+)\)"/g, `="url(#${id}-$1)"`);
  return `<figure id="${id}">${own}<figcaption>${folded("In words", paragraph(inWords(figure)))}</figcaption></figure>`;
}

/** What a figure shows, for those who do not see it. */
function inWords(figure: Figure): string {
  const panels = figure.panels.map(panelWords);
  const shown =
    panels.length > 12 ? [...panels.slice(0, 12), `And ${panels.length - 12} panels more.`] : panels;
  const legend =
    figure.legend === undefined || figure.legend.entries.length === 0
      ? []
      : [
          `Colours stand for ${figure.legend.title ?? "groups"}: ${figure.legend.entries.map(({ label }) => label).join(", ")}.`,
        ];
  return [figure.title, figure.subtitle, ...shown, ...legend, ...figure.notes]
    .filter((text) => text !== undefined && text !== "")
    .map((text) => (/[.!?]$/.test(text!) ? text : `${text}.`))
    .join(" ");
}

function panelWords({ title, x, y, marks, parallel }: Panel): string {
  const head = title === undefined ? "" : `${title}: `;
  if (parallel !== undefined) {
    return `${head}${parallel.lines.length} lines over ${parallel.axes.map(axisWords).join(", ")}.`;
  }
  const points = marks.reduce((sum, mark) => sum + (mark.kind === "points" ? mark.x.length : 0), 0);
  const hasAreas = marks.some((mark) => mark.kind === "rects");
  const lines = marks.filter((mark) => mark.kind === "line").length;
  const parts = [
    ...(points > 0 ? [`${points} points`] : []),
    ...(lines > 0 ? [`${lines} ${lines === 1 ? "line" : "lines"}`] : []),
    ...(hasAreas ? ["areas"] : []),
  ];
  return `${head}${parts.join(" and ") || "marks"} of ${axisWords(y)} over ${axisWords(x)}.`;
}

function axisWords({ label, scale, domain, categories }: Panel["x"]): string {
  if (scale === "category") {
    const some = categories.slice(0, 8).join(", ");
    return `${label} (${some}${categories.length > 8 ? ", …" : ""})`;
  }
  const [low, high] = domain.map((value) =>
    scale === "time" ? new Date(value).toISOString().slice(0, 16).replace("T", " ") : formatNumber(value, 4),
  );
  return `${label} from ${low} to ${high}${scale === "log" ? " (logarithmic)" : ""}`;
}
