import type { Axis, Figure, Panel, Parallel } from "../figure.ts";
import { scaleOf } from "../scale.ts";
import { cutToSize, wrapToSize } from "../text-size.ts";
import { type Box, drawAxes, drawUpright, setPanel } from "./axes.ts";
import { element, px, textAt, xmlText } from "./element.ts";
import { drawLegend, drawRamp, legendWidth } from "./legend.ts";
import { drawMark, type Hit } from "./marks.ts";

/** The family that PNG has, and what stands in for it elsewhere. */
const FAMILY = "'Noto Sans', 'Open Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
const PAD = 14;
const NOTE = 11;
/** Parallel lines of which more are drawn thinner. */
const THICK_LINES = 150;

/** A picture as SVG, and what its places say. */
export interface DrawnFigure {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly hits: readonly Hit[];
}

/** Below these nothing could be read, and parts would have sizes below 0. */
const LEAST_WIDTH = 160;
const LEAST_BODY = 60;

function widthOf(figure: Figure): number {
  const usual = figure.columns > 2 ? 1000 : figure.columns > 1 ? 900 : 760;
  return Math.max(LEAST_WIDTH, figure.width ?? usual);
}

function bodyHeight(figure: Figure, head: number, foot: number): number {
  if (figure.height !== undefined) return Math.max(LEAST_BODY, figure.height - head - foot);
  const rows = Math.ceil(figure.panels.length / figure.columns);
  if (rows <= 1) return figure.columns > 1 ? 320 : 380;
  return rows * (figure.columns > 1 ? 240 : 260);
}

