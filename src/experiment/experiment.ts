import { DefinitionError, show } from "../errors.ts";
import { encode, isPlainObject } from "../identity/canonical.ts";
import { frozenCopy } from "../identity/frozen.ts";
import { isObjective, type Objective } from "../search/objective.ts";
import { checkOptions } from "../space/options.ts";
import { type ContextOf, encodeContext, inputsOf } from "./context.ts";
import { checkFolderName } from "./experiment-name.ts";
import { type FoldPlan, isFoldPlan } from "./folds.ts";
import type { MetricValues, OperationInput, Params } from "./operation.ts";
import { checkParamNames, isSource } from "./param-source.ts";
import type { MetricValue } from "./record.ts";
import { isSeedPlan, type SeedPlan, seeds } from "./seeds.ts";
import { rememberSite } from "./site.ts";
import type { ParamSource } from "./source.ts";

/** The function that one run calls. It returns scalars by name, or nothing when all is captured. */
export type Operation<P extends Params = Params, M = unknown, C = unknown> = (
  input: OperationInput<P, C>,
) => M | Promise<M>;

// biome-ignore lint/suspicious/noConfusingVoidType: what a function without a return statement returns
type Nothing = void | undefined;

/**
 * What must also hold of what an operation returns: every field a scalar (`undefined` = absent), or nothing at all.
 * It stands beside the return type and not as a constraint of `M`: with a constraint the compiler would settle `M`
 * before it has looked at the operation, whenever an objective is given.
 */
export type MetricsCheck<M> = unknown extends M
  ? unknown
  : M extends Nothing
    ? unknown
    : M extends readonly unknown[] | string | number | boolean | bigint | symbol | null
      ? MetricValues
      : { readonly [K in keyof M]: MetricValue | undefined };

/** The names that an objective may have for an operation returning `M`: any, when it returns nothing. */
export type MetricName<M> = unknown extends M
  ? string
  : [Exclude<M, Nothing>] extends [never]
    ? string
    : M extends Nothing
      ? never
      : keyof M & string;

/** Params of a source with the defaults filled in. */
export type WithDefaults<P, D> = [keyof D] extends [never]
  ? P
  : P extends unknown
    ? {
        readonly [K in keyof P as K extends keyof D ? never : K]: P[K];
      } & {
        readonly [K in keyof D]: K extends keyof P ? Exclude<P[K], undefined> | D[K] : D[K];
      } extends infer Both
      ? { readonly [K in keyof Both]: Both[K] }
      : never
    : never;

/** One objective, or several, of an operation returning `M`. */
export type ObjectiveFor<M> =
  | Objective<NoInfer<MetricName<M>>>
  | readonly Objective<NoInfer<MetricName<M>>>[];

/** What makes an experiment. Everything but `name`, `params` and `operation` may be left out. */
export interface ExperimentDefinition<
  P extends Params = Params,
  D extends Params = Record<never, never>,
  M = unknown,
  C = unknown,
> {
  /**
   * With `version`, the folder of the runs and part of every id. At most 128 bytes; no slashes, control characters,
   * `: * ? " < > | @`, names of Windows devices, leading or trailing dots and spaces. Names that differ only in
   * case are different experiments; the store keeps them apart on disks that do not.
   */
  readonly name: string;
  /** Raise it when the meaning of the results changes. @defaultValue `"1"` */
  readonly version?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Facts about the experiment to group and filter by; plain data, no part of the ids. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Inputs that all runs share; part of every id. Files and folders as `file(path)`, `directory(path)`. */
  readonly context?: C;
  /** What varies: `grid`, `random`, `manual`, or a combination. */
  readonly params: ParamSource<P>;
  /**
   * Values of params that the source leaves out. A param equal to its default does not enter the id, so a new
   * parameter named here keeps the ids of all runs that were made without it.
   */
  readonly defaults?: D;
  /** How often each trial is repeated. @defaultValue `seeds({ base: 0, replicates: 1 })` */
  readonly seeds?: SeedPlan;
  /** Cross-validation as a further axis: each replicate is one run for each fold. @defaultValue none */
  readonly folds?: FoldPlan;
  readonly operation: Operation<WithDefaults<P, D>, M & MetricsCheck<M>, ContextOf<C>>;
  /** What `best()` and searches follow. */
  readonly objective?: ObjectiveFor<M>;
  /**
   * Path or URL of the file that the operation is written in (`import.meta.url`), for the fingerprint of its code.
   * @defaultValue the file that calls `new Experiment`
   */
  readonly module?: string;
}

/**
 * A definition that was checked and cannot change any more.
 *
 * `P` is what the operation gets as params (defaults filled in), `M` what it returns, `C` the declared context.
 */
