import { formatNumber } from "../../results/text.ts";
import { categoryAxis, numberAxis } from "../domain.ts";
import type { Figure, Mark } from "../figure.ts";
import { emptyFigure, figureOf, labelOf, type PlotInput } from "../input.ts";
import type { ImportanceValue } from "../options.ts";

const MOST_BARS = 25;

/** What the numbers are of. */
export interface ImportanceAbout {
  readonly metric: string;
  readonly subtitle?: string | undefined;
  /** What the bars are. */
  readonly interval: string;
  readonly notes?: readonly string[] | undefined;
}

/** How much each param matters, the most important one at the top. */
export function paramImportances(
  input: PlotInput,
  importances: readonly ImportanceValue[],
  about: ImportanceAbout,
): Figure {
  const metric = labelOf(input, about.metric);
  const title = `Importance of params for ${metric}`;
  const known = importances.filter(({ value }) => Number.isFinite(value));
  if (known.length === 0)
    return emptyFigure(
      input,
      title,
      "No param has a known importance: there must be params that vary and runs that differ.",
    );
  // A category axis counts upwards, and the first is to be at the top.
  const shown = [...known]
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_BARS)
    .reverse();
  const values = shown.map(({ value }) => value);
  const ends = shown.map(({ value, high }) => (Number.isFinite(high) ? Math.max(value, high!) : value));
  const { axis } = numberAxis([...values, ...ends, 0], { label: "importance" });
  const high = axis.domain[1] + (axis.domain[1] - Math.min(0, axis.domain[0])) * 0.08;
  const x = { ...axis, domain: [Math.min(0, ...values), high] as const };
  const y = categoryAxis(
    "",
    shown.map(({ name }) => labelOf(input, name)),
  );
  const marks: Mark[] = [
    {
      kind: "rects",
      color: "#0072b2",
      x0: shown.map(() => 0),
      x1: values,
      y0: shown.map((_, i) => i - 0.34),
      y1: shown.map((_, i) => i + 0.34),
      labels: shown.map(({ name, value, low, high }) => {
        const interval =
          low === undefined || high === undefined
            ? ""
            : `, ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
        return `${labelOf(input, name)}: ${formatNumber(value)}${interval}`;
      }),
    },
  ];
  const bars = shown.flatMap(({ low, high }, i) =>
    low !== undefined && high !== undefined && high > low ? [{ low, high, i }] : [],
  );
  if (bars.length > 0) {
    marks.push({
      kind: "segments",
      color: "#222222",
      hasCaps: true,
      x0: bars.map(({ low }) => low),
      x1: bars.map(({ high }) => high),
      y0: bars.map(({ i }) => i),
      y1: bars.map(({ i }) => i),
    });
  }
  marks.push({
    kind: "texts",
    color: "#222222",
    dx: 6,
    x: ends,
    y: shown.map((_, i) => i),
    texts: values.map((value) => formatNumber(value, 3)),
  });
  const notes = bars.length > 0 ? [`Bars: ${about.interval}.`] : [];
  if (known.length > shown.length)
    notes.push(`The ${shown.length} most important of ${known.length} are shown.`);
  const told = [...notes, ...(about.notes ?? [])];
  const each = 26 * shown.length + 120 + 20 * told.length;
  return figureOf(
    { ...input, options: { ...input.options, height: input.options.height ?? Math.max(200, each) } },
    {
      title,
      subtitle: about.subtitle,
      notes: told,
      panels: [{ x, y, marks }],
    },
  );
}
