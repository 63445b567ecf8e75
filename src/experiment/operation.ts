import type { Rng } from "../math/random.ts";
import type { LogLevel, MetricValue } from "./record.ts";

/** One point's values: parameter name to value. */
export type Params = Readonly<Record<string, unknown>>;

/** What an operation may return: scalars by name. */
export type MetricValues = Readonly<Record<string, MetricValue>>;

/** A series whose points have free fields. */
export interface Track {
  /** Adds one point. Fields are scalars or plain JSON. */
  append(point: Readonly<Record<string, unknown>>): void;
}

/** How a value is to be stored. */
export interface ArtifactOptions {
  /** Serializer to use (`"json"`, `"text"`, `"bytes"`, `"npy"`, `"arrow"`, `"image"`); chosen by value when absent. */
  readonly kind?: string;
}

/** Through what a run reports. Calls without `await` are finished before the record is written. */
export interface Capture {
  /**
   * Reports a scalar. With a `step` it also becomes a point of the series of that name, and the metric is the
   * last step's value unless the operation returns that name.
   */
  metric(name: string, value: MetricValue, options?: { readonly step?: number }): void;
  /** Reports several scalars at once. */
  metrics(values: MetricValues, options?: { readonly step?: number }): void;
  /** A named series whose points have free fields. */
  track(name: string): Track;
  /** Keeps a line of text with the run. */
  log(message: string, level?: LogLevel): void;
  /** Keeps a value as named, content-addressed bytes. */
  artifact(name: string, value: unknown, options?: ArtifactOptions): Promise<void>;
  /** Keeps a copy of a file. */
  file(name: string, path: string): Promise<void>;
  /**
   * Adds to what the run has cost: money, tokens, anything that adds up. The sum is the metric `cost`, or
   * `cost.<unit>`, and is what `budget: { cost }` of `run()` limits.
   */
  cost(amount: number, unit?: string): void;
  /** Keeps a (small) JSON value with the run. */
  data(name: string, value: unknown): void;
}

/** The randomness of one run. The same replicate has the same seeds in every trial (common random numbers). */
export interface RunSeeds {
  /** 32 hex digits from which everything below derives. */
  readonly root: string;
  readonly replicate: number;
  /** An independent named stream; each call starts it anew. */
  rng(name?: string): Rng;
  /** An unsigned 32-bit integer for somebody else's generator. */
  derive(name: string): number;
}

/** What a run knows of its place in the plan. */
export interface TrialInfo {
  readonly number: number;
  readonly replicate: number;
  /** Whether a pruner advises to stop now. Always `false` when no pruner is at work. */
  shouldPrune(): Promise<boolean>;
  /** Ends the run as `pruned`, keeping what it reported. Never returns. */
  prune(): never;
}

/** What an operation is called with. */
export interface OperationInput<P extends Params = Params, C = unknown> {
  /** The run's content hash, 64 hex digits. */
  readonly id: string;
  readonly params: P;
  readonly seeds: RunSeeds;
  readonly capture: Capture;
  readonly trial: TrialInfo;
  /** What the experiment declared; shared by all runs of the sweep, so write to no typed array in it. */
  readonly context: C;
  /** Index of the cross-validation fold, where folds are used. */
  readonly fold: number | undefined;
  /** Aborted when the run is to stop: cancelled, timed out, or the sweep was stopped. */
  readonly signal: AbortSignal;
}
