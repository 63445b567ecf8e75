import pc from "picocolors";
import { cutText, textWidth } from "../../identity/text-width.ts";
import { cleanText } from "../../results/text.ts";
import type { Axis, Figure, Legend, Panel } from "../figure.ts";
import { type Scale, scaleOf } from "../scale.ts";
import { ticksOf } from "../ticks.ts";
import { Canvas } from "./canvas.ts";
import { blockOf, drawMark, SHADES } from "./marks.ts";
import { paintOf } from "./paint.ts";
import { drawParallel } from "./parallel.ts";

export interface TerminalOptions {
  /** Columns that may be used. */
  readonly width: number;
  /** Lines of each panel. @defaultValue 14, or one for each bar */
  readonly height?: number | undefined;
  readonly color: boolean;
}

const MOST_PANELS = 6;

/** A figure as text: braille dots for points and lines, blocks for bars and cells. */
export function drawTerminal(figure: Figure, options: TerminalOptions): string {
  const { color } = options;
  const width = Math.max(24, options.width);
  const tone = pc.createColors(color);
  const lines: string[] = [tone.bold(cutText(cleanText(figure.title), width))];
  if (figure.subtitle !== undefined) lines.push(...wrapped(figure.subtitle, width).map(tone.dim));
  if (figure.message !== undefined || figure.panels.length === 0) {
    lines.push("", ...wrapped(figure.message ?? "There is nothing to draw.", width), "");
  }
  for (const panel of figure.panels.slice(0, MOST_PANELS)) {
    lines.push("");
    if (panel.title !== undefined) lines.push(cutText(cleanText(panel.title), width));
    lines.push(...drawPanel(panel, { ...options, width }));
  }
  if (figure.legend !== undefined) lines.push(...legendLines(figure.legend, width, color));
  if (figure.ramp !== undefined && figure.panels.some(hasCells)) {
    const { title, domain, scale } = figure.ramp;
    const [low, high] = ticksOf(rampAxis(scale, domain), 3)
      .filter(({ text }) => text !== "")
      .map(({ text }) => text)
      .reduce<[string, string]>((ends, text) => [ends[0] || text, text], ["", ""]);
    lines.push(...wrapped(`${SHADES[0]} low … ${SHADES[4]} high: ${title}, about ${low} to ${high}`, width));
  }
  if (figure.panels.length > MOST_PANELS) {
    lines.push(
      ...wrapped(
        `${MOST_PANELS} of ${figure.panels.length} panels; the rest is in a file: { path: "plot.svg" }.`,
        width,
      ),
    );
  }
  for (const note of figure.notes) lines.push(...wrapped(note, width).map(tone.dim));
  return lines.map((line) => line.trimEnd()).join("\n");
}

function rampAxis(scale: Axis["scale"], domain: readonly [number, number]): Axis {
  const [a, b] = domain;
  return { label: "", scale, domain: [Math.min(a, b), Math.max(a, b)], categories: [], hasHoles: false };
}

const hasCells = (panel: Panel): boolean =>
  panel.marks.some((mark) => mark.kind === "rects" && mark.colors !== undefined);
/** Bars that lie on their side: each on a line of text of its own. */
const hasLyingBars = (panel: Panel): boolean =>
  panel.y.scale === "category" &&
  panel.marks.some((mark) => mark.kind === "rects" && mark.colors === undefined);

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of cleanText(text).split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(cutText(word, width));
  }
  return lines;
}

function legendLines(legend: Legend, width: number, color: boolean): readonly string[] {
  const paint = paintOf(color);
  const parts = legend.entries.map((entry, index) => {
    const sign = entry.kind === "line" ? "──" : entry.kind === "area" ? blockOf(index, color).repeat(2) : "•";
    return {
      size: textWidth(cleanText(entry.label)) + sign.length + 3,
      text: `${paint(sign, entry.color)} ${cutText(cleanText(entry.label), width - 6)}`,
    };
  });
  const lines: string[] = [];
  let used = width;
  for (const { size, text } of parts) {
    if (used + size > width) {
      lines.push(text);
      used = size;
    } else {
      lines[lines.length - 1] += `   ${text}`;
      used += size;
    }
  }
  return lines;
}

