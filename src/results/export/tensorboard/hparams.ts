import type { RunStatus } from "../../../experiment/record.ts";
import type { ExportColumn } from "../../columns.ts";
import { ProtoWriter } from "./protobuf.ts";

/** Name of the plugin, and the tags under which it looks for what it knows. */
export const HPARAMS = "hparams";
export const EXPERIMENT_TAG = "_hparams_/experiment";
export const START_TAG = "_hparams_/session_start_info";
export const END_TAG = "_hparams_/session_end_info";

/** Distinct values up to which TensorBoard is offered all of them to choose from, and not only a range. */
const MAX_CHOICES = 50;

const TYPES = { text: 1, boolean: 2, float: 3 } as const;
const STATUSES: Readonly<Record<RunStatus, number>> = {
  success: 1,
  failed: 2,
  running: 3,
  // TensorBoard has no words for these.
  pruned: 0,
  cancelled: 0,
  interrupted: 0,
};

/** A param of some runs as a hyperparameter: all its values are of one type. */
export interface HParam {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  /** The value of the run at a position; `undefined` where it has none. */
  at(position: number): number | string | boolean | undefined;
}

/** Params of some runs as hyperparameters. What TensorBoard has no type for is text, as are params of mixed types. */
export function hparamsOf(columns: readonly ExportColumn[], runs: number): readonly HParam[] {
  return columns.filter(({ name }) => name.startsWith("params.")).map((column) => hparamOf(column, runs));
}

function hparamOf(column: ExportColumn, runs: number): HParam {
  const name = column.name.slice("params.".length);
  const { kind } = column;
  if (kind === "boolean") return { name, type: kind, at: (i) => column.at(i) as boolean | undefined };
  if (kind === "float" && hasOnlyFinite(column, runs)) {
    return { name, type: kind, at: (i) => (column.at(i) ?? undefined) as number | undefined };
  }
  return {
    name,
    type: "text",
    at: (i) => {
      const batch = column.batch(i, i + 1);
      if (batch.kind === "text") return batch.codes[0]! < 0 ? undefined : column.texts[batch.codes[0]!];
      const value = column.at(i);
      return value === undefined || value === null ? undefined : String(value);
    },
  };
}

/** Its messages go to the browser as JSON, where a NaN among hyperparameters is an error of the server. */
function hasOnlyFinite(column: ExportColumn, runs: number): boolean {
  for (let i = 0; i < runs; i++) {
    const value = column.at(i);
    if (typeof value === "number" && !Number.isFinite(value)) return false;
  }
  return true;
}

/** What a whole experiment is made of. */
export interface ExperimentFacts {
  readonly name: string;
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly hparams: readonly HParam[];
  readonly metrics: readonly string[];
  readonly runs: number;
}

/** Message of the plugin that says what hyperparameters and metrics there are. */
export function experimentMessage(facts: ExperimentFacts): Uint8Array {
  return pluginMessage(2, (experiment) => {
    experiment.text(1, facts.description).double(3, facts.created / 1_000);
    for (const hparam of facts.hparams)
      experiment.message(4, (info) => writeHParam(info, hparam, facts.runs));
    for (const tag of facts.metrics) {
      experiment.message(5, (info) => info.message(1, (name) => name.text(2, tag)));
    }
    experiment.text(6, facts.name);
  });
}

function writeHParam(info: ProtoWriter, hparam: HParam, runs: number): void {
  info.text(1, hparam.name).int(4, TYPES[hparam.type]);
  const distinct = new Set<number | string | boolean>();
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let isMissing = false;
  for (let i = 0; i < runs; i++) {
    const value = hparam.at(i);
    if (value === undefined) {
      isMissing = true;
      continue;
    }
    if (distinct.size <= MAX_CHOICES) distinct.add(value);
    if (typeof value !== "number") continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (distinct.size <= MAX_CHOICES) {
    const values = [...distinct].sort(ascending);
    info.message(5, (list) => {
      for (const value of values) list.message(1, (entry) => writeValue(entry, value));
    });
  } else if (hparam.type === "float") info.message(6, (range) => range.double(1, least).double(2, greatest));
  // By this TensorBoard chooses the columns that it shows at first.
  info.int(7, isMissing || distinct.size > 1);
}

function ascending(a: number | string | boolean, b: number | string | boolean): number {
  return a < b ? -1 : 1;
}

/** Message of the plugin that a run has begun. */
export function startMessage(
  hparams: readonly HParam[],
  position: number,
  group: string,
  started: number,
): Uint8Array {
  return pluginMessage(3, (session) => {
    for (const hparam of hparams) {
      const value = hparam.at(position);
      if (value === undefined) continue;
      session.message(1, (entry) => {
        entry.text(1, hparam.name).message(2, (message) => writeValue(message, value));
      });
    }
    session.text(4, group).double(5, started / 1_000);
  });
}

/** Message of the plugin that a run has ended. */
export function endMessage(status: RunStatus, ended: number): Uint8Array {
  return pluginMessage(4, (session) => session.int(1, STATUSES[status]).double(2, ended / 1_000));
}

/** A `google.protobuf.Value`. */
function writeValue(message: ProtoWriter, value: number | string | boolean): void {
  if (typeof value === "number") message.double(2, value);
  else if (typeof value === "string") message.text(3, value);
  else message.int(4, value);
}

/** A `HParamsPluginData` of version 0, which is the one there is. */
function pluginMessage(field: number, fill: (message: ProtoWriter) => void): Uint8Array {
  return Uint8Array.from(new ProtoWriter().message(field, fill).bytes);
}
