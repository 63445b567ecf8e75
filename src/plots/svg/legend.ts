import type { Legend, LegendEntry, RampLegend } from "../figure.ts";
import { scaleOf } from "../scale.ts";
import { cutToSize, textSize } from "../text-size.ts";
import { ticksOf } from "../ticks.ts";
import { element, lineAt, textAt } from "./element.ts";
import { dashArray, isStroke, shapePath } from "./marks.ts";

const SIZE = 12;
const ROW = 19;
const WIDEST = 190;
const RAMP_HEIGHT = 170;

/** Pixels that a legend takes at the right. */
export function legendWidth(legend: Legend | undefined, ramp: RampLegend | undefined): number {
  const texts = (legend?.entries ?? []).map(({ label }) => textSize(label, SIZE) + 34);
  const titles = [legend?.title, ramp?.title].flatMap((title) => (title ? [textSize(title, SIZE)] : []));
  const widest = Math.max(0, ...texts, ...titles, ramp === undefined ? 0 : 74);
  return widest === 0 ? 0 : Math.min(WIDEST, widest) + 22;
}

function sample(entry: LegendEntry, x: number, y: number): string {
  const { color, shape, dash, kind } = entry;
  if (kind === "area") return element("rect", { x: x + 2, y: y - 5, width: 18, height: 10, fill: color });
  let text = "";
  if (kind === "line") {
    text += lineAt(x, y, x + 24, y, color, { "stroke-width": 2, "stroke-dasharray": dashArray(dash) });
  }
  if (shape !== undefined) {
    text += element("path", {
      d: shapePath(shape, x + 12, y, 4),
      fill: isStroke(shape) ? "none" : color,
      stroke: isStroke(shape) ? color : undefined,
      "stroke-width": isStroke(shape) ? 1.6 : undefined,
    });
  }
  return text;
}

/** A legend with its corner at a place. Entries carry the class of their marks, so that a page can switch them. */
export function drawLegend(
  legend: Legend,
  x: number,
  y: number,
): { readonly svg: string; readonly bottom: number } {
  let svg = "";
  let at = y;
  if (legend.title !== undefined && legend.title !== "") {
    svg += textAt(x, at, cutToSize(legend.title, WIDEST, SIZE), { size: SIZE, color: "#444444" });
    at += ROW;
  }
  for (const [index, entry] of legend.entries.entries()) {
    const label = textAt(x + 32, at + 4, cutToSize(entry.label, WIDEST - 32, SIZE), { size: SIZE });
    svg += element("g", { class: "entry", "data-group": String(index) }, sample(entry, x, at) + label);
    at += ROW;
  }
  return { svg, bottom: at };
}

/** The bar of colours of a magnitude, with its ticks. */
export function drawRamp(ramp: RampLegend, x: number, y: number): string {
  const axis = {
    label: "",
    scale: ramp.scale,
    domain: ramp.domain,
    categories: [],
    hasHoles: false,
  } as const;
  const top = y + 14;
  const scale = scaleOf(axis, top + RAMP_HEIGHT, top, 0);
  const stops = ramp.colors.map((color, i) =>
    element("stop", { offset: `${Math.round((100 * i) / (ramp.colors.length - 1))}%`, "stop-color": color }),
  );
  let svg = textAt(x, y, cutToSize(ramp.title, WIDEST, SIZE), { size: SIZE, color: "#444444" });
  svg += element("linearGradient", { id: "ramp", x1: "0", y1: "1", x2: "0", y2: "0" }, stops.join(""));
  svg += element("rect", { x, y: top, width: 16, height: RAMP_HEIGHT, fill: "url(#ramp)" });
  for (const tick of ticksOf(axis, 5)) {
    const at = scale.at(tick.value);
    svg += lineAt(x + 16, at, x + (tick.text === "" ? 18 : 21), at, "#555555");
    if (tick.text !== "") svg += textAt(x + 25, at + 4, tick.text, { size: 11 });
  }
  return svg;
}
