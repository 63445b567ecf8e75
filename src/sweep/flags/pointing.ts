import { DefinitionError } from "../../errors.ts";

/** Characters of the value that are shown on each side of the one that is pointed at. */
const SHOWN = 60;

/** What is wrong with the value of a flag, and where. */
export interface Fault {
  /** The flag as it was written, as messages begin. */
  readonly flag: string;
  /** The whole value. */
  readonly text: string;
  /** Place in the value, counted from 0. */
  readonly at: number;
  /** What is expected, got what: *a range needs a step other than 0, got 0*. */
  readonly problem: string;
  readonly advice: string;
}

/** An error whose message shows the value with a mark under the character that is wrong. */
export function faultError({ flag, text, at, problem, advice }: Fault): DefinitionError {
  return new DefinitionError(
    "METALAB_FLAG",
    `${flag}: ${problem} at character ${at + 1}. ${advice}\n${pointer(text, at)}`,
    { flag, text, at },
  );
}

/** Two lines: the value, and a mark under one of its characters. */
function pointer(text: string, at: number): string {
  const start = Math.max(0, at - SHOWN);
  const end = Math.min(text.length, at + SHOWN);
  const head = start > 0 ? "..." : "";
  const tail = end < text.length ? "..." : "";
  // One column for each character, whatever it is.
  const line = text.slice(start, end).replaceAll(/\p{Cc}/gu, " ");
  return `  ${head}${line}${tail}\n  ${" ".repeat(head.length + [...text.slice(start, at)].length)}^`;
}
