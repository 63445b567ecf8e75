import { formatNumber } from "../../results/text.ts";
import { categoryAxis, numberAxis } from "../domain.ts";
import type { Figure, Mark } from "../figure.ts";
import { emptyFigure, figureOf, labelOf, type PlotInput } from "../input.ts";
import type { ImportanceValue } from "../options.ts";

const MOST_BARS = 25;

/** How much each param matters, the most important one at the top. */
export function paramImportances(
  input: PlotInput,
  importances: readonly ImportanceValue[],
  about: { readonly metric: string; readonly method: string | undefined },
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
  const ends = shown.map(({ value, error = 0 }) => value + (Number.isFinite(error) ? error : 0));
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
      labels: shown.map(
        ({ name, value, error }) =>
          `${labelOf(input, name)}: ${formatNumber(value)}${error === undefined ? "" : ` ± ${formatNumber(error, 2)}`}`,
      ),
    },
  ];
  const bars = shown.flatMap(({ value, error }, i) =>
    error !== undefined && error > 0 ? [{ value, error, i }] : [],
  );
  if (bars.length > 0) {
    marks.push({
      kind: "segments",
      color: "#222222",
      hasCaps: true,
      x0: bars.map(({ value, error }) => value - error),
      x1: bars.map(({ value, error }) => value + error),
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
  const notes = bars.length > 0 ? ["Bars: ± 1 standard error."] : [];
  if (known.length > shown.length)
    notes.push(`The ${shown.length} most important of ${known.length} are shown.`);
  const each = 26 * shown.length + 130;
  return figureOf(
    { ...input, options: { ...input.options, height: input.options.height ?? Math.max(200, each) } },
    {
      title,
      subtitle: about.method === undefined ? undefined : `By ${about.method}`,
      notes,
      panels: [{ x, y, marks }],
    },
  );
}
