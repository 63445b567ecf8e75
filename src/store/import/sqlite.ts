import { DefinitionError, reasonOf, show } from "../../errors.ts";

/** One row, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** A database that is only read. */
export interface Sqlite {
  rows(sql: string): Iterable<SqliteRow>;
  close(): void;
}

/** What is used of `node:sqlite`. */
interface SqliteModule {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    prepare(sql: string): { all(): SqliteRow[] };
    close(): void;
  };
}

/** How a file of SQLite begins. */
export const SQLITE_HEAD = "SQLite format 3\0";

/**
 * Opens a database with what Node.js has built in.
 *
 * @throws {DefinitionError} METALAB_IMPORT_DATABASE where it has nothing, or the file cannot be read.
 */
export function openSqlite(path: string): Sqlite {
  const module = process.getBuiltinModule("node:sqlite") as SqliteModule | undefined;
  if (module === undefined) {
    throw databaseError(
      path,
      `SQLite is read by Node.js 22.13 and later, got ${process.version} for ${show(path)}.`,
      "Use a newer Node.js",
    );
  }
  const told = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw databaseError(
        path,
        `${show(path)} is a database that can be read, got ${reasonOf(error)}.`,
        "Mend it",
        error,
      );
    }
  };
  const database = told(() => new module.DatabaseSync(path, { readOnly: true }));
  return {
    rows: (sql) => told(() => database.prepare(sql).all()),
    close: () => database.close(),
  };
}

/** Names of the tables of a database. */
export function tablesOf(database: Sqlite): ReadonlySet<unknown> {
  const rows = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
  return new Set(Array.from(rows, ({ name }) => name));
}

/**
 * What cannot be read, with how it gets here all the same.
 *
 * @param advice - What else may be done, without a full stop.
 */
export function databaseError(path: string, what: string, advice: string, cause?: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_IMPORT_DATABASE",
    `importRuns(): ${what} ${advice}, or copy its studies with Python: optuna.copy_study(from_study_name=…, from_storage="sqlite:///…", to_storage=JournalStorage(JournalFileBackend("study.journal"))).`,
    { path },
    { cause },
  );
}