export interface Experiment<P extends Params = Params, M = unknown, C = unknown> {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly context: C;
  /** Where the points come from, without the defaults. */
  readonly params: ParamSource;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly seeds: SeedPlan;
  /** `undefined` without cross-validation. */
  readonly folds: FoldPlan | undefined;
  /**
   * A method to the type checker, and with any context, so that an `Experiment<{ lr: number }>` is an `Experiment`.
   */
  operation(this: void, input: OperationInput<P>): M | Promise<M>;
  /** In the order given; empty when none was. */
  readonly objectives: readonly Objective[];
}

/** Params that the operation of an experiment gets. */
export type ParamsOf<E> = E extends { operation(input: OperationInput<infer P, never>): unknown } ? P : never;

/** Metrics that the operation of an experiment returns. */
export type MetricsOf<E> = E extends { operation(input: never): infer R } ? Awaited<R> : never;

/** The constructor of experiments; what `new Experiment({ … })` infers is all in the literal. */
export interface ExperimentConstructor {
  new <P extends Params, M, D extends Params = Record<never, never>, C = undefined>(
    definition: ExperimentDefinition<P, D, M, C>,
  ): Experiment<WithDefaults<P, D>, M, C>;
  readonly prototype: Experiment;
}

const OPTIONS = [
  "name",
  "version",
  "description",
  "tags",
  "metadata",
  "context",
  "params",
  "defaults",
  "seeds",
  "folds",
  "operation",
  "objective",
  "module",
] as const;

const HINTS = {
  objectives: 'Use "objective"; it takes one or an array.',
  replicates: 'Use "seeds": seeds({ replicates: 3 }).',
  seed: 'Use "seeds": seeds({ base: 42 }).',
  space: 'Use "params": random({ space, trials }).',
  trials: 'Use "params": random({ space, trials }).',
  n_trials: 'Use "params": random({ space, trials }).',
  metric: 'Use "objective": minimize("loss") or maximize("accuracy").',
  mode: 'Use "objective": minimize("loss") or maximize("accuracy").',
  direction: 'Use "objective": minimize("loss") or maximize("accuracy").',
  fn: 'Use "operation".',
  run: 'Use "operation".',
};

// The name is what people see who forget `new`.
const FrozenExperiment = class Experiment {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly params: ParamSource;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly seeds: SeedPlan;
  readonly folds: FoldPlan | undefined;
  readonly operation: (input: never) => unknown;
  readonly objectives: readonly Objective[];

  constructor(definition: ExperimentDefinition) {
    checkOptions("Experiment", definition, OPTIONS, HINTS);
    const given: { readonly [K in keyof ExperimentDefinition]?: unknown } = definition;
    this.name = checkFolderName("name", given.name);
    const where = `Experiment "${this.name}"`;
    this.version = checkFolderName("version", given.version ?? "1");
    this.description = checkDescription(where, given.description);
    this.tags = checkTags(where, given.tags);
    this.metadata = checkRecord(where, "metadata", given.metadata);
    // Hashes are not known yet; what has no identity is refused here and not when the first run starts.
    if (given.context !== undefined)
      encodeContext(
        given.context,
        inputsOf(given.context).map(() => ""),
      );
    this.context = frozenCopy(given.context);
    this.params = checkSource(where, given.params);
    this.defaults = checkRecord(where, "defaults", given.defaults);
    checkParamNames(`${where}: defaults`, Object.keys(this.defaults));
    this.seeds = checkSeeds(where, given.seeds);
    this.folds = checkFolds(where, given.folds);
    this.operation = checkOperation(where, given.operation);
    this.objectives = checkObjectives(where, given.objective);
    rememberSite(this, checkModule(where, given.module));
    Object.freeze(this);
  }
};

/**
 * A named, versioned definition: what varies, how often it repeats, and what one run does.
 *
 * Everything is inferred from the literal: the params inside the operation, the metrics it returns, the names that
 * the objective may have. The definition is checked here, at once, and frozen.
 *
 * @throws {@link DefinitionError} METALAB_EXPERIMENT_NAME, METALAB_EXPERIMENT_VERSION, METALAB_EXPERIMENT_PARAMS,
 * METALAB_EXPERIMENT_OPERATION, METALAB_EXPERIMENT_TAGS, METALAB_EXPERIMENT_SEEDS, METALAB_OBJECTIVE,
 * METALAB_UNKNOWN_OPTION, METALAB_CONTEXT_INPUT, or METALAB_VALUE_UNIDENTIFIABLE for context, metadata and defaults.
 * @example
 * ```ts
 * import { Experiment, grid, minimize, seeds } from "metalab";
 * const experiment = new Experiment({
 *   name: "parabola",
 *   params: grid({ x: [-1, 0, 1], scale: [1, 10] }),
 *   seeds: seeds({ base: 42, replicates: 3 }),
 *   operation: ({ params, seeds }) => ({ loss: params.scale * params.x ** 2 + seeds.rng().normal(0, 0.1) }),
 *   objective: minimize("loss"),
 * });
 * console.log(experiment.params.length); // 6
 * ```
 */
