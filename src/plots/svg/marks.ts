import { isDark } from "../colors.ts";
import type {
  BandMark,
  Dash,
  LineMark,
  Mark,
  PointMark,
  RectMark,
  SegmentMark,
  Shape,
  TextMark,
} from "../figure.ts";
import type { SetPanel } from "./axes.ts";
import { element, px, textAt } from "./element.ts";

/** A place that says something when it is pointed at, in pixels of the picture. */
export interface Hit {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly group: number | undefined;
}

/** More points than these are drawn as one path for each colour: much smaller files, no white edges. */
const EDGED_POINTS = 400;

const DASH_ARRAYS: Readonly<Record<Dash, string | undefined>> = {
  solid: undefined,
  dashed: "7 4",
  dotted: "2 3",
  dashdot: "8 3 2 3",
};

export function dashArray(dash: Dash | undefined): string | undefined {
  return dash === undefined ? undefined : DASH_ARRAYS[dash];
}

/** The outline of a point of a form, as a path. */
export function shapePath(shape: Shape, x: number, y: number, radius: number): string {
  const r = px(radius);
  const at = `M${px(x)} ${px(y)}`;
  switch (shape) {
    case "circle":
      return `${at}m-${r} 0a${r} ${r} 0 1 0 ${px(2 * radius)} 0a${r} ${r} 0 1 0 -${px(2 * radius)} 0z`;
    case "square": {
      const side = px(1.76 * radius);
      return `${at}m-${px(0.88 * radius)} -${px(0.88 * radius)}h${side}v${side}h-${side}z`;
    }
    case "triangle":
      return `${at}m0 -${px(1.2 * radius)}l${px(1.1 * radius)} ${px(1.95 * radius)}h-${px(2.2 * radius)}z`;
    case "diamond":
      return `${at}m0 -${px(1.25 * radius)}l${px(1.25 * radius)} ${px(1.25 * radius)}l-${px(1.25 * radius)} ${px(1.25 * radius)}l-${px(1.25 * radius)} -${px(1.25 * radius)}z`;
    case "cross":
      return `${at}m-${r} -${r}l${px(2 * radius)} ${px(2 * radius)}m0 -${px(2 * radius)}l-${px(2 * radius)} ${px(2 * radius)}`;
    case "plus":
      return `${at}m-${px(1.2 * radius)} 0h${px(2.4 * radius)}m-${px(1.2 * radius)} -${px(1.2 * radius)}v${px(2.4 * radius)}`;
    default:
      return shape satisfies never;
  }
}

/** Forms that are strokes and not areas. */
export const isStroke = (shape: Shape): boolean => shape === "cross" || shape === "plus";

/** The points, and a hit for each one that has a label. */
function drawPoints(mark: PointMark, { x, y }: SetPanel, hits: Hit[]): string {
  const { shape = "circle", radius = 3.2 } = mark;
  const paths = new Map<string, string[]>();
  const isEdged = mark.x.length <= EDGED_POINTS;
  for (let i = 0; i < mark.x.length; i++) {
    const [atX, atY] = [x.at(mark.x[i]!), y.at(mark.y[i]!)];
    if (Number.isNaN(atX) || Number.isNaN(atY)) continue;
    const color = mark.colors?.[i] ?? mark.color;
    let list = paths.get(color);
    if (list === undefined) {
      list = [];
      paths.set(color, list);
    }
    const [outX, outY] = [x.beyond(mark.x[i]!), y.beyond(mark.y[i]!)];
    if (outX !== 0 || outY !== 0) list.push(edgeMark(atX, atY, outX, outY));
    else if (shape === "circle" && !isEdged) list.push(`M${px(atX)} ${px(atY)}h0`);
    else list.push(shapePath(shape, atX, atY, radius));
    const label = mark.labels?.[i];
    if (label !== undefined) hits.push({ x: atX, y: atY, label, group: mark.group });
  }
  const dots = shape === "circle" && !isEdged;
  const pieces = [...paths].map(([color, list]) => {
    const strokes = isStroke(shape);
    return element("path", {
      d: list.join(""),
      fill: strokes ? "none" : color,
      stroke: dots || strokes ? color : "#ffffff",
      "stroke-width": dots ? 1.6 * radius : strokes ? 1.6 : radius < 2 ? 0 : 0.6,
      "stroke-linecap": dots ? "round" : undefined,
      "fill-opacity": mark.opacity,
      "stroke-opacity": dots ? (mark.opacity ?? 1) * 0.8 : undefined,
    });
  });
  return pieces.join("");
}

