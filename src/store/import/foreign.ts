import type { Manifest } from "../../experiment/manifest.ts";
import type { FinishedStatus, LogLine, MetricValue, RunError } from "../../experiment/record.ts";
import type { SourceDescription } from "../../experiment/source.ts";
import type { Json } from "../../identity/canonical.ts";
import type { Objective } from "../../search/objective.ts";

/** Programs whose runs can be read. */
export type ForeignTool = "optuna" | "mlflow" | "metalab-python";

/** A metric by step, as another program kept it. */
export interface ForeignSeries {
  readonly step: readonly number[];
  readonly value: readonly number[];
}

/** A finished run that another program made. */
export interface ForeignRun {
  /** What tells it apart from all other runs of that program, wherever its files lie. */
  readonly identity: Json;
  readonly trial: number;
  readonly replicate: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly status: FinishedStatus;
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly series: ReadonlyMap<string, ForeignSeries>;
  readonly data: ReadonlyMap<string, unknown>;
  readonly logs: readonly LogLine[];
  /** Name to file. */
  readonly artifacts: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly durationMs: number;
  readonly error?: RunError;
}

/** Runs that belong together, as another program kept them. */
export interface ForeignExperiment {
  /** As the other program has it, so it may be no name of a folder. */
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly objectives: readonly Objective[];
  readonly params: SourceDescription;
  readonly seeds: { readonly base: number | string; readonly replicates: number };
  /** Milliseconds since the epoch. */
  readonly created: number;
  runs(): AsyncIterable<ForeignRun> | Iterable<ForeignRun>;
}

/** Whether an experiment was taken over from another program. Metadata would not tell: anybody may write there. */
export function isImported({ params }: Manifest): boolean {
  return params.kind === "imported";
}

/** What was met while reading that could not be taken over. */
export class ImportNotes {
  /** Runs that were not at their end. */
  unfinished = 0;
  readonly lost: { readonly file: string; readonly what: string }[] = [];

  lose(file: string, what: string): void {
    this.lost.push({ file, what });
  }
}

/** Files of another program. Nothing is ever written to them. */
export interface ForeignSource {
  readonly tool: ForeignTool;
  experiments(): AsyncIterable<ForeignExperiment>;
}
