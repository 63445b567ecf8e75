import type { ForeignSource, ImportNotes } from "./foreign.ts";
import { experimentOf, type Study, setParam, type Trial } from "./optuna-study.ts";
import { parsePythonJson } from "./python-json.ts";
import type { Sqlite, SqliteRow } from "./sqlite.ts";

/** Numbers that Optuna has for its words, as its journals have them. */
const STATES = new Map<unknown, number>([
  ["RUNNING", 0],
  ["COMPLETE", 1],
  ["PRUNED", 2],
  ["FAIL", 3],
  ["WAITING", 4],
]);
const DIRECTIONS = new Map<unknown, number>([
  ["MINIMIZE", 1],
  ["MAXIMIZE", 2],
]);

/** Numbers that a column cannot hold. */
const SPECIAL = new Map<unknown, number>([
  ["INF_POS", Number.POSITIVE_INFINITY],
  ["INF_NEG", Number.NEGATIVE_INFINITY],
  ["NAN", Number.NaN],
]);

/** The tables of Optuna 3 and later: `version_info.schema_version`. */
export const OPTUNA_SCHEMA = 12;

/** The studies in a database of Optuna (`RDBStorage`), which is closed when they were read. */
export function optunaDatabase(database: Sqlite, notes: ImportNotes): ForeignSource {
  return {
    tool: "optuna",
    async *experiments() {
      for (const study of readStudies(database))
        if (study.trials.length > 0) yield experimentOf(study, notes);
    },
  };
}

function readStudies(database: Sqlite): readonly Study[] {
  try {
    return new Tables(database).studies();
  } finally {
    database.close();
  }
}

/** The tables, read whole: each once, in the order of its rows. */
class Tables {
  readonly #database: Sqlite;
  readonly #studies = new Map<unknown, Study>();
  readonly #trials = new Map<unknown, { readonly study: Study; readonly trial: Trial }>();

  constructor(database: Sqlite) {
    this.#database = database;
  }

  studies(): readonly Study[] {
    this.#readStudies();
    this.#readTrials();
    this.#readTrialParts();
    return [...this.#studies.values()];
  }

  #readStudies(): void {
    const directions = new Map<unknown, number[]>();
    for (const row of this.#rows("study_directions", "study_id, direction", "study_id, objective")) {
      const known = directions.get(row["study_id"]) ?? [];
      directions.set(row["study_id"], [...known, DIRECTIONS.get(row["direction"]) ?? 0]);
    }
    for (const row of this.#rows("studies", "study_id, study_name", "study_id")) {
      this.#studies.set(row["study_id"], {
        name: String(row["study_name"]),
        directions: directions.get(row["study_id"]) ?? [],
        attributes: new Map(),
        system: new Map(),
        trials: [],
        distributions: new Map(),
        isDeleted: false,
      });
    }
    for (const part of ["user", "system"] as const) {
      const table = `study_${part}_attributes`;
      for (const row of this.#rows(table, "study_id, key, value_json", `${table.slice(0, -1)}_id`)) {
        const study = this.#studies.get(row["study_id"]);
        study?.[part === "user" ? "attributes" : "system"].set(String(row["key"]), jsonOf(row));
      }
    }
  }

  #readTrials(): void {
    const columns = "trial_id, study_id, number, state, datetime_start, datetime_complete";
    for (const row of this.#rows("trials", columns, "study_id, number")) {
      const study = this.#studies.get(row["study_id"]);
      if (study === undefined) continue;
      const trial: Trial = {
        number: Number(row["number"]),
        state: STATES.get(row["state"]),
        values: [],
        started: isoOf(row["datetime_start"]),
        completed: isoOf(row["datetime_complete"]),
        params: new Map(),
        points: new Map(),
        attributes: new Map(),
      };
      study.trials.push(trial);
      this.#trials.set(row["trial_id"], { study, trial });
    }
  }

  #readTrialParts(): void {
    this.#eachPart("trial_params", "param_name, param_value, distribution_json", "param_id", (row, at) => {
      setParam(at.study, at.trial, String(row["param_name"]), row["param_value"], row["distribution_json"]);
    });
    this.#eachPart("trial_values", "value, value_type", "objective", (row, { trial }) => {
      trial.values = [...trial.values, numberOf(row["value_type"], row["value"])];
    });
    const points = "step, intermediate_value, intermediate_value_type";
    this.#eachPart("trial_intermediate_values", points, "step", (row, { trial }) => {
      const value = numberOf(row["intermediate_value_type"], row["intermediate_value"]);
      trial.points.set(Number(row["step"]), value);
    });
    const order = "trial_user_attribute_id";
    this.#eachPart("trial_user_attributes", "key, value_json", order, (row, { trial }) => {
      trial.attributes.set(String(row["key"]), jsonOf(row));
    });
  }

  #eachPart(
    table: string,
    columns: string,
    order: string,
    take: (row: SqliteRow, at: { readonly study: Study; readonly trial: Trial }) => void,
  ): void {
    for (const row of this.#rows(table, `trial_id, ${columns}`, `trial_id, ${order}`)) {
      const found = this.#trials.get(row["trial_id"]);
      if (found !== undefined) take(row, found);
    }
  }

  #rows(table: string, columns: string, order: string): Iterable<SqliteRow> {
    return this.#database.rows(`SELECT ${columns} FROM ${table} ORDER BY ${order}`);
  }
}

function numberOf(type: unknown, value: unknown): number {
  return SPECIAL.get(type) ?? Number(value);
}

function jsonOf(row: SqliteRow): unknown {
  return typeof row["value_json"] === "string" ? parsePythonJson(row["value_json"]) : null;
}

/** A time as journals write it, but for the zone, which databases do not keep. */
function isoOf(time: unknown): unknown {
  return typeof time === "string" ? time.replace(" ", "T") : time;
}
