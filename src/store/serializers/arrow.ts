import type { Table } from "apache-arrow";
import type { Serializer } from "../serializer.ts";

/** An apache-arrow table. */
export type ArrowTable = Table;

/** The apache-arrow module. */
export type Arrow = typeof import("apache-arrow");

/** Loads apache-arrow, which takes tens of milliseconds, so only when a table is really made or read. */
export function loadArrow(): Promise<Arrow> {
  return import("apache-arrow");
}

/** Arrow tables as an Arrow IPC file. Recognised by their parts, so that a table of another copy of the package is one. */
export const arrowSerializer: Serializer = Object.freeze({
  kind: "arrow",
  extension: "arrow",
  accepts: isArrowTable,
  encode: async (value) => (await loadArrow()).tableToIPC(value as Table, "file"),
  decode: async (bytes) => (await loadArrow()).tableFromIPC(bytes),
} satisfies Serializer);

function isArrowTable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { schema, batches, numRows } = value as { schema?: unknown; batches?: unknown; numRows?: unknown };
  if (!Array.isArray(batches) || typeof numRows !== "number") return false;
  return (
    typeof schema === "object" && schema !== null && Array.isArray((schema as { fields?: unknown }).fields)
  );
}
