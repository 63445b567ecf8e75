import type { MetricValue } from "../../experiment/record.ts";

/** One value that was read out of what a program wrote. */
export interface Reading {
  readonly name: string;
  readonly value: MetricValue;
  /** Integer from 0; `undefined` where the value belongs to the run as a whole. */
  readonly step: number | undefined;
}

/** Names of the field that says at which step the others of its line were measured, the first one that is there. */
export const STEP_NAMES: readonly string[] = ["step", "epoch"];

/** Longest name that is read as one; see the names that `capture.metric()` takes. */
const NAME_LENGTH = 200;

/** Whether a metric can have this name. What cannot is no metric, whatever it looks like. */
export function isMetricName(name: string): boolean {
  return name !== "" && name.length <= NAME_LENGTH && name !== "__proto__" && !/\p{Cc}/u.test(name);
}

/** A step, where a value is one. */
export function stepOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
