import { resolve } from "node:path";
import { DefinitionError, ownModule, show } from "../errors.ts";
import { checkFolderName } from "../experiment/experiment-name.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import { fingerprint } from "../identity/ids.ts";
import { checkOptions } from "../space/options.ts";
import { type ForeignExperiment, type ForeignTool, ImportNotes } from "../store/import/foreign.ts";
import {
  folderName,
  type ImportedExperiment,
  type ImportTarget,
  writeExperiment,
} from "../store/import/write-runs.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { upkeepOrigin } from "./choice.ts";

/** Options of {@link importRuns}. */
export interface ImportOptions {
  /** A folder or a store, which may have runs already. */
  readonly store: string | Store;
  /**
   * Name of the experiment that the runs become part of, where the source has only one.
   * @defaultValue what the source calls it, with `-` for what the name of a folder cannot have
   */
  readonly name?: string;
}

/** What was imported. */
export interface ImportReport {
  /** Whose files they were. */
  readonly tool: ForeignTool;
  readonly experiments: readonly ImportedExperiment[];
  /** Runs that were written: new ones, and those that had changed. */
  readonly added: number;
  /** Runs that were there already. */
  readonly known: number;
  /** Runs that were not at their end, and so were left out. */
  readonly unfinished: number;
  /** What could not be read, with the file it is in. */
  readonly lost: readonly { readonly file: string; readonly what: string }[];
}

/**
 * Takes over the runs of another program, with params, metrics, series, statuses, times, tags, logs and artifacts:
 *
 * - **Optuna**: a journal file (`JournalFileBackend`), or an SQLite database of Optuna 3 and later, which Node.js reads from
 *   22.13 on. A study becomes the experiment `<study>@optuna`, its objective
 *   the metric `value` (or as it was named), its intermediate values the series of that name.
 * - **MLflow**: a folder `mlruns`, or one experiment in it. An experiment becomes `<experiment>@mlflow`.
 * - **metalab for Python**: a store folder, of either layout. Names and versions stay.
 *
 * Files are only read. An imported run has the same id whenever it is imported: importing again adds what is new and
 * replaces runs that went on since, and nothing else. Runs say where they come from in `run.origin.imported`.
 *
 * @param path - The file or folder.
 * @throws {@link StoreError} METALAB_IMPORT_PATH when nothing is there; METALAB_STORE_FULL and others when the store
 * cannot be written.
 * @throws {@link DefinitionError} METALAB_IMPORT_UNKNOWN when it is none of these, METALAB_IMPORT_DATABASE for an SQLite
 * database that is not Optuna's or cannot be read here, METALAB_IMPORT_OWN for a store of this metalab, METALAB_IMPORT_NAME
 * when `name` is given for several experiments, METALAB_OPTION_VALUE when the path is no text, METALAB_OPTIONS,
 * METALAB_UNKNOWN_OPTION, METALAB_EXPERIMENT_NAME
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { importRuns, loadResults, memoryStore } from "metalab";
 * const journal = join(mkdtempSync(join(tmpdir(), "study-")), "study.journal");
 * const lines = [
 *   { op_code: 0, study_name: "demo", directions: [1] },
 *   { op_code: 4, study_id: 0, datetime_start: "2024-05-01T10:00:00+00:00" },
 *   { op_code: 5, trial_id: 0, param_name: "lr", param_value_internal: 0.1, distribution: "{}" },
 *   { op_code: 6, trial_id: 0, state: 1, values: [0.5], datetime_complete: "2024-05-01T10:00:09+00:00" },
 * ];
 * writeFileSync(journal, lines.map((line) => JSON.stringify(line)).join("\n"));
 * const store = memoryStore();
 * const { added } = await importRuns(journal, { store });
 * const [first] = await loadResults(store, { experiment: "demo" });
 * console.log(added, first?.params["lr"], first?.metric("value")); // 1 0.1 0.5
 * ```
 */
export async function importRuns(path: string, options: ImportOptions): Promise<ImportReport> {
  if (typeof path !== "string" || path === "") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `importRuns(): a path must be a non-empty text, got ${show(path)}. Name the file or folder to read.`,
      { path },
    );
  }
  checkOptions("importRuns()", options, ["store", "name"]);
  const notes = new ImportNotes();
  // Before anything is awaited: relative paths mean the working directory of the call.
  const store = openStore(options.store);
  const from = resolve(path);
  const { detectSource } = await ownModule(import("../store/import/detect.ts"));
  const source = await detectSource(from, notes);
  const found: ForeignExperiment[] = [];
  for await (const experiment of source.experiments()) found.push(experiment);
  const keys = keysOf(found, options.name);
  const imported = { tool: source.tool, path: from };
  const target: ImportTarget = {
    store,
    tool: source.tool,
    origin: { ...upkeepOrigin(), imported },
    notes,
  };
  const experiments: ImportedExperiment[] = [];
  for (const [i, experiment] of found.entries()) {
    const written = await writeExperiment(target, experiment, keys[i]!);
    if (written.added + written.known > 0) experiments.push(written);
  }
  const sum = (part: "added" | "known") => experiments.reduce((total, one) => total + one[part], 0);
  return {
    tool: source.tool,
    experiments,
    added: sum("added"),
    known: sum("known"),
    unfinished: notes.unfinished,
    lost: notes.lost,
  };
}

/** Names as folders can have them. Two that become alike this way are told apart by the hash of the whole name. */
function keysOf(found: readonly ForeignExperiment[], name: string | undefined): readonly ExperimentKey[] {
  const plain = found.map((one) => ({
    name: folderName("name", one.name),
    version: folderName("version", one.version),
  }));
  if (name !== undefined) {
    checkFolderName("name", name);
    if (new Set(found.map((one) => one.name)).size > 1) {
      throw new DefinitionError(
        "METALAB_IMPORT_NAME",
        `importRuns(): name is for a source with one experiment, got ${found.length}: ${found.map((one) => show(one.name)).join(", ")}. Leave it out.`,
        { name },
      );
    }
    return plain.map(({ version }) => ({ name, version }));
  }
  return plain.map((key, i) => {
    const { name: given } = found[i]!;
    const isShared = plain.some(
      (other, k) => other.name === key.name && other.version === key.version && found[k]!.name !== given,
    );
    if (!isShared || key.name === given) return key;
    return { ...key, name: `${key.name}-${fingerprint("metalab.import-name", 1, given).slice(0, 8)}` };
  });
}
