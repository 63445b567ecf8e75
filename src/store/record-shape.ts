import type { FinishedStatus, RunRecord } from "../experiment/record.ts";
import { isFold } from "../identity/ids.ts";

/** The statuses of a record, by the numbers that stand for them in a table of rows. */
export const STATUSES: readonly FinishedStatus[] = ["success", "failed", "pruned", "cancelled"];

/** Whether a parsed line has all that a record must have, so that nothing later stumbles over it. */
export function isRecord(entry: Record<string, unknown>): entry is Record<string, unknown> & RunRecord {
  const numbers = ["trial", "replicate", "started", "durationMs", "attempt"];
  return (
    /^[0-9a-f]{64}$/.test(entry.id as string) &&
    numbers.every((field) => typeof entry[field] === "number") &&
    (entry.generation === undefined || typeof entry.generation === "number") &&
    STATUSES.includes(entry.status as FinishedStatus) &&
    isPlain(entry.params) &&
    isPlain(entry.metrics) &&
    (entry.fold === undefined || isFold(entry.fold)) &&
    (entry.error === undefined || isPlain(entry.error)) &&
    typeof entry.from === "string"
  );
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