/** A small triangle at the edge that points to where the value lies. */
function edgeMark(x: number, y: number, outX: number, outY: number): string {
  if (outY !== 0) return `M${px(x)} ${px(y)}l-4 ${px(7 * outY)}h8z`;
  return `M${px(x)} ${px(y)}l${px(-7 * outX)} -4v8z`;
}

/** The path through points; a hole ends a piece. */
function pathThrough(
  xs: readonly number[],
  ys: readonly number[],
  set: SetPanel,
  isStepped: boolean,
): string {
  let path = "";
  let isOpen = false;
  let lastY = 0;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(xs[i]!) || Number.isNaN(ys[i]!)) {
      isOpen = false;
      continue;
    }
    const [x, y] = [set.x.at(xs[i]!), set.y.at(ys[i]!)];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    if (!isOpen) path += `M${px(x)} ${px(y)}`;
    else if (!isStepped) path += `L${px(x)} ${px(y)}`;
    else path += px(y) === px(lastY) ? `H${px(x)}` : `H${px(x)}V${px(y)}`;
    isOpen = true;
    lastY = y;
  }
  return path;
}

/** A line through a single point, or one between two holes, is a dot. */
function loneDots({ x: xs, y: ys, color, opacity, width = 2 }: LineMark, set: SetPanel): string {
  const isThere = (i: number) => Number.isFinite(xs[i]) && ys[i] !== undefined && !Number.isNaN(ys[i]);
  return xs
    .map((x, i) => {
      if (!isThere(i) || isThere(i - 1) || isThere(i + 1)) return "";
      const [cx, cy] = [set.x.at(x), set.y.at(ys[i]!)];
      if (Number.isNaN(cx) || Number.isNaN(cy)) return "";
      return element("circle", {
        cx: px(cx),
        cy: px(cy),
        r: width + 1,
        fill: color,
        "fill-opacity": opacity,
      });
    })
    .join("");
}

function drawLine(mark: LineMark, set: SetPanel, hits: Hit[]): string {
  const { x, y } = set;
  const path = pathThrough(mark.x, mark.y, set, mark.isStepped === true);
  if (mark.label !== undefined) {
    const every = Math.max(1, Math.ceil(mark.x.length / 200));
    for (let i = 0; i < mark.x.length; i += every) {
      const [atX, atY] = [x.at(mark.x[i]!), y.at(mark.y[i]!)];
      if (Number.isFinite(atX) && Number.isFinite(atY))
        hits.push({ x: atX, y: atY, label: mark.label, group: mark.group });
    }
  }
  const through = element("path", {
    d: path,
    fill: "none",
    stroke: mark.color,
    "stroke-width": mark.width ?? 2,
    "stroke-linejoin": "round",
    "stroke-dasharray": dashArray(mark.dash),
    "stroke-opacity": mark.opacity,
  });
  const line = through + loneDots(mark, set);
  const end = mark.x.length - 1;
  if (mark.endLabel === undefined || end < 0) return line;
  return (
    line +
    textAt(x.at(mark.x[end]!) + 4, y.at(mark.y[end]!) + 4, mark.endLabel, { size: 11, color: mark.color })
  );
}

function drawBand(mark: BandMark, set: SetPanel): string {
  const isStepped = mark.isStepped === true;
  const keep = mark.x
    .map((_, i) => i)
    .filter((i) => Number.isFinite(mark.low[i]!) && Number.isFinite(mark.high[i]!));
  if (keep.length < 2) return "";
  const xs = keep.map((i) => mark.x[i]!);
  const there = pathThrough(
    xs,
    keep.map((i) => mark.high[i]!),
    set,
    isStepped,
  );
  // Backwards a level lasts until the point before, so the corners are put in by hand.
  let back = "";
  for (let k = keep.length - 1; k >= 0; k--) {
    const x = set.x.at(xs[k]!);
    const low = set.y.at(mark.low[keep[k]!]!);
    back += `L${px(x)} ${px(low)}`;
    if (isStepped && k > 0) back += `L${px(x)} ${px(set.y.at(mark.low[keep[k - 1]!]!))}`;
  }
  return element("path", { d: `${there}${back}z`, fill: mark.color, "fill-opacity": mark.opacity ?? 0.18 });
}

