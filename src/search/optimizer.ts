import { DefinitionError, show } from "../errors.ts";
import { canonicalText, decode, encode, isPlainObject, type Json } from "../identity/canonical.ts";
import { fingerprint } from "../identity/ids.ts";
import { closest } from "../space/nearest.ts";
import { checkOptions } from "../space/options.ts";
import { type Space, type SpaceParams, spaceContains } from "../space/space.ts";
import {
  checkPoint,
  describeSearchPlan,
  resolveSearchPlan,
  SEARCH_PLAN_HINTS,
  SEARCH_PLAN_OPTIONS,
  type SearchPlan,
  type SearchPlanOptions,
} from "./definition.ts";
import { isFeasible, type ObservedTrial, type TrialOutcome, type TrialState } from "./history.ts";
import { isObjective, type Objective } from "./objective.ts";
import { type EndedRun, outcomeOf, toldOutcome } from "./outcome.ts";
import { paretoFront } from "./pareto.ts";
import { type AskedTrial, type Point, Study } from "./study.ts";

/** Options of {@link optimizer}. */
export interface OptimizerOptions<S extends Space = Space> extends SearchPlanOptions<S> {
  /** What is optimized: `minimize("loss")`, or a list for several objectives. */
  readonly objective: Objective | readonly Objective[];
  /** Number of trials that are planned, where that is known: some samplers plan ahead. @defaultValue unknown */
  readonly trials?: number;
  /** What `JSON.parse` gave for a saved optimizer of the same definition. @defaultValue begins anew */
  readonly state?: unknown;
}

/** A trial that an optimizer proposes. */
export interface ProposedTrial<P = Point> {
  readonly number: number;
  readonly params: P;
  /** What proposed it: the name of a sampler, or `start`. */
  readonly by: string;
}

/** A trial that an optimizer was told. The number of a point that was registered and never suggested is negative. */
export interface ToldTrial<P = Point> extends ProposedTrial<P> {
  readonly state: TrialState;
  /** The value of each objective, as told; empty when there are none. */
  readonly values: readonly number[];
}

/** What can be told of a trial: its value, several, its metrics by name, or that it gave none. */
export type Told =
  | number
  | readonly number[]
  | Readonly<Record<string, number>>
  | "failed"
  | "infeasible"
  | { readonly state: "pruned"; readonly value: number; readonly step?: number };

const FORMAT = 1;

/**
 * A search whose loop is one's own: ask for a trial, carry it out, tell how it went.
 *
 * Asks that come before earlier trials were told are fine: what is pending is taken into account. The same seed and
 * the same asks and tells in the same order give the same trials, and the same as `search()` gives.
 */
export class Optimizer<S extends Space = Space> {
  readonly objectives: readonly Objective[];
  readonly #plan: SearchPlan;
  readonly #study: Study;
  readonly #planned: number | undefined;
  readonly #by: string[] = [];
  /** Asks, tells and points that were learned from, in order: all that there is to begin again from. */
  readonly #log: Step[] = [];
  readonly #fingerprint: string;

