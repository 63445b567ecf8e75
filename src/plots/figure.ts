/**
 * A picture as plain data: what is to be seen, not yet where each line lies. Every plot makes one, and every form
 * (SVG, PNG, HTML, terminal) is drawn from it.
 *
 * Positions are values of the axes. On an axis of categories a position is the index of a category. A position that
 * is not finite is a hole: the value is not there, and the point stands in the strip beside the axis.
 */
export interface Figure {
  readonly title: string;
  readonly subtitle?: string | undefined;
  /** Sentences under the picture: what was left out, sampled or drawn at the edge. */
  readonly notes: readonly string[];
  /** Panels row by row; a figure without any shows its `message`. */
  readonly panels: readonly Panel[];
  /** Panels beside each other. */
  readonly columns: number;
  readonly legend?: Legend | undefined;
  readonly ramp?: RampLegend | undefined;
  /** Why there is nothing to draw, as a sentence. */
  readonly message?: string | undefined;
  /** Width and height in CSS pixels, where they were asked for. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A coordinate system and what lies in it. */
export interface Panel {
  readonly title?: string | undefined;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  /** Axes side by side instead of `x` and `y`, for parallel coordinates. */
  readonly parallel?: Parallel | undefined;
}

/** `linear`, `log` and `time` (milliseconds since the epoch) are numbers; `category` has an index for each name. */
export type ScaleKind = "linear" | "log" | "time" | "category";

/** One direction of a panel. */
export interface Axis {
  readonly label: string;
  readonly scale: ScaleKind;
  /** Least and greatest value shown. */
  readonly domain: readonly [number, number];
  /** Names of a `category` axis. */
  readonly categories: readonly string[];
  /** Whether there is a strip for points that have no value here: params that do not apply. */
  readonly hasHoles: boolean;
  /** All its values in order, where they are few: ticks stand at these and nowhere else. */
  readonly choices?: readonly number[] | undefined;
  /** All values are whole numbers, so that ticks between them say nothing. */
  readonly isWhole?: boolean | undefined;
  /** Values beyond the domain are drawn at the edge and not left out. */
  readonly isClamped?: boolean | undefined;
}

/** Dashes of a line, by name. */
export type Dash = "solid" | "dashed" | "dotted" | "dashdot";
/** Forms of a point, by name. */
export type Shape = "circle" | "square" | "triangle" | "diamond" | "cross" | "plus";

/** What all marks have. */
export interface Styled {
  /** Hex colour of the whole mark. */
  readonly color: string;
  /** Index of the entry of the legend that it belongs to. */
  readonly group?: number | undefined;
  /** From 0 to 1. @defaultValue 1 */
  readonly opacity?: number | undefined;
  /** Pixels to the right, so that groups at one place do not cover each other. */
  readonly shift?: number | undefined;
}

/** Points at places. */
export interface PointMark extends Styled {
  readonly kind: "points";
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** A colour for each point, where they differ. */
  readonly colors?: readonly string[] | undefined;
  /** What is told of each point when it is pointed at. */
  readonly labels?: readonly string[] | undefined;
  readonly shape?: Shape | undefined;
  /** Radius in pixels. @defaultValue 3.2 */
  readonly radius?: number | undefined;
}

/** A line through places; a hole ends a piece of it. */
export interface LineMark extends Styled {
  readonly kind: "line";
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly dash?: Dash | undefined;
  /** @defaultValue 2 */
  readonly width?: number | undefined;
  /** Level until the next point, as a best-so-far curve is. */
  readonly isStepped?: boolean | undefined;
  readonly label?: string | undefined;
  /** Written at its end. */
  readonly endLabel?: string | undefined;
}

/** The area between two curves. */
export interface BandMark extends Styled {
  readonly kind: "band";
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly isStepped?: boolean | undefined;
}

/** Rectangles from `(x0, y0)` to `(x1, y1)`: bars, cells, boxes. On categories, half an index to each side is full. */
export interface RectMark extends Styled {
  readonly kind: "rects";
  readonly x0: readonly number[];
  readonly x1: readonly number[];
  readonly y0: readonly number[];
  readonly y1: readonly number[];
  readonly colors?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
  /** Text within each: the value of a cell. */
  readonly texts?: readonly string[] | undefined;
  readonly isOutlined?: boolean | undefined;
}

/** Straight pieces from `(x0, y0)` to `(x1, y1)`: error bars, whiskers, reference lines. */
export interface SegmentMark extends Styled {
  readonly kind: "segments";
  readonly x0: readonly number[];
  readonly x1: readonly number[];
  readonly y0: readonly number[];
  readonly y1: readonly number[];
  readonly width?: number | undefined;
  readonly dash?: Dash | undefined;
  /** Short strokes across the ends. */
  readonly hasCaps?: boolean | undefined;
}

/** Words at places. */
export interface TextMark extends Styled {
  readonly kind: "texts";
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly texts: readonly string[];
  readonly anchor?: "start" | "middle" | "end" | undefined;
  /** Pixels to the right of the place. */
  readonly dx?: number | undefined;
}

/** What lies in a panel. */
export type Mark = PointMark | LineMark | BandMark | RectMark | SegmentMark | TextMark;

/** What colours, shapes and dashes stand for. */
export interface Legend {
  readonly title?: string | undefined;
  readonly entries: readonly LegendEntry[];
}

/** One look and what it stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly shape?: Shape | undefined;
  readonly dash?: Dash | undefined;
  readonly kind: "point" | "line" | "area";
}

/** What colours between two ends stand for. */
export interface RampLegend {
  readonly title: string;
  readonly scale: "linear" | "log" | "time";
  readonly domain: readonly [number, number];
  /** Colours at equal distances from the low end to the high one. */
  readonly colors: readonly string[];
}

/** Axes side by side, and the lines across them. */
export interface Parallel {
  readonly axes: readonly Axis[];
  readonly lines: readonly ParallelLine[];
}

/** A line across parallel axes. */
export interface ParallelLine {
  /** A position on each axis. */
  readonly values: readonly number[];
  readonly color: string;
  readonly label: string;
  readonly isFront?: boolean | undefined;
}
