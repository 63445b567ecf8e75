import pc from "picocolors";

/** The colour of a terminal nearest to each colour of groups; others stay as they are. */
const NEAREST = {
  "#0072b2": "blue",
  "#d55e00": "red",
  "#009e73": "green",
  "#cc79a7": "magenta",
  "#e69f00": "yellow",
  "#56b4e9": "cyan",
  "#b03a00": "red",
  "#9a9a9a": "dim",
} as const;

/** A function that colours text as on paper, as far as a terminal can; one that does nothing where it must not. */
export function paintOf(color: boolean): (text: string, color: string | undefined) => string {
  const tones = pc.createColors(color);
  return (text, hex) => {
    const name =
      hex === undefined ? undefined : (NEAREST as Readonly<Record<string, keyof typeof tones>>)[hex];
    return name === undefined ? text : (tones[name] as (text: string) => string)(text);
  };
}
