import type { ObservedTrial } from "../../history.ts";
import { hypervolumeContributions } from "../../hypervolume.ts";
import { nonDominatedRanks } from "../../pareto.ts";
import type { Weighted } from "./model.ts";
import type { Order } from "./order.ts";

/** The trials that count as good, with weights of 1 on average, and the others, from the better to the worse. */
export interface Split {
  readonly good: readonly Weighted[];
  readonly others: readonly ObservedTrial[];
}

/** Weight of the last of the good trials, where that of the first is 1. */
const LAST_WEIGHT = 0.3;

/** A tenth is good, at most 25, as in Optuna: the linear splitting of Watanabe 2023 (arXiv:2304.11127), section 3.1. */
function goodCount(trials: number): number {
  return Math.min(25, Math.ceil(0.1 * trials));
}

/** Splits the trials into the good and the others. */
export function splitOf({ trials, feasible }: Order, objectives: number): Split {
  const count = goodCount(trials.length);
  // As long as none meets the constraints, those that come nearest are good.
  const size = Math.min(
    count,
    feasible > 0 ? feasible : trials.filter(({ losses }) => losses.length > 0).length,
  );
  if (objectives > 1 && feasible > 0) return splitByFronts(trials, feasible, size);
  const weights = Array.from({ length: size }, (_, at) => 1 - ((1 - LAST_WEIGHT) * at) / size);
  return {
    good: weighted(trials.slice(0, size), weights),
    others: trials.slice(size),
  };
}

/**
 * With several objectives the good trials are the first fronts, and of the front that only fits in part, those that
 * add most to the hypervolume; weights are by what each adds (Ozaki et al. 2020, "Multiobjective tree-structured
 * Parzen estimator for computationally expensive optimization problems", sections 3.2 and 3.3).
 */
function splitByFronts(trials: readonly ObservedTrial[], feasible: number, size: number): Split {
  const losses = scaled(trials.slice(0, feasible).map((trial) => trial.losses));
  const ranks = nonDominatedRanks(losses);
  const order = Array.from(ranks.keys()).sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  const edge = ranks[order[size - 1]!]!;
  const chosen = order.filter((at) => ranks[at]! < edge);
  const last = order.filter((at) => ranks[at] === edge);
  const added = contributions(last.map((at) => losses[at]!));
  const byAdded = Array.from(last.keys()).sort((a, b) => added[b]! - added[a]! || a - b);
  chosen.push(...byAdded.slice(0, size - chosen.length).map((at) => last[at]!));
  const isGood = new Set(chosen);
  const share = contributions(chosen.map((at) => losses[at]!));
  const most = Math.max(...share);
  const weights = Array.from(share, (part) =>
    most > 0 ? LAST_WEIGHT + ((1 - LAST_WEIGHT) * part) / most : 1,
  );
  const rest = order.filter((at) => !isGood.has(at));
  return {
    good: weighted(
      chosen.map((at) => trials[at]!),
      weights,
    ),
    others: [...rest.map((at) => trials[at]!), ...trials.slice(feasible)],
  };
}

function weighted(trials: readonly ObservedTrial[], weights: readonly number[]): readonly Weighted[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return trials.map(({ units }, at) => ({ units, weight: weights[at]! / mean }));
}

/** Each objective in units of its finite range, so that none outweighs the others; what is infinite at its ends. */
function scaled(losses: readonly (readonly number[])[]): readonly Float64Array[] {
  const size = losses[0]!.length;
  const rows = losses.map(() => new Float64Array(size));
  for (let at = 0; at < size; at += 1) {
    const finite = losses.map((row) => row[at]!).filter(Number.isFinite);
    const low = finite.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY);
    // Halves, so that the range of the largest numbers is finite.
    const half = finite.reduce((greatest, loss) => Math.max(greatest, loss / 2 - low / 2), 0) || 1;
    losses.forEach((row, number) => {
      rows[number]![at] = Math.min(1, Math.max(0, (row[at]! / 2 - low / 2) / half)) || 0;
    });
  }
  return rows;
}

/** How much each adds to the hypervolume up to a little past 1 in each objective. Exact volumes of many points are dear. */
function contributions(losses: readonly Float64Array[]): Float64Array {
  const size = losses[0]?.length ?? 0;
  if (losses.length > MOST_VOLUMES / size ** 2) return new Float64Array(losses.length).fill(1);
  return hypervolumeContributions(losses, new Float64Array(size).fill(1.1));
}

/** Most points of two objectives whose shares of the hypervolume are worked out one by one. */
const MOST_VOLUMES = 400;