  constructor(options: OptimizerOptions<S>) {
    checkOptions(
      "optimizer()",
      options,
      [...SEARCH_PLAN_OPTIONS, "objective", "trials", "state"],
      SEARCH_PLAN_HINTS,
    );
    this.#plan = resolveSearchPlan("optimizer", options);
    this.objectives = checkObjectives(options.objective);
    const { trials } = options;
    if (trials !== undefined && !(Number.isSafeInteger(trials) && trials > 0)) {
      throw new DefinitionError(
        "METALAB_SEARCH_TRIALS",
        `optimizer(): trials is a positive integer, got ${show(trials)}. Leave it out, or write for example trials: 100.`,
        { trials },
      );
    }
    this.#planned = trials;
    this.#fingerprint = fingerprint("metalab.optimizer", 1, {
      ...describeSearchPlan(this.#plan),
      objectives: this.objectives,
    });
    this.#study = new Study({
      ...this.#plan,
      constraints: this.#plan.constraints.length,
      objectives: this.objectives,
    });
    if (options.state !== undefined) this.#restore(options.state);
  }

  /** The next trial. It stays pending until it is told. */
  ask(): ProposedTrial<SpaceParams<S>> {
    return this.#took(this.#study.ask(this.#planned));
  }

  /**
   * Tells how a trial went.
   *
   * @param trial - what `ask()` gave, or its number.
   * @param told - the value of the objective; a list of them for several; metrics by name; `"failed"`,
   * `"infeasible"`; or `{ state: "pruned", value, step }`.
   * @throws {@link DefinitionError} METALAB_SEARCH_TELL when the trial was not asked for or told before,
   * METALAB_SEARCH_VALUE when what is told is none of these, or NaN, METALAB_OBJECTIVE_MISSING when a metric is
   * missing. A trial that was pending stays so.
   */
  tell(trial: number | { readonly number: number }, told: Told): void {
    const number = typeof trial === "number" ? trial : trial?.number;
    this.#tell(number, this.#outcome("tell", told));
  }

  /** The params of the next trial: `ask()` for loops that know trials by their params. */
  suggest(): SpaceParams<S> {
    return this.ask().params;
  }

  /**
   * Tells how a point went: `tell()` by params. Of several pending trials with these params the first is told. A
   * point that was never suggested is learned from as well; it takes no number from the trials to come.
   *
   * @throws {@link DefinitionError} METALAB_SEARCH_VALUE as `tell()`, METALAB_SEARCH_START when the point is not in
   * the space.
   */
  register(params: SpaceParams<S>, told: Told): void {
    const outcome = this.#outcome("register", told);
    const text = canonicalText(params, "register(): params");
    const trial = this.#study.pending.find(
      (pending) => canonicalText(pending.params, "register(): params") === text,
    );
    if (trial !== undefined) {
      this.#tell(trial.number, outcome);
      return;
    }
    const { space } = this.#plan.space;
    const point = checkPoint("register", "params", params, space);
    if (!spaceContains(space, point)) {
      throw new DefinitionError(
        "METALAB_SEARCH_START",
        `register(): params must be a whole point of the space, got ${show(params)}. Give every parameter that is active.`,
      );
    }
    this.#learn(point, outcome);
  }

  /** The best trial so far; `undefined` before there is one, and with several objectives (see {@link Optimizer.front}). */
  get best(): ToldTrial<SpaceParams<S>> | undefined {
    if (this.objectives.length !== 1) return undefined;
    let best: ObservedTrial | undefined;
    for (const trial of this.#study.history) {
      if (!isFeasible(trial)) continue;
      if (best === undefined || trial.losses[0]! < best.losses[0]!) best = trial;
    }
    return best === undefined ? undefined : this.#shown(best);
  }

  /**
   * The trials that no other beats: none is as good in every objective and better in one. Only trials that were told
   * completely and meet the constraints; with a single objective those that are as good as {@link Optimizer.best}.
   * In the order of the first objective, best first.
   */
  get front(): readonly ToldTrial<SpaceParams<S>>[] {
    const feasible = [...this.#study.history].filter(isFeasible);
    return paretoFront(feasible.map(({ losses }) => losses))
      .map((at) => feasible[at]!)
      .sort((a, b) => a.losses[0]! - b.losses[0]!)
      .map((trial) => this.#shown(trial));
  }

  /** The trials that were told, in that order. */
  get trials(): readonly ToldTrial<SpaceParams<S>>[] {
    return Array.from(this.#study.history, (trial) => this.#shown(trial));
  }

  /** All that is needed to go on later: give it, parsed, as `state` to an optimizer of the same definition. */
  toJSON(): SavedOptimizer {
    return { format: FORMAT, definition: this.#fingerprint, steps: encode(this.#log, "steps") };
  }

  #tell(number: number, outcome: TrialOutcome): void {
    this.#study.tell(number, outcome);
    this.#log.push({ tell: number, outcome });
  }

  #learn(params: Point, outcome: TrialOutcome): void {
    this.#study.learn(params, outcome);
    this.#log.push({ learn: params, outcome });
  }

  #took({ number, params, by }: AskedTrial): ProposedTrial<SpaceParams<S>> {
    this.#by[number] = by;
    this.#log.push({ ask: params, by });
    return { number, params: params as SpaceParams<S>, by };
  }

  #outcome(where: string, told: Told): TrialOutcome {
    const { objectives } = this;
    const { constraints } = this.#plan;
    const none = { losses: [], errors: [], count: 0 };
    if (told === "failed" || told === "infeasible") return { state: told, ...none };
    this.#checkNumbers(where, told);
    if (typeof told === "number" && objectives.length === 1 && constraints.length === 0) {
      return toldOutcome([told], objectives);
    }
    if (isNumbers(told) && told.length === objectives.length && constraints.length === 0) {
      return toldOutcome(told, objectives);
    }
    if (isPlainObject(told)) {
      const { state, value, step } = told;
      if (state === "pruned" && typeof value === "number" && objectives.length === 1) {
        return { ...toldOutcome([value], objectives), state, ...(typeof step === "number" ? { step } : {}) };
      }
      this.#checkMetrics(where, told);
      const run: EndedRun = { state: "complete", metrics: told, replicate: 0 };
      return outcomeOf([run], { objectives, constraints });
    }
    const form =
      constraints.length > 0
        ? `the metrics by name, { ${[...objectives, ...constraints].map(({ metric }) => `${metric}: 0.5`).join(", ")} }`
        : objectives.length === 1
          ? "a number, or metrics by name"
          : `a list of ${objectives.length} numbers, or metrics by name`;
    throw new DefinitionError(
      "METALAB_SEARCH_VALUE",
      `${where}(): what a trial gave is ${form}, got ${show(told)}. Tell "failed" or "infeasible" when it gave nothing.`,
      { told },
    );
  }

  /** NaN is more often an accident of the loop than what a trial gave. */
  #checkNumbers(where: string, told: Told): void {
    const wanted: readonly string[] = [
      ...[...this.objectives, ...this.#plan.constraints].map(({ metric }) => metric),
      "value",
      "step",
    ];
    const fields: Readonly<Record<string, unknown>> = isPlainObject(told) ? told : {};
    const name = wanted.find((metric) => Number.isNaN(fields[metric]));
    if (name === undefined && ![told].flat().some(Number.isNaN)) return;
    throw new DefinitionError(
      "METALAB_SEARCH_VALUE",
      `${where}(): ${name === undefined ? "what a trial gave" : show(name)} must be a number other than NaN, got NaN. Tell "infeasible" when its params cannot be used, "failed" when it says nothing about them.`,
      { told },
    );
  }

  #checkMetrics(where: string, told: Readonly<Record<string, unknown>>): void {
    const known = Object.keys(told);
    for (const { metric } of [...this.objectives, ...this.#plan.constraints]) {
      if (typeof told[metric] === "number") continue;
      const near = closest(metric, known);
      const advice = Object.hasOwn(told, metric)
        ? "Give a number."
        : near === undefined
          ? `The metrics are ${known.join(", ") || "none"}: add it, or correct the name.`
          : `Did you mean ${show(near)}?`;
      throw new DefinitionError(
        "METALAB_OBJECTIVE_MISSING",
        `${where}(): the metrics of a trial must have the number ${show(metric)}, got ${show(told[metric])}. ${advice}`,
        { metric, known },
      );
    }
  }

  #shown({ number, params, state, losses }: ObservedTrial): ToldTrial<SpaceParams<S>> {
    const values = losses.map((loss, at) => (this.objectives[at]?.direction === "maximize" ? -loss : loss));
    return { number, params: params as SpaceParams<S>, by: this.#by[number] ?? "register", state, values };
  }

  #restore(state: unknown): void {
    const { format, definition, steps } = (isPlainObject(state) ? state : {}) as Partial<SavedOptimizer>;
    if (format !== FORMAT || !Array.isArray(steps) || steps.some((step) => !isPlainObject(step))) {
      throw new DefinitionError(
        "METALAB_SEARCH_STATE",
        `optimizer(): state is what JSON.parse gives for a saved optimizer, got ${show(state)}. Save it with JSON.stringify(optimizer).`,
      );
    }
    if (definition !== this.#fingerprint) {
      throw new DefinitionError(
        "METALAB_SEARCH_STATE",
        "optimizer(): state must be of an optimizer with the same space, sampler, seed, start, constraints and objective, got one of another. Give the definition it was saved with, or leave state out.",
      );
    }
    for (const step of decode(steps) as readonly Step[]) {
      if ("ask" in step) this.#took(this.#study.adopt({ params: step.ask, by: step.by }));
      else if ("tell" in step) this.#tell(step.tell, step.outcome);
      else this.#learn(step.learn, step.outcome);
    }
  }
}

