import { textWidth as columnsOf } from "../identity/text-width.ts";

/** Widths of the characters from space to tilde in the shipped font, in thousandths of the size. */
const WIDTHS = [
  260, 269, 408, 646, 572, 831, 732, 225, 300, 300, 551, 572, 268, 322, 268, 372, 572, 572, 572, 572, 572,
  572, 572, 572, 572, 572, 268, 268, 572, 572, 572, 434, 899, 639, 650, 632, 730, 556, 519, 728, 741, 339,
  273, 619, 524, 907, 760, 781, 605, 781, 622, 549, 556, 731, 600, 930, 586, 566, 572, 329, 372, 329, 572,
  444, 281, 561, 615, 480, 615, 564, 344, 615, 618, 258, 258, 534, 258, 935, 618, 605, 615, 615, 413, 479,
  361, 618, 508, 786, 529, 510, 470, 380, 551, 380, 572,
];

/** Width of a text in pixels, a little too much rather than too little for letters beyond ASCII. */
export function textSize(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const known = WIDTHS[code - 32];
    width += known ?? (columnsOf(character) === 2 ? 1000 : 640);
  }
  return (width * size) / 1000;
}

/** A text cut to a width in pixels, with `…` where something was cut. */
export function cutToSize(text: string, width: number, size: number): string {
  if (textSize(text, size) <= width) return text;
  const characters = [...text];
  let end = characters.length;
  while (end > 0 && textSize(`${characters.slice(0, end).join("")}…`, size) > width) end--;
  return `${characters.slice(0, end).join("").trimEnd()}…`;
}

/** A text in lines that fit a width in pixels. */
export function wrapToSize(text: string, width: number, size: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textSize(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(cutToSize(word, width, size));
  }
  return lines;
}
