import { escapeHtml } from "../../results/html.ts";
import { cleanText } from "../../results/text.ts";
import { INK } from "../colors.ts";

/** A coordinate as text: a tenth of a pixel is enough. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

/** What XML has no place for, even escaped: halves of characters, and two that are none. */
const NO_CHARACTERS = /[\p{Cs}\ufffe\uffff]/gu;

/** Any text as content of an element: one line, without controls, halves of characters and tags. */
export function xmlText(text: string): string {
  return escapeHtml(cleanText(text).replaceAll(NO_CHARACTERS, "\ufffd"));
}

/** An element; attributes without a value are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content?: string,
): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    text += ` ${key}="${typeof value === "number" ? px(value) : escapeHtml(value)}"`;
  }
  return content === undefined ? `${text}/>` : `${text}>${content}</${name}>`;
}

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly color?: string;
  /** Degrees, about its place. */
  readonly turned?: number;
  readonly class?: string | undefined;
  /** White around the letters, for text over lines. */
  readonly hasHalo?: boolean;
}

/** A line of text with its baseline at a place. Anything may stand in it. */
export function textAt(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, anchor, color = INK, turned } = style;
  return element(
    "text",
    {
      class: style.class,
      x,
      y,
      "font-size": size,
      fill: color,
      "text-anchor": anchor === "start" ? undefined : anchor,
      ...(style.hasHalo === true && { stroke: "#ffffff", "stroke-width": 3, "paint-order": "stroke" }),
      transform: turned === undefined ? undefined : `rotate(${turned} ${px(x)} ${px(y)})`,
    },
    xmlText(text),
  );
}

/** A straight line. */
export function lineAt(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
): string {
  return element("path", {
    d: `M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}`,
    stroke: color,
    fill: "none",
    ...attributes,
  });
}
