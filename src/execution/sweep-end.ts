import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import type { Pace } from "./pace.ts";
import { rowsOf } from "./resume.ts";

/** Where the runs of a finished sweep are. */
export interface SweepEnd {
  readonly store: Store;
  readonly key: ExperimentKey;
  readonly frame: RunFrame;
  /** Rows of the frame, in the order of the plan: exactly its runs. */
  readonly rows: Int32Array;
  readonly manifest: Manifest | undefined;
}

/** Reads where runs are. @param ids - Theirs, 32 bytes each. */
export async function readEnd(
  store: Store,
  key: ExperimentKey,
  ids: Uint8Array,
  pace: Pace,
): Promise<SweepEnd> {
  const frame = await store.read(key);
  return { store, key, frame, rows: await rowsOf(ids, frame, pace), manifest: await store.manifest(key) };
}
