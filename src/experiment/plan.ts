import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { fingerprint, type Hash } from "../identity/ids.ts";
import type { Experiment } from "./experiment.ts";
import type { Params } from "./operation.ts";
import { checkParamNames } from "./param-source.ts";
import { type RunSpec, TrialRuns } from "./run-specs.ts";

/**
 * The runs of an experiment in order, worked out one at a time: trial 0 with all its replicates, then trial 1, …
 *
 * Costs O(1) to make and to hold, however many runs there are.
 */
export class Plan<P extends Params = Params> {
  /** Trials × replicates (× folds). */
  readonly length: number;
  readonly trials: number;
  readonly replicates: number;
  readonly contextHash: string | null;
  /** The runs of each trial. */
  readonly runs: TrialRuns;
  readonly #experiment: Experiment;
  #fingerprint: Hash | undefined;
  /** Params of the last trial asked for: its replicates follow one another. */
  #trial = -1;
  #given: Params = {};
  #merged: Params | undefined;

  constructor(experiment: Experiment, contextHash: string | null) {
    const { name, params: source } = experiment;
    this.runs = new TrialRuns(experiment, contextHash);
    this.trials = source.length;
    this.replicates = this.runs.replicates;
    this.length = source.length * this.runs.length;
    this.contextHash = contextHash;
    if (!Number.isSafeInteger(this.length)) {
      throw new DefinitionError(
        "METALAB_PLAN_LENGTH",
        `Experiment "${name}": trials × replicates are more runs than can be counted exactly (2^53 - 1), got ${source.length} × ${this.runs.length}. Use sample(source, n, seed) or fewer replicates.`,
        { trials: source.length, replicates: this.runs.length },
      );
    }
    this.#experiment = experiment;
  }

  /**
   * Tells plans apart: same fingerprint, same runs in the same order.
   */
  get fingerprint(): Hash {
    const { name, version, params, defaults, seeds, folds } = this.#experiment;
    this.#fingerprint ??= fingerprint("metalab.plan", 1, {
      name,
      version,
      contextHash: this.contextHash,
      source: params.describe(),
      defaults,
      seeds: { base: seeds.base, replicates: seeds.replicates },
      ...(folds === undefined ? {} : { folds: folds.count }),
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
    const trial = this.#at(index);
    this.#merged ??= this.runs.complete(this.#given);
    try {
      return this.runs.spec(trial, this.#given, this.#merged as P, index % this.runs.length);
    } catch (error) {
      throw this.#located(error, trial);
    }
  }

  /**
   * The id of the run at a position, as 32 bytes.
   *
   * @param index - 0 ≤ index < length.
   * @throws {@link DefinitionError} as {@link Plan.spec}.
   */
  digest(index: number): Uint8Array {
    const trial = this.#at(index);
    try {
      return this.runs.digest(this.#given, index % this.runs.length);
    } catch (error) {
      throw this.#located(error, trial);
    }
  }

  /** Makes the trial of a run the one whose params are at hand. */
  #at(index: number): number {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new DefinitionError(
        "METALAB_PLAN_INDEX",
        `Plan: runs are numbered 0 to ${this.length - 1}, got ${show(index)}. Ask for one of these.`,
        { index, length: this.length },
      );
    }
    const trial = Math.floor(index / this.runs.length);
    if (trial !== this.#trial) this.#visit(trial);
    return trial;
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
