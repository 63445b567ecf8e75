import type { Manifest } from "../../src/experiment/manifest.ts";
import type { Entry, RunRecord } from "../../src/experiment/record.ts";
import { sha256Hex } from "../../src/identity/sha256.ts";
import type { OriginFacts, Store, StoreWriter } from "../../src/store/store.ts";

export const KEY = { name: "demo", version: "0.1" };

export const FACTS: OriginFacts = {
  metalab: "0.1.0",
  node: "20.19.0",
  platform: "linux-x64",
  host: "somewhere",
  pid: 4242,
  git: { commit: "a".repeat(40), dirty: true },
  code: "modules/1:abc",
  tags: ["nightly"],
};

/** A plain record of run `n`, made by a writer. */
export function recordOf(writer: StoreWriter, n: number, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id: sha256Hex(`run ${n}`),
    kind: "record",
    trial: n,
    replicate: 0,
    params: { lr: 0.001 * (n + 1), momentum: 0.5 },
    seed: "0123456789abcdef0123456789abcdef",
    status: "success",
    metrics: { final_value: n / 7 },
    started: 1_750_000_000_000 + n,
    durationMs: 1.25,
    attempt: 1,
    from: writer.origin.id.slice(0, 16),
    ...more,
  };
}

export function manifestOf(key: { name: string; version: string }, more: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    ...key,
    tags: [],
    metadata: {},
    context: null,
    contextHash: null,
    params: { kind: "grid", axes: { lr: [0.1, Number.NaN] } },
    defaults: {},
    seeds: { base: 42, replicates: 3 },
    objectives: [{ metric: "loss", direction: "minimize" }],
    trials: 2,
    runs: 6,
    created: 1_750_000_000_000,
    ...more,
  };
}

export async function entriesOf(store: Store, key = KEY): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.entries(key)) entries.push(entry);
  return entries;
}

/** All winners, by id. */
export async function recordsOf(store: Store, key = KEY): Promise<Map<string, RunRecord>> {
  const frame = await store.read(key);
  const records = new Map<string, RunRecord>();
  for (let row = 0; row < frame.length; row++) records.set(frame.ids.hex(row), await frame.record(row));
  return records;
}
