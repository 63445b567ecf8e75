import { constraintsIn } from "../experiment/search-source.ts";
import { canonicalText } from "../identity/canonical.ts";
import { type FoldUnits, foldUnits } from "../results/folds.ts";
import { statusAt } from "../results/rank.ts";
import type { AnyResults } from "../results/results.ts";
import { type Selection, selectionOf } from "../results/selection.ts";
import type { Constraint } from "../search/constraint.ts";
import type { TrialOutcome } from "../search/history.ts";
import type { Objective } from "../search/objective.ts";
import { type EndedRun, type FoldAggregate, outcomeOf, replicateLosses } from "../search/outcome.ts";

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
  const groups = new Map<string, { readonly params: P; readonly runs: EndedRun[]; readonly ids: string[] }>();
  const names = objectives.map(({ metric }) => metric);
  const rule = { objectives, ...ruleOf(results) };
  const wanted = [...names, ...rule.constraints.map(({ metric }) => metric)];
  const selection = selectionOf(results.parts);
  const folds = foldUnits(selection);
  const isUnderWay = folds === undefined ? () => false : underWay(selection, folds);
  let position = -1;
  for (const run of results) {
    position += 1;
    const isWhole = folds?.isWhole[folds.unit[position]!] !== 0;
    const metrics: Record<string, unknown> = {};
    for (const name of wanted) metrics[name] = run.metric(name);
    const isComplete = run.status === "success" && isWhole && wanted.every((name) => isValue(metrics[name]));
    const key = canonicalText(run.params, "params");
    const group = groups.get(key) ?? { params: run.params, runs: [], ids: [] };
    if (!isUnderWay(position)) {
      group.runs.push({ state: isComplete ? "complete" : "failed", metrics, replicate: run.replicate });
    }
    group.ids.push(run.id);
    groups.set(key, group);
  }
  return [...groups.values()]
    .filter(({ runs }) => runs.length > 0)
    .map(({ params, runs, ids }) => ({
      params,
      ids,
      outcome: outcomeOf(runs, rule),
      losses: replicateLosses(
        runs.filter(({ state }) => state === "complete"),
        rule,
      ),
    }))
    .filter(({ outcome }) => outcome.state === "complete");
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