function drawParallel(parallel: Parallel, box: Box, hits: Hit[]): string {
  const { axes, lines } = parallel;
  const plot = { x: box.x + 70, y: box.y + 44, width: box.width - 110, height: box.height - 64 };
  const at = (i: number) => (axes.length < 2 ? plot.x : plot.x + (plot.width * i) / (axes.length - 1));
  const scales = axes.map((axis) => scaleOf(axis, plot.y + plot.height, plot.y, 28));
  const ordered = [...lines].sort((a, b) => Number(a.isFront === true) - Number(b.isFront === true));
  // Of many, thin ones let through what lies behind.
  const thin = lines.length > THICK_LINES ? { width: 0.5, opacity: 0.75 } : { width: 1.1, opacity: 0.55 };
  let svg = "";
  // Neighbours of one colour are one path: far fewer layers to blend.
  let path = "";
  for (const [k, line] of ordered.entries()) {
    const points = line.values
      .map((value, i) => [at(i), scales[i]!.at(value)] as const)
      .filter(([, y]) => Number.isFinite(y));
    path += points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${px(x)} ${px(y)}`).join("");
    for (const [x, y] of points) hits.push({ x, y, label: line.label, group: undefined });
    const next = ordered[k + 1];
    if (next?.color === line.color && next.isFront === line.isFront) continue;
    svg += element("path", {
      d: path,
      fill: "none",
      stroke: line.color,
      "stroke-width": line.isFront === true ? 2.6 : thin.width,
      "stroke-opacity": line.isFront === true ? 1 : thin.opacity,
    });
    path = "";
  }
  const each = plot.width / Math.max(1, axes.length - 1);
  for (const [i, axis] of axes.entries()) {
    svg += drawUpright(axis, scales[i]!, at(i), plot);
    const isHigh = axes.length > 6 && i % 2 === 1;
    const label = cutToSize(axis.label, Math.max(60, each * (axes.length > 6 ? 1.8 : 0.95)), 12);
    svg += textAt(at(i), plot.y - (isHigh ? 30 : 14), label, { size: 12, anchor: "middle" });
  }
  return svg;
}

function drawPanel(panel: Panel, box: Box, index: number, hits: Hit[]): string {
  if (panel.parallel !== undefined) return drawParallel(panel.parallel, box, hits);
  const set = setPanel(panel, box);
  const { plot } = set;
  // Points at the edge are not cut in half.
  const clip = { x: plot.x - 5, y: plot.y - 5, width: plot.width + 10, height: plot.height + 10 };
  const inside = panel.marks
    .filter((mark) => mark.kind !== "texts")
    .map((mark) => drawMark(mark, set, hits))
    .join("");
  const words = panel.marks.filter((mark) => mark.kind === "texts").map((mark) => drawMark(mark, set, hits));
  if (!reachesOut(panel)) return [drawAxes(set), inside, ...words].join("");
  return [
    drawAxes(set),
    element("clipPath", { id: `clip${index}` }, element("rect", clip)),
    element("g", { "clip-path": `url(#clip${index})` }, inside),
    ...words,
  ].join("");
}

/** Whether a mark goes beyond the axes, and must be cut off there. Cutting is a layer of its own, so not for nothing. */
function reachesOut({ x, y, marks }: Panel): boolean {
  const isOut = ({ domain: [low, high], isClamped }: Axis, values: readonly number[]) =>
    isClamped !== true && values.some((value) => value < low || value > high);
  return marks.some((mark) => {
    switch (mark.kind) {
      case "points":
      case "line":
        return isOut(x, mark.x) || isOut(y, mark.y);
      case "band":
        return isOut(x, mark.x) || isOut(y, mark.low) || isOut(y, mark.high);
      case "rects":
      case "segments":
        return isOut(x, mark.x0) || isOut(x, mark.x1) || isOut(y, mark.y0) || isOut(y, mark.y1);
      case "texts":
        return false;
      default:
        return mark satisfies never;
    }
  });
}

/** Draws a figure. The same figure gives the same text. */
export function drawSvg(figure: Figure): DrawnFigure {
  const width = widthOf(figure);
  const inner = width - 2 * PAD;
  const hits: Hit[] = [];
  const subtitle = figure.subtitle === undefined ? [] : wrapToSize(figure.subtitle, inner, 12);
  const head = 34 + 17 * subtitle.length + 6;
  const notes = figure.notes.flatMap((note) => wrapToSize(note, inner, NOTE));
  const foot = notes.length === 0 ? 6 : 15 * notes.length + 10;
  const body = bodyHeight(figure, head, foot);
  const height = head + body + foot;
  let svg = textAt(PAD, 26, cutToSize(figure.title, inner, 17), { size: 17 });
  for (const [i, line] of subtitle.entries()) svg += textAt(PAD, 45 + 17 * i, line, { color: "#444444" });
  if (figure.message !== undefined || figure.panels.length === 0) {
    const lines = wrapToSize(figure.message ?? "There is nothing to draw.", inner - 60, 14);
    const y = head + body / 2 - (lines.length * 20) / 2 + 10;
    svg += element("rect", { x: PAD, y: head, width: inner, height: body - 8, fill: "#f6f6f6" });
    for (const [i, line] of lines.entries()) {
      svg += textAt(width / 2, y + 20 * i, line, { size: 14, anchor: "middle", color: "#444444" });
    }
  } else {
    const side = legendWidth(figure.legend, figure.ramp);
    const each = (inner - side) / figure.columns;
    const rows = Math.ceil(figure.panels.length / figure.columns);
    for (const [i, panel] of figure.panels.entries()) {
      const row = Math.floor(i / figure.columns);
      const box = {
        x: PAD + (i % figure.columns) * each,
        y: head + (row * body) / rows,
        width: each - 6,
        height: body / rows - 4,
      };
      svg += drawPanel(panel, box, i, hits);
    }
    const x = width - PAD - side + 16;
    let y = head + 20;
    if (figure.legend !== undefined && figure.legend.entries.length > 0) {
      const drawn = drawLegend(figure.legend, x, y);
      svg += drawn.svg;
      y = drawn.bottom + 16;
    }
    if (figure.ramp !== undefined) svg += drawRamp(figure.ramp, x, y);
  }
  for (const [i, note] of notes.entries()) {
    const y = height - 9 - 15 * (notes.length - 1 - i);
    svg += textAt(PAD, y, note, { size: NOTE, color: "#555555" });
  }
  const description = [figure.subtitle, figure.message, ...figure.notes]
    .filter((text) => text !== undefined)
    .map((text) => (text.endsWith(".") ? text : `${text}.`));
  const about =
    element("title", {}, xmlText(figure.title)) + element("desc", {}, xmlText(description.join(" ")));
  const back = element("rect", { width, height, fill: "#ffffff" });
  return {
    svg: element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${px(width)} ${px(height)}`,
        width,
        height,
        "font-family": FAMILY,
        role: "img",
      },
      `${about}${back}${svg}`,
    ),
    width,
    height,
    hits,
  };
}
