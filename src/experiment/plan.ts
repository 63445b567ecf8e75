import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { fingerprint, type Hash, hexOf, type RunHasher, runHasher } from "../identity/ids.ts";
import type { Experiment } from "./experiment.ts";
import type { Params } from "./operation.ts";
import { checkParamNames } from "./param-source.ts";

/** One run that a plan asks for. */
export interface RunSpec<P extends Params = Params> {
  /** Content hash, 64 hex digits: what makes two runs the same run. */
  readonly id: string;
  /** Position of the point in its source, from 0. Not part of the id. */
  readonly trial: number;
  /** Repetition index, from 0. */
  readonly replicate: number;
  readonly fold?: { readonly index: number; readonly count: number };
  /** Frozen, with the defaults filled in. */
  readonly params: P;
  /** Root seed of the replicate, 32 hex digits. */
  readonly seed: string;
}

/** Root seeds that are kept; past these they are worked out again at each use. */
const KEPT_ROOTS = 4_096;

/**
 * The runs of an experiment in order, worked out one at a time: trial 0 with all its replicates, then trial 1, …
 *
 * Costs O(1) to make and to hold, however many runs there are.
 */
export class Plan<P extends Params = Params> {
  /** Trials × replicates. */
  readonly length: number;
  readonly trials: number;
  readonly replicates: number;
  readonly contextHash: string | null;
  readonly #experiment: Experiment;
  readonly #hasher: RunHasher;
  readonly #defaults: readonly (readonly [name: string, value: unknown])[];
  readonly #roots: string[] = [];
  #fingerprint: Hash | undefined;
  /** Params of the last trial asked for: its replicates follow one another. */
  #trial = -1;
  #given: Params = {};
  #merged: Params | undefined;

  constructor(experiment: Experiment, contextHash: string | null) {
    const { name, version, defaults, params: source, seeds } = experiment;
    this.trials = source.length;
    this.replicates = seeds.replicates;
    this.length = source.length * seeds.replicates;
    this.contextHash = contextHash;
    if (!Number.isSafeInteger(this.length)) {
      throw new DefinitionError(
        "METALAB_PLAN_LENGTH",
        `Experiment "${name}": trials × replicates are more runs than can be counted exactly (2^53 - 1), got ${source.length} × ${seeds.replicates}. Use sample(source, n, seed) or fewer replicates.`,
        { trials: source.length, replicates: seeds.replicates },
      );
    }
    this.#experiment = experiment;
    this.#defaults = Object.entries(defaults);
    this.#hasher = runHasher({ name, version, contextHash, defaults });
  }

  /**
   * Tells plans apart: same fingerprint, same runs in the same order.
   */
  get fingerprint(): Hash {
    const { name, version, params, defaults, seeds } = this.#experiment;
    this.#fingerprint ??= fingerprint("metalab.plan", 1, {
      name,
      version,
      contextHash: this.contextHash,
      source: params.describe(),
      defaults,
      seeds: { base: seeds.base, replicates: seeds.replicates },
    });
    return this.#fingerprint;
  }

  /**
   * The run at a position.
   *
   * @param index - 0 ≤ index < length.
   * @throws {@link DefinitionError} METALAB_VALUE_UNIDENTIFIABLE or METALAB_PARAM_NAME when the params of the trial
   * cannot be identified, with their path.
   */
  spec(index: number): RunSpec<P> {
    const id = hexOf(this.digest(index));
    const replicate = index % this.replicates;
    return {
      id,
      trial: (index - replicate) / this.replicates,
      replicate,
      params: this.#params(),
      seed: this.#root(replicate),
    };
  }

  /**
   * The id of the run at a position, as 32 bytes.
   *
   * @param index - 0 ≤ index < length.
   * @throws {@link DefinitionError} as {@link Plan.spec}.
   */
  digest(index: number): Uint8Array {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new DefinitionError(
        "METALAB_PLAN_INDEX",
        `Plan: runs are numbered 0 to ${this.length - 1}, got ${show(index)}. Ask for one of these.`,
        { index, length: this.length },
      );
    }
    const replicate = index % this.replicates;
    const trial = (index - replicate) / this.replicates;
    if (trial !== this.#trial) this.#visit(trial);
    try {
      return this.#hasher.digest(this.#given, this.#root(replicate));
    } catch (error) {
      throw this.#located(error, trial);
    }
  }

  #visit(trial: number): void {
    // Forgotten first: a source that throws must not leave the params of another trial under this number.
    this.#trial = -1;
    const params: Params = this.#experiment.params.at(trial);
    this.#merged = undefined;
    this.#given = params;
    if (!isPlainObject(params)) {
      throw new DefinitionError(
        "METALAB_SOURCE_POINT",
        `${this.#where(trial)}: a point of params is a plain object, got ${show(params)}. Correct at() of the source.`,
      );
    }
    if (Object.hasOwn(params, "") || Object.hasOwn(params, "__proto__")) {
      checkParamNames(this.#where(trial), Object.keys(params));
    }
    this.#trial = trial;
  }

  #params(): P {
    if (this.#merged === undefined) {
      const merged: Record<string, unknown> = { ...this.#given };
      for (const [name, value] of this.#defaults) {
        if (!Object.hasOwn(merged, name)) merged[name] = value;
      }
      this.#merged = Object.freeze(merged);
    }
    return this.#merged as P;
  }

  #root(replicate: number): string {
    const known = this.#roots[replicate];
    if (known !== undefined) return known;
    const root = this.#experiment.seeds.root(replicate);
    if (replicate < KEPT_ROOTS) this.#roots[replicate] = root;
    return root;
  }

  #where(trial: number): string {
    return `Experiment "${this.#experiment.name}", trial ${trial}`;
  }

  #located(error: unknown, trial: number): unknown {
    if (!(error instanceof DefinitionError)) return error;
    return new DefinitionError(
      error.code,
      `${this.#where(trial)}: ${error.message}`,
      { ...error.details, experiment: this.#experiment.name, trial },
      { cause: error },
    );
  }
}

/**
 * Lays out the runs of an experiment.
 *
 * @param contextHash - From `hashContext`; `null` without a context.
 * @throws {@link DefinitionError} METALAB_PLAN_LENGTH when trials × replicates are beyond 2^53 − 1.
 */
export function createPlan<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  contextHash: string | null,
): Plan<P> {
  return new Plan<P>(experiment as Experiment, contextHash);
}
