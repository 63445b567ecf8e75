import { lineText } from "../execution/progress/line.ts";
import type { ProgressState } from "../experiment/event.ts";

/** Milliseconds between two lines, where the user does not say. */
const EVERY_MS = 10_000;

/**
 * Tells how far a sweep is where no line can be rewritten, such as in a file or a log of CI: one line after each stretch
 * of time, none of a sweep that is a single run.
 *
 * @param now - milliseconds of a clock that never goes back.
 */
export function progressLines(
  name: string,
  note: (line: string) => void,
  everyMs: number = EVERY_MS,
  now: () => number = () => performance.now(),
): (state: ProgressState) => void {
  let last = now();
  return (state) => {
    const time = now();
    if (time - last < everyMs || state.total <= 1 || state.done >= state.total) return;
    last = time;
    note(`metalab: ${lineText(name, state, Number.POSITIVE_INFINITY)}`);
  };
}
