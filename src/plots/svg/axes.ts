import type { Axis, Panel } from "../figure.ts";
import { type Scale, scaleOf } from "../scale.ts";
import { cutToSize, textSize } from "../text-size.ts";
import { type Tick, ticksOf } from "../ticks.ts";
import { element, lineAt, textAt } from "./element.ts";

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A panel with its place, its ticks and what turns values into pixels. */
export interface SetPanel {
  readonly panel: Panel;
  /** Where the marks lie. */
  readonly plot: Box;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** Whether the names under the panel are turned. */
  readonly isTurned: boolean;
}

const TICK = 11;
const LABEL = 12;
const GRID = "#e6e6e6";
const AXIS = "#555555";
const SOFT = "#444444";
const TURNED_LONGEST = 110;
const HOLE_STRIP = 44;

function widest(ticks: readonly Tick[], longest: number): number {
  return Math.max(0, ...ticks.map(({ text }) => textSize(cutToSize(text, longest, TICK), TICK)));
}

/** Whether names of ticks that are about evenly spread touch one another. */
function isTight(ticks: readonly Tick[], room: number): boolean {
  const named = ticks.filter(({ text }) => text !== "");
  return named.reduce((sum, { text }) => sum + textSize(text, TICK) + 6, 0) > room;
}

/** Whether ticks stand where the values are, so that each that is left out is missed. */
function isNamed({ scale, choices }: Axis): boolean {
  return scale === "category" || choices !== undefined;
}

/** Divides the place of a panel among its title, axes, labels and marks. */
export function setPanel(panel: Panel, box: Box): SetPanel {
  const longest = box.width * 0.32;
  const titleHeight = panel.title === undefined ? 0 : 20;
  const about = (size: number, each: number) => Math.max(2, Math.floor(size / each));
  const yTicks = ticksOf(panel.y, about(box.height, isNamed(panel.y) ? 15 : 46));
  const holeText = panel.y.hasHoles ? textSize("not set", TICK) : 0;
  const left = Math.max(widest(yTicks, longest), holeText) + 12 + (panel.y.label === "" ? 0 : 20);
  const room = box.width - left - 12;
  const perTick =
    panel.x.choices !== undefined
      ? widest(ticksOf(panel.x, room), 200) + 10
      : Math.max(64, widest(ticksOf(panel.x, about(room, 70)), 200) + 14);
  let xTicks = ticksOf(panel.x, about(room, panel.x.scale === "category" ? 16 : perTick));
  const along = room - (panel.x.hasHoles ? HOLE_STRIP : 0);
  // A step is rounded, so there may be more of them than asked for.
  for (
    let most = xTicks.length - 1;
    panel.x.scale !== "category" && most >= 1 && isTight(xTicks, along);
    most--
  )
    xTicks = ticksOf(panel.x, most);
  const each = room / Math.max(1, panel.x.categories.length);
  const isTurned = panel.x.scale === "category" && widest(xTicks, room) > each * 0.92;
  if (isTurned) xTicks = ticksOf(panel.x, about(room, 18));
  const bottom =
    (isTurned ? Math.min(TURNED_LONGEST, widest(xTicks, TURNED_LONGEST)) * 0.72 + 16 : 20) +
    (panel.x.label === "" ? 4 : 20);
  const plot = {
    x: box.x + left,
    y: box.y + titleHeight + 6,
    width: Math.max(20, room),
    height: Math.max(20, box.height - titleHeight - 6 - bottom),
  };
  return {
    panel,
    plot,
    xTicks,
    yTicks,
    isTurned,
    x: scaleOf(panel.x, plot.x, plot.x + plot.width, HOLE_STRIP),
    y: scaleOf(panel.y, plot.y + plot.height, plot.y, 24),
  };
}

function holeStrips({ panel, plot, x, y }: SetPanel): string {
  let text = "";
  if (panel.x.hasHoles) {
    text += element("rect", {
      x: plot.x,
      y: plot.y,
      width: HOLE_STRIP - 8,
      height: plot.height,
      fill: "#f4f4f4",
    });
    text += textAt(x.hole, plot.y + plot.height + 14, "not set", { size: 10, anchor: "middle", color: SOFT });
  }
  if (panel.y.hasHoles) {
    text += element("rect", {
      x: plot.x,
      y: plot.y + plot.height - 19,
      width: plot.width,
      height: 19,
      fill: "#f4f4f4",
    });
    text += textAt(plot.x - 7, y.hole + 4, "not set", { size: 10, anchor: "end", color: SOFT });
  }
  return text;
}

