import { cutText, textWidth } from "../../identity/text-width.ts";
import { cleanText } from "../../results/text.ts";
import type { Axis, Parallel } from "../figure.ts";
import { scaleOf } from "../scale.ts";
import { ticksOf } from "../ticks.ts";
import { Canvas } from "./canvas.ts";
import { paintOf } from "./paint.ts";

/** Axes side by side with the lines across them, as lines of text. */
export function drawParallel(
  { axes, lines }: Parallel,
  options: { readonly width: number; readonly height?: number | undefined; readonly color: boolean },
): readonly string[] {
  const rows = Math.max(6, options.height ?? 14);
  const canvas = new Canvas(options.width, rows);
  const scales = axes.map((axis) => scaleOf(axis, canvas.height - 1, 0, 6));
  const at = (i: number) => Math.round(((canvas.width - 1) * i) / Math.max(1, axes.length - 1));
  const paint = paintOf(options.color);
  for (const line of [...lines].sort((a, b) => Number(a.isFront === true) - Number(b.isFront === true))) {
    for (let i = 1; i < axes.length; i++) {
      const [a, b] = [scales[i - 1]!.at(line.values[i - 1]!), scales[i]!.at(line.values[i]!)];
      if (Number.isFinite(a) && Number.isFinite(b))
        canvas.line(at(i - 1), a, at(i), b, line.isFront === true ? line.color : undefined);
    }
  }
  for (const i of axes.keys())
    for (let row = 0; row < rows; row++) canvas.put(Math.floor(at(i) / 2), row, "│", undefined);
  const each = Math.max(4, Math.floor(options.width / axes.length) - 1);
  const end = (axis: Axis, isHigh: boolean) => {
    const ticks = ticksOf(axis, 4).filter(({ text }) => text !== "");
    return (isHigh ? ticks.at(-1) : ticks[0])?.text ?? "";
  };
  const spread = (texts: readonly string[]) => {
    const cells = texts.map((text) => cutText(cleanText(text), each));
    let line = "";
    for (const [i, text] of cells.entries()) {
      const size = textWidth(text);
      const start = Math.min(
        options.width - size,
        Math.max(textWidth(line) + (i === 0 ? 0 : 1), Math.round(at(i) / 2 - size / 2)),
      );
      line += " ".repeat(Math.max(0, start - textWidth(line))) + text;
    }
    return line;
  };
  return [
    spread(axes.map((axis) => axis.label)),
    spread(axes.map((axis) => end(axis, true))),
    ...canvas.lines(paint),
    spread(axes.map((axis) => (axis.hasHoles ? "not set" : end(axis, false)))),
  ];
}
