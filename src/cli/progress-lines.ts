import { plainLines } from "../execution/progress/reporter.ts";
import type { ProgressState } from "../experiment/event.ts";

/**
 * Tells how far a sweep is where no line can be rewritten, such as in a file or a log of CI: one line after each stretch
 * of time, none of a sweep that is a single run, and none at its end, which is told otherwise.
 */
export function progressLines(
  name: string,
  note: (line: string) => void,
  everyMs?: number,
): (state: ProgressState) => void {
  const tell = plainLines(name, note, everyMs);
  return (state) => {
    if (state.total > 1 && state.done < state.total) tell(state);
  };
}
