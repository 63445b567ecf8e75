import { formatDuration } from "../../results/text.ts";
import { categoryAxis, numberAxis } from "../domain.ts";
import type { Figure, Legend, Mark } from "../figure.ts";
import { countOf, describe, emptyFigure, figureOf, type PlotInput, sampledIndices } from "../input.ts";

/** A colour for each way to end, those of good and bad apart in lightness too. */
const STATUS_COLORS: Readonly<Record<string, string>> = {
  success: "#56b4e9",
  pruned: "#e69f00",
  failed: "#b03a00",
  cancelled: "#5a5a5a",
  interrupted: "#cc79a7",
  running: "#009e73",
};
const MOST_LANES = 64;

/** When each run began and ended, side by side where they ran at once, coloured by how they ended. */
export function timeline(input: PlotInput): Figure {
  const { table, options } = input;
  const title = "Runs over time";
  if (table.length === 0) return emptyFigure(input, title, "There are no runs to draw.");
  const started = table.field("started").values;
  const duration = table.field("durationMs").values;
  const end = (index: number) => started[index]! + Math.max(0, duration[index] || 0);
  const sampled = sampledIndices(table.length, input, [], 1, "runs");
  const known = sampled.indices.filter((index) => Number.isFinite(started[index]!));
  if (known.length === 0) return emptyFigure(input, title, "It is not known when these runs began.");
  const order = [...known].sort((a, b) => started[a]! - started[b]! || a - b);
  const free: number[] = [];
  const lanes = new Map<number, number>();
  let crowded = 0;
  for (const index of order) {
    // Starts are whole milliseconds, so one may seem to come before the end that it waited for.
    const at = free.findIndex((until) => until <= started[index]! + 1);
    const lane = at >= 0 ? at : Math.min(free.length, MOST_LANES - 1);
    if (at < 0 && free.length >= MOST_LANES) crowded++;
    free[lane] = Math.max(free[lane] ?? 0, end(index));
    lanes.set(index, lane);
  }
  const x = numberAxis(
    [...order.map((index) => started[index]!), ...order.map(end)],
    { label: "time (UTC)" },
    "time",
  );
  const least = (x.axis.domain[1] - x.axis.domain[0]) / 1200;
  const status = table.field("status");
  const params = table.params.map((name) => table.field(`params.${name}`));
  const byStatus = new Map<string, number[]>();
  for (const index of order) {
    const name = status.categories[status.values[index]!]!;
    const list = byStatus.get(name);
    if (list === undefined) byStatus.set(name, [index]);
    else list.push(index);
  }
  const entries: Legend["entries"][number][] = [];
  const marks = [...byStatus].sort().map(([name, indices], group): Mark => {
    const color = STATUS_COLORS[name] ?? "#5a5a5a";
    entries.push({ label: `${name} (${indices.length})`, color, kind: "area" });
    return {
      kind: "rects",
      color,
      group,
      x0: indices.map((index) => started[index]!),
      x1: indices.map((index) => Math.max(end(index), started[index]! + least)),
      y0: indices.map((index) => lanes.get(index)! - 0.42),
      y1: indices.map((index) => lanes.get(index)! + 0.42),
      labels: indices.map(
        (index) =>
          `trial ${table.field("trial").values[index]} · ${name} · ${formatDuration(duration[index]!)} · ${describe(input, index, params)}`,
      ),
    };
  });
  const lanesAxis = categoryAxis(
    "runs at once",
    free.map((_, i) => String(i + 1)),
  );
  const notes = [...sampled.notes];
  if (crowded > 0) notes.push(`More than ${MOST_LANES} runs at once: the last line holds the rest.`);
  const span = Math.max(...order.map(end)) - started[order[0]!]!;
  return figureOf(
    { ...input, options: { ...options, height: options.height ?? Math.min(700, 190 + 22 * free.length) } },
    {
      title,
      subtitle: `${countOf(order.length, "run")} in ${formatDuration(span)}, up to ${free.length} at once, from ${new Date(started[order[0]!]!).toISOString().slice(0, 19).replace("T", " ")} UTC`,
      notes,
      panels: [{ x: x.axis, y: lanesAxis, marks }],
      legend: { title: "status", entries },
    },
  );
}
