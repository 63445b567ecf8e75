import type { ObservedTrial, TrialOutcome } from "./history.ts";
import { crowdingDistance, nonDominatedRanks } from "./pareto.ts";

/**
 * How a trial ended, from good to bad: complete and feasible, stopped early, complete but against a constraint,
 * infeasible, failed.
 */
export function tierOf(trial: TrialOutcome): number {
  if (trial.state === "complete") return isViolated(trial) ? 2 : 0;
  if (trial.state === "pruned") return trial.losses.length > 0 ? 1 : 3;
  return trial.state === "infeasible" ? 3 : 4;
}

/**
 * Ranks trials: the better trial of two has the smaller rank, trials that are equally good have the same.
 *
 * Feasible trials come before others; those against a constraint go by how far they are against it, each constraint
 * in units of the worst of these trials; with several objectives non-domination goes first, crowding second (Deb et
 * al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", sections III-B and VI).
 *
 * @returns for each trial a rank, from 0.
 */
export function rankTrials(trials: readonly ObservedTrial[]): Float64Array {
  const tiers = Int32Array.from(trials, tierOf);
  const total = tiers.includes(2) ? violationsOf(trials) : [];
  const fronts = frontsOf(trials);
  const better = (a: number, b: number) => {
    const tier = tiers[a]!;
    if (tier !== tiers[b]) return tier - tiers[b]!;
    if (tier === 2 && total[a] !== total[b]) return total[a]! - total[b]!;
    if (tier > 2) return 0;
    if (fronts !== undefined) {
      return fronts.rank[a]! - fronts.rank[b]! || order(fronts.crowding[b]!, fronts.crowding[a]!);
    }
    return order(trials[a]!.losses[0]!, trials[b]!.losses[0]!);
  };
  const sorted = Array.from(trials.keys()).sort((a, b) => better(a, b) || a - b);
  const ranks = new Float64Array(trials.length);
  for (let at = 1; at < sorted.length; at += 1) {
    const isTied = better(sorted[at - 1]!, sorted[at]!) === 0;
    ranks[sorted[at]!] = isTied ? ranks[sorted[at - 1]!]! : at;
  }
  return ranks;
}

/** Sum of the violations of each trial, each constraint in units of the worst finite one. */
export function violationsOf(trials: readonly TrialOutcome[]): Float64Array {
  const worst: number[] = [];
  for (const { violations = [] } of trials) {
    for (let at = 0; at < violations.length; at += 1) {
      const violation = violations[at]!;
      if (violation < Number.POSITIVE_INFINITY) worst[at] = Math.max(worst[at] ?? 0, violation);
    }
  }
  return Float64Array.from(trials, ({ violations = [] }) => {
    let sum = 0;
    for (let at = 0; at < violations.length; at += 1) {
      // NaN: it is not known to be met.
      const violation = Number.isNaN(violations[at]!) ? Number.POSITIVE_INFINITY : violations[at]!;
      if (violation > 0) sum += violation / (worst[at] || 1);
    }
    return sum;
  });
}

function isViolated({ violations = [] }: TrialOutcome): boolean {
  for (const violation of violations) if (!(violation <= 0)) return true;
  return false;
}

/** Order of two numbers that may be infinite. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function frontsOf(
  trials: readonly ObservedTrial[],
): { readonly rank: Int32Array; readonly crowding: Float64Array } | undefined {
  if (!trials.some(({ losses }) => losses.length > 1)) return undefined;
  const rank = new Int32Array(trials.length);
  const crowding = new Float64Array(trials.length);
  for (let tier = 0; tier <= 2; tier += 1) {
    const members = Array.from(trials.keys()).filter((at) => tierOf(trials[at]!) === tier);
    const points = members.map((at) => trials[at]!.losses);
    const ranks = nonDominatedRanks(points);
    const distances = crowdingDistance(points, ranks);
    members.forEach((at, position) => {
      rank[at] = ranks[position]!;
      crowding[at] = distances[position]!;
    });
  }
  return { rank, crowding };
}
