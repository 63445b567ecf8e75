import type { Manifest } from "../../src/experiment/manifest.ts";
import type { MetricValues, Params } from "../../src/experiment/operation.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { sha256Hex } from "../../src/identity/sha256.ts";
import { createResults } from "../../src/results/create-results.ts";
import type { Results } from "../../src/results/results.ts";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store, StoreWriter } from "../../src/store/store.ts";

/** What a test says of a run; the rest is filled in. */
export type RunSketch = Partial<Omit<RunRecord, "id" | "kind" | "from">>;

/** What a test says of an experiment. */
export type ExperimentSketch = Partial<Omit<Manifest, "format">> & {
  readonly store?: Store;
  /** Writes what a run refers to (series, logs, objects) before its record, and says where it lies. */
  readonly write?: (writer: StoreWriter, id: string, index: number) => Promise<RunSketch> | RunSketch;
};

export const ORIGIN = { metalab: "0.0.0", node: "v20", platform: "linux-x64", host: "box", pid: 7 };

/** Results of runs that are written to a store and read back. */
export async function madeResults<P = Params, M = MetricValues>(
  runs: readonly RunSketch[],
  about: ExperimentSketch = {},
): Promise<Results<P, M>> {
  const { store = memoryStore(), write, ...rest } = about;
  const manifest: Manifest = {
    format: 1,
    name: "booth",
    version: "1",
    tags: [],
    metadata: {},
    context: null,
    contextHash: null,
    params: { kind: "manual" },
    defaults: {},
    seeds: { base: 0, replicates: 1 },
    objectives: [],
    trials: runs.length,
    runs: runs.length,
    created: 0,
    ...rest,
  };
  await store.putManifest(manifest);
  const writer = await store.write(manifest, { origin: ORIGIN });
  for (const [i, run] of runs.entries()) {
    const id = sha256Hex(`${manifest.name}/${manifest.version}/${i}`);
    const referred = (await write?.(writer, id, i)) ?? {};
    await writer.append({
      id,
      kind: "record",
      trial: i,
      replicate: 0,
      params: {},
      seed: "00".repeat(16),
      status: "success",
      metrics: {},
      started: Date.UTC(2024, 0, 1) + i,
      durationMs: i + 0.5,
      attempt: 1,
      ...run,
      ...referred,
      from: writer.origin.id.slice(0, 16),
    });
  }
  await writer.close();
  const frame = await store.read(manifest);
  return createResults<P, M>([
    { store, frame, rows: Int32Array.from({ length: frame.length }, (_, i) => i), manifest },
  ]);
}

/** The seed's example in small: 3 × 3 × 3 runs with a grid of learning rates and momenta. */
export function boothRuns(): readonly RunSketch[] {
  const runs: RunSketch[] = [];
  for (const [a, lr] of [0.001, 0.01, 0.1].entries()) {
    for (const [b, momentum] of [0, 0.5, 0.9].entries()) {
      for (let replicate = 0; replicate < 3; replicate++) {
        runs.push({
          trial: 3 * a + b,
          replicate,
          params: { lr, momentum },
          metrics: {
            final_value: 10 ** (-2 * a) / (1 + b + replicate),
            steps_to_converge: 1000 * (3 - a) + 10 * replicate,
          },
        });
      }
    }
  }
  return runs;
}