function padLeft(text: string, width: number): string {
  const cut = cutText(cleanText(text), width);
  return " ".repeat(Math.max(0, width - textWidth(cut))) + cut;
}

function drawPanel(panel: Panel, options: TerminalOptions): readonly string[] {
  if (panel.parallel !== undefined) return drawParallel(panel.parallel, options);
  const { width, color } = options;
  const tone = pc.createColors(color);
  const isLying = hasLyingBars(panel);
  const isGrid = hasCells(panel) && panel.y.scale === "category";
  const count = panel.y.categories.length;
  const rows =
    isLying || isGrid
      ? Math.max(1, Math.min(count, options.height ?? 40))
      : Math.max(4, options.height ?? 14);
  const isNamed = panel.y.scale === "category" || panel.y.choices !== undefined;
  const yTicks = ticksOf(panel.y, isNamed ? rows : Math.max(2, Math.floor(rows / 3)));
  const longest = Math.max(3, Math.floor(width / 3));
  const left = Math.min(longest, Math.max(1, ...yTicks.map(({ text }) => textWidth(cleanText(text)))));
  const canvas = new Canvas(Math.max(10, width - left - 2), rows);
  const x = scaleOf(panel.x, 0, canvas.width - 1, 8);
  const y = scaleOf(panel.y, canvas.height - 1, 0, 4);
  for (const mark of panel.marks) drawMark(mark, { canvas, x, y, panel, isGrid, hasColor: color });
  const names = new Array<string>(rows).fill("");
  for (const tick of yTicks) {
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y.at(tick.value) / 4)));
    if (tick.text !== "" && y.beyond(tick.value) === 0) names[row] = tick.text;
  }
  const paint = paintOf(color);
  const body = canvas.lines(paint).map((line, row) => {
    const name = names[row]!;
    return `${padLeft(name, left)} ${tone.dim(name === "" ? "│" : "┤")}${line}`;
  });
  const lines = [...body, `${" ".repeat(left)} ${tone.dim(`└${"─".repeat(canvas.columns)}`)}`];
  const ticks = xTickLine(panel.x, x, canvas.columns);
  lines.push(`${" ".repeat(left + 2)}${ticks}`);
  const words = [
    panel.y.label === "" ? "" : `↑ ${panel.y.label}`,
    panel.x.label === "" ? "" : `→ ${panel.x.label}`,
  ];
  const label = words.filter((word) => word !== "").join("   ");
  if (label !== "")
    lines.push(tone.dim(`${" ".repeat(left + 2)}${cutText(cleanText(label), Math.max(8, canvas.columns))}`));
  return lines;
}

/** The names under an axis that fit beside each other. */
function xTickLine(axis: Axis, scale: Scale, columns: number): string {
  const cells = new Array<string>(columns).fill(" ");
  let free = 0;
  const most = axis.choices === undefined ? Math.max(2, Math.floor(columns / 14)) : columns;
  const about = axis.scale === "category" ? axis.categories.length : most;
  for (const { text, value } of ticksOf(axis, about)) {
    const shown = cutText(cleanText(text), 16);
    const size = textWidth(shown);
    const start = Math.min(columns - size, Math.max(0, Math.round(scale.at(value) / 2 - size / 2)));
    if (text === "" || scale.beyond(value) !== 0 || start < free) continue;
    // A wide character takes two cells; the second is left empty.
    let at = start;
    for (const character of shown) {
      cells[at] = character;
      const wide = textWidth(character);
      if (wide === 2) cells[at + 1] = "";
      at += Math.max(1, wide);
    }
    free = start + size + 1;
  }
  return cells.join("");
}
