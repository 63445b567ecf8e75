import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ForeignSource, ImportNotes } from "./foreign.ts";
import { experimentOf, isOver, type Study, setParam, type Trial } from "./optuna-study.ts";
import { objectOf, parsePythonJson } from "./python-json.ts";

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
    if (found === undefined || isOver(found.trial)) return;
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

/** Whether a line is one of a journal. */
export function isJournalLine(line: string): boolean {
  try {
    const { op_code: code } = objectOf(parsePythonJson(line));
    return typeof code === "number";
  } catch {
    return false;
  }
}