export const Experiment = FrozenExperiment as unknown as ExperimentConstructor;

function checkDescription(where: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new DefinitionError(
    "METALAB_EXPERIMENT_DESCRIPTION",
    `${where}: description is text, got ${show(value)}. Write a sentence, or put data into metadata.`,
  );
}

function checkModule(where: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new DefinitionError(
    "METALAB_EXPERIMENT_MODULE",
    `${where}: module is the path or URL of a file, got ${show(value)}. Write module: import.meta.url, or leave it out.`,
    { module: value },
  );
}

function checkTags(where: string, value: unknown): readonly string[] {
  if (value === undefined) return Object.freeze([]);
  const wrong = Array.isArray(value) ? value.find((tag) => typeof tag !== "string" || tag === "") : value;
  if (Array.isArray(value) && wrong === undefined && !value.includes(undefined))
    return Object.freeze([...value]);
  throw new DefinitionError(
    "METALAB_EXPERIMENT_TAGS",
    `${where}: tags are an array of non-empty texts, got ${show(wrong)}. Write tags: ["baseline"]; named values belong into metadata.`,
    { tags: value },
  );
}

function checkRecord(
  where: string,
  option: "metadata" | "defaults",
  value: unknown,
): Readonly<Record<string, unknown>> {
  if (value === undefined) return Object.freeze({});
  if (!isPlainObject(value)) {
    throw new DefinitionError(
      "METALAB_OPTIONS",
      `${where}: ${option} is a plain object, got ${show(value)}. Write ${option}: { name: value }.`,
    );
  }
  encode(value, `${where}: ${option}`);
  return frozenCopy(value);
}

function checkSource(where: string, value: unknown): ParamSource {
  if (isSource(value)) return value;
  throw new DefinitionError(
    "METALAB_EXPERIMENT_PARAMS",
    `${where}: params is a source, got ${show(value)}. ${sourceAdvice(value)}`,
    { params: value },
  );
}

function sourceAdvice(value: unknown): string {
  if (Array.isArray(value)) return "For a list of points write manual([{ … }, …]).";
  if (isPlainObject(value)) {
    if ("space" in value) return "Write random({ space, trials }).";
    return Object.values(value).every(Array.isArray)
      ? "For all combinations write grid({ … })."
      : "For one point write manual([{ … }]), for all combinations grid({ name: [values] }).";
  }
  return "Write for example grid({ lr: [0.01, 0.1] }).";
}

function checkSeeds(where: string, value: unknown): SeedPlan {
  if (value === undefined) return seeds();
  if (isSeedPlan(value)) return value;
  const advice =
    typeof value === "number" ? `seeds({ base: ${value} })` : "seeds({ base: 42, replicates: 3 })";
  throw new DefinitionError(
    "METALAB_EXPERIMENT_SEEDS",
    `${where}: seeds is what seeds() gives, got ${show(value)}. Write seeds: ${advice}.`,
  );
}

function checkFolds(where: string, value: unknown): FoldPlan | undefined {
  if (value === undefined || isFoldPlan(value)) return value;
  throw new DefinitionError(
    "METALAB_FOLDS",
    `${where}: folds is what folds() gives, got ${show(value)}. Write folds: folds({ count: 5 }).`,
    { folds: value },
  );
}

function checkOperation(where: string, value: unknown): (input: never) => unknown {
  if (typeof value === "function") return value as (input: never) => unknown;
  throw new DefinitionError(
    "METALAB_EXPERIMENT_OPERATION",
    `${where}: operation is a function, got ${show(value)}. Write operation: ({ params }) => ({ loss: … }).`,
  );
}

function checkObjectives(where: string, value: unknown): readonly Objective[] {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const seen = new Set<string>();
  const objectives = list.map((item) => {
    if (!isObjective(item)) {
      throw new DefinitionError(
        "METALAB_OBJECTIVE",
        `${where}: an objective is a metric and a direction, got ${show(item)}. Write minimize("loss") or maximize("accuracy").`,
        { objective: item },
      );
    }
    if (seen.has(item.metric)) {
      throw new DefinitionError(
        "METALAB_OBJECTIVE",
        `${where}: two objectives name one metric, got ${show(item.metric)} twice. Name each metric once.`,
        { metric: item.metric },
      );
    }
    seen.add(item.metric);
    return Object.freeze({ metric: item.metric, direction: item.direction });
  });
  return Object.freeze(objectives);
}
