import { constraintsIn } from "../experiment/search-source.ts";
import { rowsByGroup } from "../math/group-rows.ts";
import { type FoldUnits, foldUnits } from "../results/folds.ts";
import { readMetric } from "../results/names.ts";
import { groupsByParams } from "../results/param-groups.ts";
import { statusAt } from "../results/rank.ts";
import type { AnyResults } from "../results/results.ts";
import { type Selection, selectionOf, sourceAt } from "../results/selection.ts";
import type { Constraint } from "../search/constraint.ts";
import type { TrialOutcome } from "../search/history.ts";
import type { Objective } from "../search/objective.ts";
import {
  type EndedRun,
  type FoldAggregate,
  type OutcomeRule,
  outcomeOf,
  replicateLosses,
} from "../search/outcome.ts";

/** The runs with equal params, taken together. */
export interface Solution<P> {
  readonly params: P;
  /** Means over the replicates, folds joined first; smaller is better. */
  readonly outcome: TrialOutcome;
  /** Loss of each replicate for the first objective, by replicate. */
  readonly losses: readonly number[];
  readonly ids: readonly string[];
}

/**
 * The solutions that some results hold, in the order in which they come first; only those with a value for every
 * objective. Replicates of which not all folds have succeeded count as failed when one has, and not at all when the rest
 * may still come.
 */
export function solutionsOf<P, M>(
  results: AnyResults<P, M>,
  objectives: readonly Objective[],
): readonly Solution<P>[] {
  const rule = { objectives, ...ruleOf(results) };
  const selection = selectionOf(results.parts);
  const groups = groupsByParams(selection);
  const { rows, starts } = rowsByGroup(groups);
  const endedAt = endedRuns(selection, rule);
  const solutions: Solution<P>[] = [];
  for (let group = 0; group < groups.count; group++) {
    const runs: EndedRun[] = [];
    for (let at = starts[group]!; at < starts[group + 1]!; at++) {
      const run = endedAt(rows[at]!);
      if (run !== undefined) runs.push(run);
    }
    if (runs.length === 0) continue;
    const outcome = outcomeOf(runs, rule);
    if (outcome.state !== "complete") continue;
    const complete = runs.filter(({ state }) => state === "complete");
    const positions = rows.subarray(starts[group], starts[group + 1]);
    solutions.push(new GroupSolution(results, positions, outcome, replicateLosses(complete, rule)));
  }
  return solutions;
}

/** A solution that reads its params and ids when they are asked for: of very many, a few are looked at. */
class GroupSolution<P> implements Solution<P> {
  readonly outcome: TrialOutcome;
  readonly losses: readonly number[];
  readonly #results: AnyResults<P>;
  readonly #positions: Int32Array;
  #params: P | undefined;

  constructor(
    results: AnyResults<P>,
    positions: Int32Array,
    outcome: TrialOutcome,
    losses: readonly number[],
  ) {
    this.#results = results;
    this.#positions = positions;
    this.outcome = outcome;
    this.losses = losses;
  }

  get params(): P {
    this.#params ??= this.#results.at(this.#positions[0]!)!.params;
    return this.#params;
  }

  get ids(): readonly string[] {
    return Array.from(this.#positions, (position) => this.#results.at(position)!.id);
  }
}

/** How the run at a position ended; `undefined` for a fold of a replicate of which others may still come. */
function endedRuns(selection: Selection, rule: OutcomeRule): (position: number) => EndedRun | undefined {
  const wanted = [...rule.objectives, ...rule.constraints].map(({ metric }) => metric);
  const sources = selection.sources.map((source) => ({
    frame: source.frame,
    readers: wanted.map((name) => readMetric(source, name)),
  }));
  const folds = foldUnits(selection);
  const isUnderWay = folds === undefined ? () => false : underWay(selection, folds);
  return (position) => {
    if (isUnderWay(position)) return undefined;
    const row = selection.rows[position]!;
    const { frame, readers } = sources[sourceAt(selection, position)]!;
    const isWhole = folds?.isWhole[folds.unit[position]!] !== 0;
    const values = readers.map((read) => read(row));
    const isComplete = isWhole && frame.status(row) === "success" && values.every(isValue);
    const metrics = Object.fromEntries(wanted.map((name, at) => [name, values[at]]));
    return { state: isComplete ? "complete" : "failed", metrics, replicate: frame.replicate[row]! };
  };
}

/** Whether the run at a position is a fold of a replicate that is not whole, though none of its folds went wrong. */
function underWay(selection: Selection, { unit, isWhole }: FoldUnits): (position: number) => boolean {
  const status = statusAt(selection);
  const wentWrong = new Uint8Array(isWhole.length);
  for (const [position, code] of unit.entries())
    if (["failed", "pruned"].includes(status(position))) wentWrong[code] = 1;
  return (position) => isWhole[unit[position]!] === 0 && wentWrong[unit[position]!] === 0;
}

/** What the experiments said of folds and constraints; the first that says something counts. */
function ruleOf(results: AnyResults<unknown, unknown> | AnyResults<never, never>): {
  readonly constraints: readonly Constraint[];
  readonly aggregate: FoldAggregate;
} {
  const manifests = results.parts
    .map(({ manifest }) => manifest)
    .filter((manifest) => manifest !== undefined);
  const constraints =
    manifests.map(({ params }) => constraintsIn(params)).find((list) => list.length > 0) ?? [];
  const aggregate = manifests.find(({ folds }) => folds !== undefined)?.folds?.aggregate ?? "mean";
  return { constraints, aggregate: aggregate as FoldAggregate };
}

function isValue(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}
