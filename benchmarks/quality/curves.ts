import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Curve } from "./study.ts";

/** All runs of one optimiser on one problem: one line of a `.jsonl` file of curves. */
export interface Runs {
  readonly problem: string;
  readonly sampler: string;
  readonly seeds: readonly number[];
  /** Seconds of each run: CPU time for ours, by the clock for the peers. */
  readonly sec: readonly number[];
  readonly curves: readonly Curve[];
}

export function readRuns(file: string | URL): Runs[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Runs);
}

/** Writes runs, one line each. */
export function writeRuns(file: string, runs: readonly Runs[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, runs.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

/** Best value after so many evaluations; of the first one when there is none yet. */
export function bestAt(curve: Curve, evaluations: number): number {
  let best = curve[0]?.[1] ?? Number.NaN;
  for (const [evaluation, value] of curve) if (evaluation <= evaluations) best = value;
  return best;
}
