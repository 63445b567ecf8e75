import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { DefinitionError, show } from "../../errors.ts";
import type { FinishedStatus, MetricValue } from "../../experiment/record.ts";
import type { Json } from "../../identity/canonical.ts";
import type { Objective } from "../../search/objective.ts";
import type { ForeignExperiment, ForeignRun, ForeignSource, ImportNotes } from "./foreign.ts";
import { isScalar, objectOf, parsePythonJson, textOf, timeOf } from "./python-json.ts";

/** What a line of a journal does. */
const OPERATIONS = {
  createStudy: 0,
  deleteStudy: 1,
  studyAttribute: 2,
  studySystemAttribute: 3,
  createTrial: 4,
  param: 5,
  state: 6,
  intermediate: 7,
  trialAttribute: 8,
  trialSystemAttribute: 9,
} as const;

/** Numbers of states of trials; running and waiting ones are not taken over. */
const STATUSES: ReadonlyMap<unknown, FinishedStatus> = new Map([
  [1, "success"],
  [2, "pruned"],
  [3, "failed"],
]);

interface Trial {
  readonly number: number;
  state: unknown;
  values: readonly unknown[];
  started: unknown;
  completed: unknown;
  readonly params: Map<string, unknown>;
  readonly points: Map<number, number>;
  readonly attributes: Map<string, unknown>;
}

interface Study {
  readonly name: string;
  readonly directions: readonly unknown[];
  readonly attributes: Map<string, unknown>;
  readonly system: Map<string, unknown>;
  readonly trials: Trial[];
  readonly distributions: Map<string, Json>;
  isDeleted: boolean;
}

/**
 * The studies in a journal file of Optuna (`JournalStorage` with `JournalFileBackend`, or the older
 * `JournalFileStorage`): one line of JSON for each thing that was done.
 */
export function optunaJournal(path: string, notes: ImportNotes): ForeignSource {
  return {
    tool: "optuna",
    async *experiments() {
      for (const study of await readStudies(path, notes)) {
        if (!study.isDeleted && study.trials.length > 0) yield experimentOf(study, notes);
      }
    },
  };
}

async function readStudies(path: string, notes: ImportNotes): Promise<readonly Study[]> {
  const journal = new Journal();
  let number = 0;
  let torn: string | undefined;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    number++;
    if (torn !== undefined) notes.lose(path, torn);
    torn = undefined;
    if (line.trim() === "") continue;
    try {
      journal.apply(objectOf(parsePythonJson(line)));
    } catch {
      torn = `line ${number} is no JSON`;
    }
  }
  // The last line may be one that is being written.
  if (torn !== undefined)
    notes.lose(path, `${torn}; it is the last one, which may not have been written to its end`);
  return journal.studies;
}

/** What the lines of a journal come to, one after another. */
class Journal {
  readonly studies: Study[] = [];
  readonly #trials: { readonly study: Study; readonly trial: Trial }[] = [];

  apply(line: Readonly<Record<string, unknown>>): void {
    const { op_code: code } = line;
    if (code === OPERATIONS.createStudy) this.#createStudy(line);
    else if (code === OPERATIONS.createTrial) this.#createTrial(line);
    else if (typeof code === "number" && code <= OPERATIONS.studySystemAttribute)
      this.#changeStudy(code, line);
    else this.#changeTrial(code, line);
  }

