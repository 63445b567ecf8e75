import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DefinitionError, StoreError, show } from "../../errors.ts";
import { codeOf } from "../file/errors.ts";
import { FORMAT_FILE } from "../file/layout.ts";
import type { ForeignSource, ImportNotes } from "./foreign.ts";
import { metaIn, mlflowFolder } from "./mlflow.ts";
import { OPTUNA_SCHEMA, optunaDatabase } from "./optuna-database.ts";
import { isJournalLine, optunaJournal } from "./optuna-journal.ts";
import { pythonMetalab, pythonStores } from "./python-metalab.ts";
import { databaseError, openSqlite, SQLITE_HEAD, type Sqlite, tablesOf } from "./sqlite.ts";

const LOOKED_FOR =
  "a journal file or SQLite database of Optuna (lines of JSON with op_code; study.db), a folder mlruns of MLflow (folders with meta.yaml), or a store of the Python package metalab (_meta.json with runs/, or .metalab/meta.json with records/)";

/** Enough of a file to tell what it is. */
const HEAD = 1 << 16;

/**
 * Finds out whose files a path leads to.
 *
 * @throws {StoreError} METALAB_IMPORT_PATH when nothing is there or it cannot be read.
 * @throws {DefinitionError} METALAB_IMPORT_UNKNOWN when it is none of what can be imported, METALAB_IMPORT_DATABASE for
 * a database that cannot be read here, METALAB_IMPORT_OWN for a store of this metalab.
 */
export async function detectSource(path: string, notes: ImportNotes): Promise<ForeignSource> {
  try {
    if ((await stat(path)).isDirectory()) return await folderSource(path, notes);
    return await fileSource(path, notes);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || error instanceof DefinitionError) throw error;
    throw new StoreError(
      "METALAB_IMPORT_PATH",
      `importRuns(): ${show(path)} must be ${LOOKED_FOR}, got ${code === "ENOENT" ? "nothing there" : code}. Check the path.`,
      { path },
      { cause: error },
    );
  }
}

async function fileSource(path: string, notes: ImportNotes): Promise<ForeignSource> {
  const head = await headOf(path);
  if (head.startsWith(SQLITE_HEAD)) return databaseSource(path, openSqlite(path), notes);
  const first = head.split("\n").find((line) => line.trim() !== "") ?? "";
  if (isJournalLine(first)) return optunaJournal(path, notes);
  throw unknown(path, head === "" ? "an empty file" : "a file of something else");
}

/** @throws {DefinitionError} METALAB_IMPORT_DATABASE when it is none of Optuna, or an old one. */
export function databaseSource(path: string, database: Sqlite, notes: ImportNotes): ForeignSource {
  try {
    const tables = tablesOf(database);
    if (tables.has("experiments") && tables.has("runs") && tables.has("latest_metrics")) {
      throw new DefinitionError(
        "METALAB_IMPORT_DATABASE",
        `importRuns(): of MLflow folders mlruns are read, got its database ${show(path)}. Let MLflow log to a folder, or write its runs there with the package mlflow-export-import.`,
        { path },
      );
    }
    if (!tables.has("studies") || !tables.has("version_info"))
      throw unknown(path, "a database of something else");
    const [info] = database.rows("SELECT schema_version FROM version_info");
    const version = Number(info?.["schema_version"]);
    if (!(version >= OPTUNA_SCHEMA)) {
      throw databaseError(
        path,
        `a database of Optuna 3 or later is read, got ${show(path)} of an earlier one (tables of version ${version}).`,
        "Bring it up with optuna storage upgrade --storage sqlite:///…",
      );
    }
    return optunaDatabase(database, notes);
  } catch (error) {
    database.close();
    throw error;
  }
}

async function folderSource(path: string, notes: ImportNotes): Promise<ForeignSource> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has(FORMAT_FILE)) {
    throw new DefinitionError(
      "METALAB_IMPORT_OWN",
      `importRuns(): ${show(path)} must be files of another program, got a store of metalab. Copy its runs with copyStore(), or "metalab store copy".`,
      { path },
    );
  }
  const stores = await pythonStores(path);
  if (stores.length > 0) return pythonMetalab(stores, notes);
  if (await isMlflow(path)) return mlflowFolder(path, notes);
  if (names.has("mlruns") && (await isMlflow(join(path, "mlruns")))) {
    return mlflowFolder(join(path, "mlruns"), notes);
  }
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const head = await headOf(join(path, name));
    const isDatabase = head.startsWith(SQLITE_HEAD);
    if (isDatabase || isJournalLine(head.split("\n")[0]!)) {
      const what = isDatabase ? "a database" : "a journal";
      throw unknown(path, `a folder with ${what} in it`, `Give the file: ${show(join(path, name))}.`);
    }
  }
  const some = [...names].sort().slice(0, 5).map(show).join(", ");
  throw unknown(path, names.size === 0 ? "an empty folder" : `a folder with ${some}`);
}

async function isMlflow(path: string): Promise<boolean> {
  if ((await metaIn(path))?.has("experiment_id") === true) return true;
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    if ((await metaIn(join(path, entry.name)))?.has("experiment_id") === true) return true;
  }
  return false;
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(HEAD);
    const { bytesRead } = await file.read(bytes, 0, HEAD, 0);
    return bytes.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function unknown(path: string, got: string, advice = "Give one of these."): DefinitionError {
  return new DefinitionError(
    "METALAB_IMPORT_UNKNOWN",
    `importRuns(): ${show(path)} must be ${LOOKED_FOR}, got ${got}. ${advice}`,
    { path },
  );
}
