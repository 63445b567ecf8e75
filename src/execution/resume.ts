import type { Plan } from "../experiment/plan.ts";
import type { ErrorClass } from "../experiment/record.ts";
import { isDone } from "../experiment/record.ts";
import { IdIndex } from "../identity/id-index.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import type { OperationCode } from "./code/code.ts";
import { driftOf } from "./code/drift.ts";
import type { SweepOptions } from "./options.ts";
import type { Pace } from "./pace.ts";
import type { PlanSelection } from "./select.ts";

/** What is to be done about a run of the plan. */
export const FRESH = 0;
/** Finished earlier. */
export const CACHED = 1;
/** Has a record, and is to be run again: it failed, was cancelled, or all are to be run again. */
export const AGAIN = 2;
/** The same run stands earlier in the plan. */
export const DUPLICATE = 3;

export type Decision = typeof FRESH | typeof CACHED | typeof AGAIN | typeof DUPLICATE;

/** Every run of a selection, compared with what the store has. */
export interface Checked {
  /** One {@link Decision} for each run of the selection. */
  readonly decisions: Uint8Array;
  readonly fresh: number;
  readonly cached: number;
  readonly again: number;
  /** Runs that were done with other code than there is now; `again` has those of them that are to be run again. */
  readonly stale: number;
  /** Row of one of these; −1 when there is none. */
  readonly staleRow: number;
  /** Distinct ids, in the order of the plan, 32 bytes each. */
  readonly ids: Uint8Array;
  /** Row of each distinct id in the frame, −1 where it has none. */
  readonly rows: Int32Array;
}

/** Plans from this length on have their ids kept in the store's cache. */
const CACHED_PLAN = 10_000;
const STRIDE = 64;
const ID_BYTES = 32;
/** Ids of a cached plan that are worked out anew before the others are believed. */
const PROBES = 64;

/** What decides about runs that have a record. */
export interface ResumeRule extends Pick<SweepOptions, "resume" | "retryFailed" | "onStale"> {
  /** Whether the code that made the run at a row differs from that of now. */
  isStale(row: number): boolean;
  /** Whether a failed run is kept as it is, whatever `retryFailed` says. */
  readonly keepsFailed?: (row: number) => boolean;
}

/** The rule of some options, for the code of now. */
export function ruleOf(
  { resume, retryFailed, onStale }: Pick<SweepOptions, "resume" | "retryFailed" | "onStale">,
  frame: RunFrame,
  { fingerprint }: OperationCode,
): ResumeRule {
  return { resume, retryFailed, onStale, ...driftOf(frame, fingerprint) };
}

/** The resume rule: what to do about a run that has a record at `row` of the frame (−1 = none). */
export function decide(
  frame: RunFrame,
  row: number,
  { resume, retryFailed, onStale, isStale, keepsFailed }: ResumeRule,
): Decision {
  if (row < 0) return FRESH;
  if (!resume) return AGAIN;
  const status = frame.status(row);
  if (isDone(status)) return onStale === "rerun" && isStale(row) ? AGAIN : CACHED;
  if (status === "failed" && keepsFailed?.(row) === true) return CACHED;
  if (status !== "failed" || retryFailed === true) return AGAIN;
  if (retryFailed === false) return CACHED;
  return retryFailed.includes(frame.error(row)?.class ?? ("error" satisfies ErrorClass)) ? CACHED : AGAIN;
}