  /** Asking for a study that there is writes a line too, to no effect. */
  #createStudy(line: Readonly<Record<string, unknown>>): void {
    const name = String(line["study_name"]);
    if (this.studies.some((study) => study.name === name && !study.isDeleted)) return;
    this.studies.push({
      name,
      directions: Array.isArray(line["directions"]) ? line["directions"] : [],
      attributes: new Map(),
      system: new Map(),
      trials: [],
      distributions: new Map(),
      isDeleted: false,
    });
  }

  #changeStudy(code: number, line: Readonly<Record<string, unknown>>): void {
    const study = this.studies[Number(line["study_id"])];
    if (study === undefined) return;
    if (code === OPERATIONS.deleteStudy) study.isDeleted = true;
    if (code === OPERATIONS.studyAttribute) assign(study.attributes, line["user_attr"]);
    if (code === OPERATIONS.studySystemAttribute) assign(study.system, line["system_attr"]);
  }

  #createTrial(line: Readonly<Record<string, unknown>>): void {
    const study = this.studies[Number(line["study_id"])];
    if (study === undefined || study.isDeleted) return;
    const trial: Trial = {
      number: study.trials.length,
      state: line["state"] ?? 0,
      values: valuesOf(line),
      started: line["datetime_start"],
      completed: line["datetime_complete"],
      params: new Map(),
      points: new Map(),
      attributes: new Map(Object.entries(objectOf(line["user_attrs"]))),
    };
    // A trial that was copied or added whole has all in its first line.
    const distributions = objectOf(line["distributions"]);
    for (const [name, value] of Object.entries(objectOf(line["params"]))) {
      setParam(study, trial, name, value, distributions[name]);
    }
    for (const [step, value] of Object.entries(objectOf(line["intermediate_values"]))) {
      trial.points.set(Number(step), Number(value));
    }
    study.trials.push(trial);
    this.#trials.push({ study, trial });
  }

  #changeTrial(code: unknown, line: Readonly<Record<string, unknown>>): void {
    const found = this.#trials[Number(line["trial_id"])];
    if (found === undefined || STATUSES.has(found.trial.state)) return;
    const { study, trial } = found;
    if (code === OPERATIONS.param) {
      setParam(study, trial, String(line["param_name"]), line["param_value_internal"], line["distribution"]);
    } else if (code === OPERATIONS.state) {
      // Of two workers that take up one waiting trial, the second one's line has no effect.
      if (line["state"] === 0 && trial.state === 0) return;
      trial.state = line["state"];
      if (Array.isArray(line["values"])) trial.values = line["values"];
      trial.started = line["datetime_start"] ?? trial.started;
      trial.completed = line["datetime_complete"] ?? trial.completed;
    } else if (code === OPERATIONS.intermediate) {
      trial.points.set(Number(line["step"]), Number(line["intermediate_value"]));
    } else if (code === OPERATIONS.trialAttribute) assign(trial.attributes, line["user_attr"]);
  }
}

function assign(into: Map<string, unknown>, values: unknown): void {
  for (const [name, value] of Object.entries(objectOf(values))) into.set(name, value);
}

function valuesOf(line: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (Array.isArray(line["values"])) return line["values"];
  return typeof line["value"] === "number" ? [line["value"]] : [];
}

/** Params are kept as numbers; those of a choice as its position. */
function setParam(study: Study, trial: Trial, name: string, internal: unknown, distribution: unknown): void {
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

function experimentOf(study: Study, notes: ImportNotes): ForeignExperiment {
  const names = valueNames(study);
  const objectives = names.map(
    (metric, i): Objective => ({ metric, direction: study.directions[i] === 2 ? "maximize" : "minimize" }),
  );
  const starts = study.trials.flatMap(({ started }) => timeOf(started) ?? []);
  return {
    name: study.name,
    version: "optuna",
    tags: [],
    metadata: Object.fromEntries(study.attributes),
    objectives: new Set(names).size === names.length ? objectives : [],
    params: { kind: "imported", from: "optuna", distributions: Object.fromEntries(study.distributions) },
    seeds: { base: 0, replicates: 1 },
    created: starts.length === 0 ? 0 : Math.floor(Math.min(...starts)),
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

/** Whether a line is one of a journal. */
export function isJournalLine(line: string): boolean {
  try {
    const { op_code: code } = objectOf(parsePythonJson(line));
    return typeof code === "number";
  } catch {
    return false;
  }
}

/** A database of Optuna, told by its first bytes. @throws DefinitionError always */
export function refuseDatabase(path: string): never {
  throw new DefinitionError(
    "METALAB_IMPORT_DATABASE",
    `importRuns(): of Optuna journal files are read, got the SQLite database ${show(path)}. Copy its studies with Python first: optuna.copy_study(from_study_name=…, from_storage="sqlite:///…", to_storage=JournalStorage(JournalFileBackend("study.journal"))).`,
    { path },
  );
}