/** Grid, ticks, labels and title of a panel; marks are drawn over it. */
export function drawAxes(set: SetPanel): string {
  const { panel, plot, isTurned } = set;
  const bottom = plot.y + plot.height;
  let text = holeStrips(set);
  const category = (axis: Axis) => axis.scale === "category";
  const hasCells = panel.marks.some((mark) => mark.kind === "rects" && mark.colors !== undefined);
  for (const tick of set.xTicks) {
    const at = set.x.at(tick.value);
    if (at < plot.x - 0.5 || at > plot.x + plot.width + 0.5) continue;
    if (tick.text !== "" && !category(panel.x) && !hasCells) text += lineAt(at, plot.y, at, bottom, GRID);
    text += lineAt(at, bottom, at, bottom + (tick.text === "" ? 3 : 5), AXIS);
    if (tick.text === "") continue;
    text += isTurned
      ? textAt(at + 3, bottom + 15, cutToSize(tick.text, TURNED_LONGEST, TICK), {
          size: TICK,
          anchor: "end",
          turned: -45,
        })
      : textAt(at, bottom + 17, tick.text, { size: TICK, anchor: "middle" });
  }
  for (const tick of set.yTicks) {
    const at = set.y.at(tick.value);
    if (at < plot.y - 0.5 || at > bottom + 0.5) continue;
    if (tick.text !== "" && !category(panel.y) && !hasCells)
      text += lineAt(plot.x, at, plot.x + plot.width, at, GRID);
    text += lineAt(plot.x - (tick.text === "" ? 3 : 5), at, plot.x, at, AXIS);
    if (tick.text === "") continue;
    text += textAt(plot.x - 8, at + 4, cutToSize(tick.text, plot.x * 2, TICK), { size: TICK, anchor: "end" });
  }
  text += lineAt(plot.x, bottom, plot.x + plot.width, bottom, AXIS);
  text += lineAt(plot.x, plot.y, plot.x, bottom, AXIS);
  return text + drawLabels(set);
}

function drawLabels({ panel, plot, yTicks, isTurned, xTicks }: SetPanel): string {
  let text = "";
  const middle = plot.x + plot.width / 2;
  if (panel.title !== undefined) {
    text += textAt(middle, plot.y - 9, cutToSize(panel.title, plot.width + 40, 13), {
      size: 13,
      anchor: "middle",
    });
  }
  if (panel.x.label !== "") {
    const below = isTurned ? widest(xTicks, TURNED_LONGEST) * 0.72 + 16 : 20;
    const label = cutToSize(panel.x.label, plot.width + 30, LABEL);
    text += textAt(middle, plot.y + plot.height + below + 15, label, {
      size: LABEL,
      anchor: "middle",
      color: SOFT,
    });
  }
  if (panel.y.label !== "") {
    const holeText = panel.y.hasHoles ? textSize("not set", TICK) : 0;
    const x = plot.x - Math.max(widest(yTicks, plot.x), holeText) - 17;
    const label = cutToSize(panel.y.label, plot.height + 30, LABEL);
    text += textAt(x, plot.y + plot.height / 2, label, {
      size: LABEL,
      anchor: "middle",
      color: SOFT,
      turned: -90,
    });
  }
  return text;
}

/** A vertical axis of its own, for parallel coordinates. */
export function drawUpright(axis: Axis, scale: Scale, x: number, plot: Box): string {
  const bottom = plot.y + plot.height;
  let text = lineAt(x, plot.y, x, bottom, AXIS);
  for (const tick of ticksOf(axis, Math.max(2, Math.floor(plot.height / (isNamed(axis) ? 15 : 46))))) {
    const at = scale.at(tick.value);
    text += lineAt(x - (tick.text === "" ? 2 : 4), at, x, at, AXIS);
    if (tick.text === "") continue;
    const label = cutToSize(tick.text, 90, TICK);
    text += textAt(x - 6, at + 4, label, { size: TICK, anchor: "end", hasHalo: true });
  }
  if (axis.hasHoles)
    text += textAt(x - 6, scale.hole + 4, "not set", { size: 10, anchor: "end", color: SOFT, hasHalo: true });
  return text;
}