type Step =
  | { readonly ask: Point; readonly by: string }
  | { readonly tell: number; readonly outcome: TrialOutcome }
  | { readonly learn: Point; readonly outcome: TrialOutcome };

/** A saved optimizer, as {@link Optimizer.toJSON} gives it. */
export interface SavedOptimizer {
  readonly format: number;
  /** Fingerprint of what the trials depend on. */
  readonly definition: string;
  /** Asks and tells, in order. */
  readonly steps: Json;
}

/**
 * A search whose loop is one's own.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_SAMPLER, METALAB_SEARCH_START, METALAB_SEARCH_TRIALS,
 * METALAB_SEARCH_STATE, METALAB_CONSTRAINT, METALAB_OBJECTIVE, METALAB_SEED, METALAB_UNKNOWN_OPTION, or a
 * METALAB_SPACE_… code.
 * @example
 * ```ts
 * import { maximize, optimizer, uniform } from "metalab";
 * const search = optimizer({ space: { x: uniform(-2, 2) }, objective: maximize("score"), seed: 1 });
 * for (let i = 0; i < 20; i++) {
 *   const trial = search.ask();
 *   search.tell(trial, 1 - trial.params.x ** 2);
 * }
 * console.log(search.best!.values[0]! > 0.9); // true
 * ```
 */
export function optimizer<const S extends Space>(options: OptimizerOptions<S>): Optimizer<S> {
  return new Optimizer(options);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function checkObjectives(given: unknown): readonly Objective[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const wrong = list.findIndex((item) => !isObjective(item));
  if (list.length > 0 && wrong < 0) return Object.freeze([...(list as readonly Objective[])]);
  throw new DefinitionError(
    "METALAB_OBJECTIVE",
    `optimizer(): an objective is a metric and a direction, got ${show(list.length === 0 ? given : list[wrong])}. Write objective: minimize("loss").`,
    { objective: given },
  );
}
