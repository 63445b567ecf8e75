import { MissingPackageError, messageOf, reasonOf } from "../../errors.ts";
import type { SqlValue } from "./sql.ts";

type DuckDbModule = typeof import("@duckdb/node-api");
export type DuckDbConnection = Awaited<ReturnType<InstanceType<DuckDbModule["DuckDBInstance"]>["connect"]>>;

/** An open database in memory. */
export interface Database {
  readonly connection: DuckDbConnection;
  /** A value as DuckDB binds it. */
  bind(
    value: SqlValue,
  ): Parameters<DuckDbConnection["runAndReadAll"]>[1] extends infer V
    ? V extends readonly (infer E)[]
      ? E
      : never
    : never;
  close(): void;
}

/**
 * Opens a database in memory, which never loads an extension from the network.
 *
 * @throws {MissingPackageError} METALAB_DUCKDB_MISSING
 */
export async function openDatabase(): Promise<Database> {
  let duckdb: DuckDbModule;
  try {
    // A package that is there may still fail to load (its native part may be missing), so every error counts.
    duckdb = await import("@duckdb/node-api");
  } catch (error) {
    throw new MissingPackageError(
      "METALAB_DUCKDB_MISSING",
      `sql(): DuckDB cannot be loaded, got ${reasonOf(messageOf(error).split("\n")[0])}. Install it with: npm install @duckdb/node-api`,
      {},
      { cause: error },
    );
  }
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  return {
    connection,
    bind: (value) =>
      value instanceof Date ? new duckdb.DuckDBTimestampValue(BigInt(value.getTime()) * 1000n) : value,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
