import { CurveHistory, curvePoints } from "../../src/search/curves.ts";
import type { Direction } from "../../src/search/objective.ts";
import type { Pruner } from "../../src/search/pruner.ts";

/** A family of curves, and who may cut them short. */
export interface PrunedSearch {
  readonly pruner: Pruner;
  /** Trials, one after the other; each asks after every report. */
  readonly count: number;
  /** Steps in the order in which they are reported. */
  readonly steps: readonly number[];
  /** Smaller is better; when maximizing, the negative is reported. */
  readonly value: (trial: number, step: number) => number;
  readonly direction?: Direction;
}

/** How many reports each trial made, and the curves of all. */
export function prunedSearch({ pruner, count, steps, value, direction = "minimize" }: PrunedSearch): {
  readonly reports: readonly number[];
  readonly peers: CurveHistory;
} {
  const sign = direction === "maximize" ? -1 : 1;
  const peers = new CurveHistory();
  const reports: number[] = [];
  for (let trial = 0; trial < count; trial += 1) {
    const values = steps.map((step) => sign * value(trial, step));
    const after = (made: number) => curvePoints(steps.slice(0, made), values.slice(0, made), direction);
    let made = 0;
    let isStopped = false;
    while (!isStopped && made < steps.length) {
      made += 1;
      isStopped = pruner.shouldPrune({ trial, replicate: 0, direction, peers, ...after(made) });
    }
    reports.push(made);
    peers.add({ trial, replicate: 0, isComplete: !isStopped, ...after(made) });
  }
  return { reports, peers };
}
