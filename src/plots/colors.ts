import type { Dash, Shape } from "./figure.ts";

/**
 * Colours for groups: told apart by people with any kind of colour vision, dark enough on white, and of different
 * lightness in print. A choice and an order of the palette of Okabe and Ito without its yellow.
 *
 * @see Okabe, Ito 2008, "Color Universal Design"; Wong 2011, "Points of view: Color blindness", Nature Methods 8, 441.
 */
const GROUP_COLORS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#5a5a5a",
];
/** What is neither a group nor a value: axes of reference, other groups, failed runs. */
export const QUIET = "#9a9a9a";
export const INK = "#222222";

const SHAPES: readonly Shape[] = ["circle", "square", "triangle", "diamond", "cross", "plus"];
const DASHES: readonly Dash[] = ["solid", "dashed", "dotted", "dashdot"];

/** Colour, shape and dash of the group with an index; shapes and dashes tell apart what a printer makes equal. */
export function groupStyle(index: number): {
  readonly color: string;
  readonly shape: Shape;
  readonly dash: Dash;
} {
  return {
    color: GROUP_COLORS[index % GROUP_COLORS.length]!,
    shape: SHAPES[index % SHAPES.length]!,
    dash: DASHES[index % DASHES.length]!,
  };
}

/**
 * Colours of a magnitude from low to high: viridis up to nine tenths, since its end in light yellow cannot be seen on
 * white. Lightness grows evenly, so it stays in order when printed in grey.
 *
 * @see van der Walt, Smith 2015, "A better default colormap for Matplotlib", SciPy conference.
 */
export const RAMP: readonly string[] = [
  "#440154",
  "#482878",
  "#3e4a89",
  "#31688e",
  "#26828e",
  "#1f9e89",
  "#35b779",
  "#6dcd59",
  "#b4de2c",
];

function channel(hex: string, at: number): number {
  return Number.parseInt(hex.slice(at, at + 2), 16);
}

/** A colour between two, in sRGB. */
function mix(a: string, b: string, share: number): string {
  const parts = [1, 3, 5].map((at) => Math.round(channel(a, at) * (1 - share) + channel(b, at) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of a share from 0 to 1; the quiet one where the share is not a number. */
export function rampColor(share: number): string {
  if (!Number.isFinite(share)) return QUIET;
  // 64 steps: more cannot be told apart, and equal colours can be drawn together.
  const stepped = Math.round(Math.min(1, Math.max(0, share)) * 64) / 64;
  const position = stepped * (RAMP.length - 1);
  const below = Math.min(RAMP.length - 2, Math.floor(position));
  return mix(RAMP[below]!, RAMP[below + 1]!, position - below);
}

/** Whether white text can be read on a colour (relative luminance by the sRGB weights). */
export function isDark(color: string): boolean {
  return 0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5) < 140;
}