function drawRects(mark: RectMark, { x, y }: SetPanel, hits: Hit[]): string {
  const byColor = new Map<string, string[]>();
  const words: string[] = [];
  let narrowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mark.x0.length; i++) {
    const [left, right] = [x.at(mark.x0[i]!), x.at(mark.x1[i]!)];
    const [top, bottom] = [y.at(mark.y1[i]!), y.at(mark.y0[i]!)];
    if (![left, right, top, bottom].every(Number.isFinite)) continue;
    narrowest = Math.min(narrowest, right - left);
    const color = mark.colors?.[i] ?? mark.color;
    const path = `M${px(left)} ${px(top)}H${px(right)}V${px(bottom)}H${px(left)}z`;
    const list = byColor.get(color);
    if (list === undefined) byColor.set(color, [path]);
    else list.push(path);
    const label = mark.labels?.[i];
    const middle = [(left + right) / 2, (top + bottom) / 2] as const;
    if (label !== undefined) hits.push({ x: middle[0], y: middle[1], label, group: mark.group });
    const text = mark.texts?.[i];
    if (text === undefined || text === "") continue;
    const style = { size: 11, anchor: "middle", color: isDark(color) ? "#ffffff" : "#222222" } as const;
    words.push(textAt(middle[0], middle[1] + 4, text, style));
  }
  const isFlush = mark.colors !== undefined && mark.isOutlined !== true;
  const rects = [...byColor].map(([color, list]) =>
    element("path", {
      d: list.join(""),
      fill: color,
      "fill-opacity": mark.opacity,
      // A stroke of its own colour hides the seams between cells.
      stroke: mark.isOutlined === true ? mark.color : isFlush ? color : narrowest > 4 ? "#ffffff" : undefined,
      "stroke-width": mark.isOutlined === true ? 1.4 : 0.5,
    }),
  );
  return rects.join("") + words.join("");
}

function drawSegments(mark: SegmentMark, { x, y }: SetPanel): string {
  let path = "";
  for (let i = 0; i < mark.x0.length; i++) {
    const [x0, x1] = [x.at(mark.x0[i]!), x.at(mark.x1[i]!)];
    const [y0, y1] = [y.at(mark.y0[i]!), y.at(mark.y1[i]!)];
    if (![x0, x1, y0, y1].every(Number.isFinite)) continue;
    path += `M${px(x0)} ${px(y0)}L${px(x1)} ${px(y1)}`;
    if (mark.hasCaps !== true) continue;
    const isUpright = Math.abs(y1 - y0) >= Math.abs(x1 - x0);
    for (const [atX, atY] of [
      [x0, y0],
      [x1, y1],
    ] as const) {
      path += isUpright ? `M${px(atX - 3)} ${px(atY)}h6` : `M${px(atX)} ${px(atY - 3)}v6`;
    }
  }
  return element("path", {
    d: path,
    fill: "none",
    stroke: mark.color,
    "stroke-width": mark.width ?? 1.2,
    "stroke-dasharray": dashArray(mark.dash),
    "stroke-opacity": mark.opacity,
  });
}

function drawTexts(mark: TextMark, { x, y }: SetPanel): string {
  return mark.texts
    .map((text, i) =>
      textAt(x.at(mark.x[i]!) + (mark.dx ?? 0), y.at(mark.y[i]!) + 4, text, {
        size: 11,
        anchor: mark.anchor ?? "start",
        color: mark.color,
        hasHalo: true,
      }),
    )
    .join("");
}

/** A mark as SVG; what it says of its places is added to the hits. */
export function drawMark(mark: Mark, set: SetPanel, hits: Hit[]): string {
  const { group, shift } = mark;
  const own: Hit[] = [];
  const inside = drawInside(mark, set, own);
  for (const hit of own) hits.push(shift === undefined ? hit : { ...hit, x: hit.x + shift });
  if (group === undefined && shift === undefined) return inside;
  const attributes = {
    class: group === undefined ? undefined : `g${group}`,
    transform: shift === undefined ? undefined : `translate(${px(shift)} 0)`,
  };
  return element("g", attributes, inside);
}

function drawInside(mark: Mark, set: SetPanel, hits: Hit[]): string {
  switch (mark.kind) {
    case "points":
      return drawPoints(mark, set, hits);
    case "line":
      return drawLine(mark, set, hits);
    case "band":
      return drawBand(mark, set);
    case "rects":
      return drawRects(mark, set, hits);
    case "segments":
      return drawSegments(mark, set);
    case "texts":
      return drawTexts(mark, set);
    default:
      return mark satisfies never;
  }
}
