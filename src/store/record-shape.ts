import type { FinishedStatus, Origin, RunRecord } from "../experiment/record.ts";
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

/** Whether an origin has what runs are told by; the rest is only shown. */
export function isOrigin(entry: Record<string, unknown>): entry is Record<string, unknown> & Origin {
  return (
    typeof entry.id === "string" &&
    typeof entry.writer === "string" &&
    (entry.code === undefined || typeof entry.code === "string")
  );
}

/** What a record may have besides, each with the form that its readers rely on. */
const ATTACHED: readonly (readonly [field: keyof RunRecord, isSound: (value: unknown) => boolean])[] = [
  ["series", (value) => isMap(value, isPointer)],
  ["tracks", (value) => isMap(value, isPointer)],
  ["data", (value) => isMap(value, isPointer)],
  ["artifacts", (value) => isMap(value, isArtifact)],
  ["logs", (value) => Array.isArray(value) && value.length === 3 && value.every(isPlace)],
  ["tags", (value) => Array.isArray(value) && value.every((tag) => typeof tag === "string")],
];

/**
 * A record of an intact line without the attachments that are not as ours are, as another program may have written
 * them: the run is as good as before without its logs.
 *
 * @param onLost - told each field that is left out.
 */
export function soundRecord(record: RunRecord, onLost: (field: string) => void): RunRecord {
  const lost = ATTACHED.filter(([field, isSound]) => record[field] !== undefined && !isSound(record[field]));
  if (lost.length === 0) return record;
  const fields = lost.map(([field]): string => field);
  fields.forEach(onLost);
  const kept = Object.entries(record).filter(([field]) => !fields.includes(field));
  return Object.fromEntries(kept) as unknown as RunRecord;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMap(value: unknown, isSound: (one: unknown) => boolean): boolean {
  return isPlain(value) && Object.values(value).every(isSound);
}

function isPointer(value: unknown): boolean {
  return Array.isArray(value) && value.length % 2 === 0 && value.every(isPlace);
}

/** Whether a value is a number of bytes or lines, or a position among them. */
function isPlace(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isArtifact(value: unknown): boolean {
  return (
    isPlain(value) &&
    /^[0-9a-f]{64}$/.test(String(value.hash)) &&
    typeof value.kind === "string" &&
    typeof value.file === "string" &&
    isPlace(value.sizeBytes)
  );
}
