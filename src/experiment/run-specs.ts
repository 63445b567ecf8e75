import type { Fold } from "../identity/ids.ts";
import { hexOf, type RunHasher, runHasher } from "../identity/ids.ts";
import type { Experiment } from "./experiment.ts";
import type { Params } from "./operation.ts";

/** One run that a plan asks for. */
export interface RunSpec<P extends Params = Params> {
  /** Content hash, 64 hex digits: what makes two runs the same run. */
  readonly id: string;
  /** Position of the point in its source, from 0. Not part of the id. */
  readonly trial: number;
  /** Repetition index, from 0. */
  readonly replicate: number;
  /** Which part of a cross-validation it is, where folds are used. */
  readonly fold?: Fold;
  /** Frozen, with the defaults filled in. */
  readonly params: P;
  /** Root seed of the replicate, 32 hex digits. */
  readonly seed: string;
}

/** Root seeds that are kept; past these they are worked out again at each use. */
const KEPT_ROOTS = 4_096;

/**
 * The runs of a trial, given its params: replicate 0 with all its folds, then replicate 1, …. What the runs of an
 * experiment have in common is worked out once.
 */
export class TrialRuns {
  readonly replicates: number;
  /** Number of folds; `undefined` without cross-validation. */
  readonly folds: number | undefined;
  /** Runs of each trial. */
  readonly length: number;
  readonly #experiment: Experiment;
  readonly #hasher: RunHasher;
  readonly #defaults: readonly (readonly [name: string, value: unknown])[];
  readonly #roots: string[] = [];

  constructor(experiment: Experiment, contextHash: string | null) {
    const { name, version, defaults, seeds } = experiment;
    this.replicates = seeds.replicates;
    this.folds = experiment.folds?.count;
    this.length = this.replicates * (this.folds ?? 1);
    this.#experiment = experiment;
    this.#defaults = Object.entries(defaults);
    this.#hasher = runHasher({ name, version, contextHash, defaults });
  }

  /**
   * The id of a run, 32 bytes.
   *
   * @param params - of the trial, without the defaults.
   * @param position - of the run in its trial, 0 ≤ position < length.
   */
  digest(params: Params, position: number): Uint8Array {
    return this.#hasher.digest(params, this.#root(this.#replicateAt(position)), this.#foldAt(position));
  }

  /**
   * A run.
   *
   * @param params - of the trial, without the defaults.
   * @param complete - the same from {@link TrialRuns.complete}, which the runs of a trial share.
   */
  spec<P extends Params>(trial: number, params: Params, complete: P, position: number): RunSpec<P> {
    const id = hexOf(this.digest(params, position));
    const replicate = this.#replicateAt(position);
    const fold = this.#foldAt(position);
    const seed = this.#root(replicate);
    if (fold === undefined) return { id, trial, replicate, params: complete, seed };
    return { id, trial, replicate, fold, params: complete, seed };
  }

  /** Params with the defaults filled in, frozen. */
  complete(params: Params): Params {
    const merged: Record<string, unknown> = { ...params };
    for (const [name, value] of this.#defaults) if (!Object.hasOwn(merged, name)) merged[name] = value;
    return Object.freeze(merged);
  }

  #replicateAt(position: number): number {
    return this.folds === undefined ? position : Math.floor(position / this.folds);
  }

  #foldAt(position: number): Fold | undefined {
    return this.folds === undefined ? undefined : { index: position % this.folds, count: this.folds };
  }

  #root(replicate: number): string {
    const known = this.#roots[replicate];
    if (known !== undefined) return known;
    const root = this.#experiment.seeds.root(replicate);
    if (replicate < KEPT_ROOTS) this.#roots[replicate] = root;
    return root;
  }
}
