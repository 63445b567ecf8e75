import type { FinishedStatus, MetricValue } from "../../experiment/record.ts";
import type { Json } from "../../identity/canonical.ts";
import type { Objective } from "../../search/objective.ts";
import type { ForeignExperiment, ForeignRun, ImportNotes } from "./foreign.ts";
import { isScalar, objectOf, parsePythonJson, textOf, timeOf } from "./python-json.ts";

/** Numbers of states of trials; running and waiting ones are not taken over. */
const STATUSES: ReadonlyMap<unknown, FinishedStatus> = new Map([
  [1, "success"],
  [2, "pruned"],
  [3, "failed"],
]);

/** A trial, as far as it is known. States and directions are the numbers that Optuna has for them. */
export interface Trial {
  readonly number: number;
  state: unknown;
  values: readonly unknown[];
  started: unknown;
  completed: unknown;
  readonly params: Map<string, unknown>;
  readonly points: Map<number, number>;
  readonly attributes: Map<string, unknown>;
}

/** A study with its trials. */
export interface Study {
  readonly name: string;
  readonly directions: readonly unknown[];
  readonly attributes: Map<string, unknown>;
  readonly system: Map<string, unknown>;
  readonly trials: Trial[];
  readonly distributions: Map<string, Json>;
  isDeleted: boolean;
}

/** Whether a trial has come to its end, so that nothing changes it any more. */
export function isOver({ state }: Trial): boolean {
  return STATUSES.has(state);
}

/** Params are kept as numbers; those of a choice as its position. */
export function setParam(
  study: Study,
  trial: Trial,
  name: string,
  internal: unknown,
  distribution: unknown,
): void {
  const described = objectOf(typeof distribution === "string" ? parsePythonJson(distribution) : undefined);
  const { choices } = objectOf(described["attributes"]);
  const value = Array.isArray(choices) ? choices[Number(internal)] : internal;
  trial.params.set(name, value === undefined ? null : value);
  study.distributions.set(name, described as Json);
}

/** Names of the values of trials: as the user named them, else `value`, or `value_0`, `value_1`, … */
function valueNames(study: Study): readonly string[] {
  const named = study.system.get("study:metric_names");
  const count = study.directions.length;
  if (Array.isArray(named) && named.length === count && named.every((name) => typeof name === "string")) {
    return named as string[];
  }
  return count === 1 ? ["value"] : Array.from({ length: count }, (_, i) => `value_${i}`);
}

/** A study as an experiment. */
export function experimentOf(study: Study, notes: ImportNotes): ForeignExperiment {
  const names = valueNames(study);
  const objectives = names.map(
    (metric, i): Objective => ({ metric, direction: study.directions[i] === 2 ? "maximize" : "minimize" }),
  );
  const began = study.trials.reduce(
    (least, { started }) => Math.min(least, timeOf(started) ?? least),
    Number.POSITIVE_INFINITY,
  );
  return {
    name: study.name,
    version: "optuna",
    tags: [],
    metadata: Object.fromEntries(study.attributes),
    objectives: new Set(names).size === names.length ? objectives : [],
    params: { kind: "imported", from: "optuna", distributions: Object.fromEntries(study.distributions) },
    seeds: { base: 0, replicates: 1 },
    created: Number.isFinite(began) ? Math.floor(began) : 0,
    *runs() {
      for (const trial of study.trials) {
        const run = runOf(study, trial, names);
        if (run === undefined) notes.unfinished++;
        else yield run;
      }
    },
  };
}

function runOf(study: Study, trial: Trial, names: readonly string[]): ForeignRun | undefined {
  const status = STATUSES.get(trial.state);
  if (status === undefined) return undefined;
  const metrics = new Map<string, MetricValue>();
  const data = new Map<string, unknown>();
  for (const [i, value] of trial.values.entries()) {
    if (typeof value === "number" && names[i] !== undefined) metrics.set(names[i], value);
  }
  for (const [name, value] of trial.attributes) {
    if (isScalar(value) && !metrics.has(name)) metrics.set(name, value);
    else data.set(name, value);
  }
  const points = [...trial.points].sort(([a], [b]) => a - b);
  const series = { step: points.map(([step]) => step), value: points.map(([, value]) => value) };
  const started = timeOf(trial.started) ?? timeOf(trial.completed) ?? 0;
  return {
    identity: { tool: "optuna", study: study.name, trial: trial.number, started: String(trial.started) },
    trial: trial.number,
    replicate: 0,
    params: Object.fromEntries(trial.params),
    status,
    metrics: Object.fromEntries(metrics),
    // What a trial reports on its way is its one objective.
    series: points.length === 0 ? new Map() : new Map([[names[0] ?? "value", series]]),
    data,
    logs: [],
    artifacts: new Map(),
    tags: [],
    started,
    durationMs: Math.round(Math.max(0, (timeOf(trial.completed) ?? started) - started) * 1e3) / 1e3,
    ...(status === "failed" && {
      error: {
        class: "error",
        name: "Error",
        message: textOf(trial.attributes.get("error")) ?? "Optuna kept no message.",
      },
    }),
  };
}
