import type { Mark, Panel } from "../figure.ts";
import type { Scale } from "../scale.ts";
import type { Canvas } from "./canvas.ts";

/** Blocks of groups where there are no colours to tell them apart. */
const BLOCKS = ["█", "▒", "▓", "░"];
/** Characters of a magnitude, from low to high. */
export const SHADES = ["·", "░", "▒", "▓", "█"];

/** What marks are drawn on. */
export interface Ground {
  readonly canvas: Canvas;
  readonly x: Scale;
  readonly y: Scale;
  readonly panel: Panel;
  readonly isGrid: boolean;
  readonly hasColor: boolean;
}

/** What fills the area of a group. */
export function blockOf(group: number | undefined, hasColor: boolean): string {
  return hasColor || group === undefined ? "█" : BLOCKS[group % BLOCKS.length]!;
}

export function drawMark(mark: Mark, ground: Ground): undefined {
  const { canvas, x, y } = ground;
  switch (mark.kind) {
    case "points":
      for (let i = 0; i < mark.x.length; i++) {
        canvas.dot(x.at(mark.x[i]!), y.at(mark.y[i]!), mark.colors === undefined ? mark.color : undefined);
      }
      return;
    case "line":
      drawLine(mark.x, mark.y, mark.isStepped === true, mark.color, ground);
      return;
    case "band":
      // Its edges as dots: a filled area would hide the line in it.
      for (let i = 0; i < mark.x.length; i++) {
        canvas.dot(x.at(mark.x[i]!), y.at(mark.low[i]!), mark.color);
        canvas.dot(x.at(mark.x[i]!), y.at(mark.high[i]!), mark.color);
      }
      return;
    case "segments":
      for (let i = 0; i < mark.x0.length; i++) {
        canvas.line(x.at(mark.x0[i]!), y.at(mark.y0[i]!), x.at(mark.x1[i]!), y.at(mark.y1[i]!), mark.color);
      }
      return;
    case "rects":
      drawRects(mark, ground);
      return;
    case "texts":
      for (const [i, text] of mark.texts.entries()) {
        const row = Math.floor(y.at(mark.y[i]!) / 4);
        const column = Math.min(canvas.columns - text.length, Math.floor(x.at(mark.x[i]!) / 2) + 2);
        for (const [k, character] of [...text].entries()) canvas.put(column + k, row, character, undefined);
      }
      return;
    default:
      return mark satisfies never;
  }
}

function drawLine(
  xs: readonly number[],
  ys: readonly number[],
  isStepped: boolean,
  color: string,
  { canvas, x, y }: Ground,
): void {
  let last: readonly [number, number] | undefined;
  for (let i = 0; i < xs.length; i++) {
    const [atX, atY] = [x.at(xs[i]!), y.at(ys[i]!)];
    if (!Number.isFinite(xs[i]!) || Number.isNaN(ys[i]!) || Number.isNaN(atX) || Number.isNaN(atY)) {
      last = undefined;
      continue;
    }
    if (last === undefined) canvas.dot(atX, atY, color);
    else if (isStepped) {
      canvas.line(last[0], last[1], atX, last[1], color);
      canvas.line(atX, last[1], atX, atY, color);
    } else canvas.line(last[0], last[1], atX, atY, color);
    last = [atX, atY];
  }
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LOWER = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇"];

function drawRects(mark: Rects, ground: Ground): void {
  const { canvas, x, y, panel, isGrid } = ground;
  const [low, high] = magnitudes(mark.colors);
  for (let i = 0; i < mark.x0.length; i++) {
    const [left, right] = [x.at(mark.x0[i]!) / 2, x.at(mark.x1[i]!) / 2];
    const [top, bottom] = [y.at(mark.y1[i]!) / 4, y.at(mark.y0[i]!) / 4];
    if (![left, right, top, bottom].every(Number.isFinite)) continue;
    if (mark.colors !== undefined) {
      const color = mark.colors[i]!;
      const share = high > low ? (lightness(color) - low) / (high - low) : 0.5;
      const sign = SHADES[Math.min(4, Math.floor(share * 5))]!;
      const [first, last] = isGrid
        ? [Math.floor((top + bottom) / 2), Math.floor((top + bottom) / 2)]
        : [Math.round(top), Math.round(bottom) - 1];
      for (let row = first; row <= last; row++) {
        for (let column = Math.round(left); column < Math.round(right); column++)
          canvas.put(column, row, sign, color);
      }
    } else if (mark.isOutlined === true) {
      canvas.line(2 * left, 4 * top, 2 * right, 4 * top, mark.color);
      canvas.line(2 * left, 4 * bottom, 2 * right, 4 * bottom, mark.color);
      canvas.line(2 * left, 4 * top, 2 * left, 4 * bottom, mark.color);
      canvas.line(2 * right, 4 * top, 2 * right, 4 * bottom, mark.color);
    } else if (panel.y.scale === "category") {
      drawLying(left, right, Math.floor((top + bottom) / 2), mark, ground);
    } else {
      drawStanding(left, right, top, bottom, mark, ground);
    }
  }
}

type Rects = Extract<Mark, { kind: "rects" }>;

/** A bar on its side, to an eighth of a character where it is alone on its line. */
function drawLying(
  left: number,
  right: number,
  row: number,
  mark: Rects,
  { canvas, hasColor }: Ground,
): void {
  const block = blockOf(mark.group, hasColor);
  const first = Math.floor(left);
  for (let column = first; column < Math.floor(right) || column === first; column++) {
    const isWhole = right - column >= 1 || mark.group !== undefined;
    canvas.put(column, row, isWhole ? block : EIGHTHS[Math.floor((right - column) * 8)] || "▏", mark.color);
  }
  const rest = EIGHTHS[Math.floor((right % 1) * 8)];
  if (mark.group === undefined && rest && right - left > 1)
    canvas.put(Math.floor(right), row, rest, mark.color);
}

/** A bar that stands, to an eighth of a character where nothing is stacked on it. */
function drawStanding(
  left: number,
  right: number,
  top: number,
  bottom: number,
  mark: Rects,
  { canvas, hasColor }: Ground,
): void {
  const isStacked = mark.group !== undefined;
  const first = isStacked ? Math.round(top) : Math.ceil(top);
  const columns = Math.max(1, Math.round(right) - Math.round(left));
  for (let k = 0; k < columns; k++) {
    const column = Math.round(left) + k;
    for (let row = first; row < Math.round(bottom); row++) {
      canvas.put(column, row, blockOf(mark.group, hasColor), mark.color);
    }
    const part = LOWER[Math.floor((first - top) * 8)];
    if (!isStacked && part) canvas.put(column, first - 1, part, mark.color);
  }
}

function lightness(color: string): number {
  return [1, 3, 5].reduce(
    (sum, at, i) => sum + [0.2126, 0.7152, 0.0722][i]! * Number.parseInt(color.slice(at, at + 2), 16),
    0,
  );
}

function magnitudes(colors: readonly string[] | undefined): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const color of colors ?? []) {
    low = Math.min(low, lightness(color));
    high = Math.max(high, lightness(color));
  }
  return [low, high];
}
