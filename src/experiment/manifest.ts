import type { Json } from "../identity/canonical.ts";
import type { Objective } from "../search/objective.ts";
import type { Experiment } from "./experiment.ts";
import type { Params } from "./operation.ts";
import type { SourceDescription } from "./source.ts";

/** Name and version: the folder that an experiment's runs live in. */
export interface ExperimentKey {
  readonly name: string;
  readonly version: string;
}

/** What was asked for, as plain JSON: written to the store each time a definition is run. */
export interface Manifest {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Encoded context: plain values, and files and directories with their content hashes. */
  readonly context: unknown;
  /** Hash of the context as it enters run ids; `null` without a context. */
  readonly contextHash: string | null;
  readonly params: SourceDescription;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly seeds: { readonly base: number | string; readonly replicates: number };
  /** Absent without cross-validation. */
  readonly folds?: { readonly count: number; readonly aggregate: string };
  readonly objectives: readonly Objective[];
  readonly trials: number;
  /** Trials × replicates (× folds). */
  readonly runs: number;
  /** Milliseconds since the epoch when this definition was first run. */
  readonly created: number;
}

/** What a manifest holds beyond the definition. */
export interface ManifestFacts {
  /** From `hashContext`; `null` without a context. */
  readonly contextHash: string | null;
  /** From `encodeContext`; `undefined` without a context. */
  readonly encodedContext: Json | undefined;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** What was asked for, ready to be written: the store tags what JSON loses. */
export function createManifest<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  { contextHash, encodedContext, created }: ManifestFacts,
): Manifest {
  const { name, version, description, tags, params, seeds, folds, objectives } = experiment;
  return Object.freeze({
    format: 1,
    name,
    version,
    ...(description === undefined ? {} : { description }),
    tags,
    metadata: experiment.metadata,
    context: encodedContext ?? null,
    contextHash,
    params: params.describe(),
    defaults: experiment.defaults,
    seeds: { base: seeds.base, replicates: seeds.replicates },
    ...(folds === undefined ? {} : { folds: { count: folds.count, aggregate: folds.aggregate } }),
    objectives,
    trials: params.length,
    runs: params.length * seeds.replicates * (folds?.count ?? 1),
    created,
  });
}