/** Compares a selection with the store. Every id is hashed, unless the cache of the store has those of the plan. */
export async function check(
  plan: Plan,
  selection: PlanSelection,
  frame: RunFrame,
  store: Store,
  rule: ResumeRule,
  pace: Pace,
): Promise<Checked> {
  const kept = await loadIds(plan, selection, store);
  const index = kept === undefined ? new IdIndex(selection.length) : undefined;
  const decisions = new Uint8Array(selection.length);
  const rows = new Int32Array(selection.length);
  const counts = [0, 0, 0, 0];
  const find = rowFinder(frame);
  let distinct = 0;
  let stale = 0;
  let staleRow = -1;
  for (let at = 0; at < selection.length; at++) {
    let digest: Uint8Array;
    let isNew = true;
    if (index === undefined) {
      digest = kept!.subarray(at * ID_BYTES, (at + 1) * ID_BYTES);
    } else {
      digest = plan.digest(selection.at(at));
      isNew = index.add(digest) === distinct;
    }
    let decision: Decision = DUPLICATE;
    if (isNew) {
      const row = find(digest);
      rows[distinct++] = row;
      decision = decide(frame, row, rule);
      if (row >= 0 && rule.resume && isDone(frame.status(row)) && rule.isStale(row)) {
        stale += 1;
        staleRow = row;
      }
    }
    decisions[at] = decision;
    counts[decision]! += 1;
    if (at % STRIDE === 0 && pace.isDue) await pace.turn();
  }
  const ids = kept ?? index!.packed;
  if (kept === undefined) await saveIds(plan, selection, store, ids);
  return {
    decisions,
    fresh: counts[FRESH]!,
    cached: counts[CACHED]!,
    again: counts[AGAIN]!,
    stale,
    staleRow,
    ids,
    rows: rows.subarray(0, distinct),
  };
}

/**
 * Keeps the ids of a long plan in the disposable cache. Only of a plan without duplicates, so that position and
 * row are the same.
 */
export async function saveIds(
  plan: Plan,
  selection: PlanSelection,
  store: Store,
  ids: Uint8Array,
): Promise<void> {
  if (!selection.isAll || plan.length < CACHED_PLAN || ids.length !== plan.length * ID_BYTES) return;
  // A cache that cannot be written (a store that is only readable, a full disk) costs time, nothing else.
  await store.cache(cacheName(plan), ids).catch(() => undefined);
}

async function loadIds(plan: Plan, selection: PlanSelection, store: Store): Promise<Uint8Array | undefined> {
  if (!selection.isAll || plan.length < CACHED_PLAN) return undefined;
  const bytes = await store.cached(cacheName(plan)).catch(() => undefined);
  if (bytes === undefined || bytes.length !== plan.length * ID_BYTES) return undefined;
  // The fingerprint of the plan is in the name and settles its ids, if its source describes itself fully: one that
  // somebody else wrote may not, so ids all over the plan are tried.
  for (let probe = 0; probe < PROBES; probe++) {
    const at = Math.floor((probe * (plan.length - 1)) / (PROBES - 1));
    const digest = plan.digest(at);
    for (let i = 0; i < ID_BYTES; i++) if (bytes[at * ID_BYTES + i] !== digest[i]) return undefined;
  }
  return bytes;
}

function cacheName(plan: Plan): string {
  return `plans/${plan.fingerprint}`;
}

/** The rows of these ids in a frame; ids without a record are left out. */
export async function rowsOf(ids: Uint8Array, frame: RunFrame, pace: Pace): Promise<Int32Array> {
  const rows = new Int32Array(ids.length / ID_BYTES);
  const find = rowFinder(frame);
  let found = 0;
  for (let at = 0; at < rows.length; at++) {
    const row = find(ids.subarray(at * ID_BYTES, (at + 1) * ID_BYTES));
    if (row >= 0) rows[found++] = row;
    if (at % STRIDE === 0 && pace.isDue) await pace.turn();
  }
  return rows.subarray(0, found);
}

/**
 * Finds rows by id. Runs mostly lie in the store as they stood in the plan, so the row after the last one is tried
 * first, which spares the hash table.
 */
function rowFinder(frame: RunFrame): (id: Uint8Array) => number {
  const { packed } = frame.ids;
  let next = 0;
  return (id) => {
    const start = next * ID_BYTES;
    let i = start < packed.length ? 0 : ID_BYTES + 1;
    while (i < ID_BYTES && packed[start + i] === id[i]) i++;
    const row = i === ID_BYTES ? next : frame.ids.find(id);
    if (row >= 0) next = row + 1;
    return row;
  };
}
