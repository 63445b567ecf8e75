import { DefinitionError, show } from "../errors.ts";
import { summarize } from "../math/stats.ts";
import { closest } from "../space/nearest.ts";
import { type Constraint, violationOf } from "./constraint.ts";
import type { TrialOutcome, TrialState } from "./history.ts";
import type { Objective } from "./objective.ts";

/** How one run of a trial ended, as far as a search looks at it. */
export interface EndedRun {
  readonly state: TrialState;
  readonly metrics: Readonly<Record<string, unknown>>;
  /** Which repetition of the trial it is. */
  readonly replicate: number;
  /** Last step at which a pruned run reported its objective. */
  readonly step?: number;
}

/** How the values of the folds of one replicate become one. */
export type FoldAggregate = "mean" | "median" | "min" | "max";

/** What turns runs into the outcome of a trial. */
export interface OutcomeRule {
  readonly objectives: readonly Objective[];
  readonly constraints: readonly Constraint[];
  /** Over the runs of one replicate, where there are several (folds). @defaultValue `"mean"` */
  readonly aggregate?: FoldAggregate;
}

/**
 * What became of a trial, by how its runs ended.
 *
 * It is complete when at least half of its runs are; its losses are means over those. Otherwise it is what most
 * runs that did not complete are; of equally many, infeasible before pruned before failed. A run whose objective is
 * NaN counts as infeasible.
 *
 * @param runs - at least one.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING when a complete run lacks the metric of an objective or a
 * constraint, with the nearest name.
 */
export function outcomeOf(runs: readonly EndedRun[], rule: OutcomeRule): TrialOutcome {
  const metrics = [...rule.objectives, ...rule.constraints].map(({ metric }) => metric);
  const counts = { complete: 0, infeasible: 0, pruned: 0, failed: 0 };
  const states = runs.map((run) => stateOf(run, metrics));
  for (const state of states) counts[state] += 1;
  const state = counts.complete * 2 >= runs.length ? "complete" : mostOf(counts);
  if (state !== "complete" && state !== "pruned") return { state, losses: [], errors: [], count: 0 };
  const kept = runs.filter((_, at) => states[at] === state);
  const losses: number[] = [];
  const errors: number[] = [];
  let count = 0;
  for (const { metric, direction } of rule.objectives) {
    const values = perReplicate(kept, metric, rule.aggregate ?? "mean");
    count = values.length;
    const { mean, sem } = summarize(values);
    losses.push(direction === "maximize" ? -mean : mean);
    errors.push(sem);
  }
  const violations = rule.constraints.map((constraint) =>
    violationOf(constraint, summarize(perReplicate(kept, constraint.metric, rule.aggregate ?? "mean")).mean),
  );
  const steps = kept.map(({ step }) => step).filter((step) => step !== undefined);
  if (state === "pruned" && losses.some(Number.isNaN)) return { state, losses: [], errors: [], count: 0 };
  return {
    state,
    losses,
    errors,
    count,
    ...(violations.length === 0 ? {} : { violations }),
    ...(state === "pruned" && steps.length > 0 ? { step: Math.max(...steps) } : {}),
  };
}

/**
 * The loss of each replicate of a trial for its first objective, in order; smaller is better. Infinite where a run
 * did not complete, so that NaN never stands for a replicate.
 */
export function replicateLosses(runs: readonly EndedRun[], rule: OutcomeRule): readonly number[] {
  const [objective] = rule.objectives;
  if (objective === undefined) return [];
  const values = runs.map((run): EndedRun => {
    const isNumber = stateOf(run, [objective.metric]) === "complete";
    const worst = objective.direction === "minimize" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    return isNumber ? run : { ...run, metrics: { [objective.metric]: worst } };
  });
  const losses = perReplicate(values, objective.metric, rule.aggregate ?? "mean");
  return objective.direction === "maximize" ? losses.map((value) => -value) : losses;
}

/** The outcome of a trial whose objective values are told directly. @param values - without NaN. */
export function toldOutcome(values: readonly number[], objectives: readonly Objective[]): TrialOutcome {
  const losses = values.map((value, at) => (objectives[at]?.direction === "maximize" ? -value : value));
  return { state: "complete", losses, errors: losses.map(() => Number.NaN), count: 1 };
}

function stateOf({ state, metrics }: EndedRun, wanted: readonly string[]): TrialState {
  if (state !== "complete") return state;
  for (const name of wanted) {
    const value = metrics[name];
    if (typeof value !== "number") throw missing(name, value, Object.keys(metrics));
    if (Number.isNaN(value)) return "infeasible";
  }
  return "complete";
}

function mostOf(counts: Readonly<Record<TrialState, number>>): TrialState {
  const states: TrialState[] = ["infeasible", "pruned", "failed"];
  return states.reduce((most, state) => (counts[state] > counts[most] ? state : most));
}

/** One value for each replicate: over the folds of each, where there are several. */
function perReplicate(runs: readonly EndedRun[], metric: string, aggregate: FoldAggregate): number[] {
  const [only, ...others] = runs;
  if (only !== undefined && others.length === 0) {
    const value = only.metrics[metric];
    return typeof value === "number" ? [value] : [];
  }
  const groups = new Map<number, number[]>();
  for (const { replicate, metrics } of runs) {
    const value = metrics[metric];
    if (typeof value !== "number") continue;
    const group = groups.get(replicate);
    if (group === undefined) groups.set(replicate, [value]);
    else group.push(value);
  }
  return Array.from(groups.values(), (values) => summarize(values)[aggregate]);
}

/** The error for a run that succeeded without a metric that the search needs. */
function missing(name: string, value: unknown, known: readonly string[]): DefinitionError {
  return new DefinitionError(
    "METALAB_OBJECTIVE_MISSING",
    `search: every run has to report the number ${show(name)}, got ${show(value)}. ${missingAdvice(name, known)}`,
    { metric: name, known },
  );
}

function missingAdvice(name: string, known: readonly string[]): string {
  if (known.length === 0) return "Return it from the operation, or capture it.";
  if (known.includes(name)) return "Return it as a number.";
  const near = closest(name, known);
  return near === undefined
    ? `The metrics are ${known.join(", ")}: return it from the operation, or correct the name.`
    : `Did you mean "${near}"?`;
}
