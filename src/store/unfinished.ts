import { StoreError } from "../errors.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { StartEntry } from "../experiment/record.ts";
import { IdIndex } from "../identity/id-index.ts";
import { isFold } from "../identity/ids.ts";
import { ColumnSet } from "./column-builder.ts";
import type { RunFrame } from "./frame.ts";
import type { Store } from "./store.ts";

/** How a run stands that has begun and has no record. */
export type UnfinishedStatus = "running" | "interrupted";

/**
 * The runs of an experiment that have begun and have no record, as a frame of their own: `running` where the sweep
 * that began them is alive, `interrupted` where it is gone. Runs shorter than about 100 ms are never among them.
 *
 * A sweep on another host counts as alive until whoever asks has seen its lease unchanged for a minute, so a single
 * look takes it for alive.
 *
 * @returns the store as it is now, and these runs.
 */
export async function readUnfinished(
  store: Store,
  key: ExperimentKey,
  include: readonly UnfinishedStatus[],
): Promise<{ readonly frame: RunFrame; readonly unfinished: RunFrame }> {
  const before = await store.read(key);
  const members = (await store.sharing?.(key).members()) ?? [];
  const alive = new Set(members.filter(({ liveness }) => liveness !== "dead").map(({ writer }) => writer));
  // Read again, so that a run that ended, with its sweep, before the leases were looked at is not called interrupted;
  // what began only after that goes on.
  const frame = await store.read(key);
  const statusOf = ({ id, from }: StartEntry): UnfinishedStatus => {
    const writer = frame.origins.get(from)?.writer;
    const isAlive = (writer !== undefined && alive.has(writer)) || !before.starts.has(id);
    return isAlive ? "running" : "interrupted";
  };
  const starts = [...frame.starts.values()]
    .map((start) => ({ ...start, status: statusOf(start) }))
    .filter(({ status }) => include.includes(status))
    .sort(
      (a, b) =>
        a.trial - b.trial ||
        a.replicate - b.replicate ||
        foldIndex(a) - foldIndex(b) ||
        (a.id < b.id ? -1 : 1),
    );
  const ids = new IdIndex(starts.length);
  const params = new ColumnSet();
  for (const [row, start] of starts.entries()) {
    ids.add(Buffer.from(start.id, "hex"));
    params.setRow(row, start.params ?? {});
  }
  return { frame, unfinished: frameOf(key, frame, starts, ids, params) };
}

function frameOf(
  key: ExperimentKey,
  frame: RunFrame,
  starts: readonly (StartEntry & { readonly status: UnfinishedStatus })[],
  ids: IdIndex,
  params: ColumnSet,
): RunFrame {
  const { length } = starts;
  return {
    experiment: key,
    length,
    ids,
    trial: Float64Array.from(starts, ({ trial }) => trial),
    replicate: Int32Array.from(starts, ({ replicate }) => replicate),
    fold: Int32Array.from(starts, foldIndex),
    started: Float64Array.from(starts, ({ started }) => started),
    durationMs: new Float64Array(length).fill(Number.NaN),
    attempt: Int32Array.from(starts, ({ attempt }) => attempt),
    generation: new Int32Array(length),
    params: params.snapshot(length),
    metrics: new Map(),
    derived: new Map(),
    derivedBy: () => undefined,
    pinned: () => false,
    tagged: () => undefined,
    hasTagged: false,
    givenTags: [],
    accepts: [],
    search: frame.search,
    deleted: { size: 0, generation: () => -1 },
    lineBytes: new Int32Array(length),
    status: (row) => starts[row]!.status,
    error: () => undefined,
    origin: (row) => frame.origins.get(starts[row]!.from),
    origins: frame.origins,
    starts: new Map(),
    record: async (row) => {
      const { id, status } = starts[row]!;
      throw new StoreError(
        "METALAB_RUN_UNFINISHED",
        `store: run ${id.slice(0, 12)} must have ended to be read, got one that is ${status}. ${status === "running" ? "Wait for it." : "Run the experiment again: it is tried once more."}`,
        { id, status },
      );
    },
  };
}

function foldIndex({ fold }: StartEntry): number {
  return isFold(fold) ? fold.index : -1;
}
