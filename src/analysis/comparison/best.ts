import { createRng } from "../../math/random.ts";
import { summarize } from "../../math/stats.ts";
import type { UnitGroup } from "./units.ts";

/** Draws that are made at most over all resamples: some tenths of a second. */
const MOST_DRAWS = 1e7;
const FEWEST_RESAMPLES = 200;

/** Options of {@link chancesOfBest}. */
export interface BestRule {
  /** 1 where smaller is better, −1 where larger is. */
  readonly sign: 1 | -1;
  readonly resamples: number;
  readonly seed: number | string;
  /** Whether to draw block by block; where half of the values have partners when it is not said. */
  readonly paired: boolean | undefined;
}

/** For each group, how likely it has the best mean. */
export interface BestChances {
  /** NaN for all when a group has fewer than two values, or infinite ones. */
  readonly chances: readonly number[];
  readonly resamples: number;
}

/**
 * How often each group has the best mean when its values are drawn again with replacement. Groups that share blocks
 * are drawn together, block by block, so that what a seed does to all of them does not count as a difference.
 *
 * The deviations of a resampled mean are widened by √(n / (n − 1)): the values of a sample spread less about their
 * own mean than about the true one.
 *
 * @see Efron, Tibshirani 1993, "An introduction to the bootstrap", chapter 8; Hesterberg 2015, "What teachers should
 * know about the bootstrap", The American Statistician 69, 371–386, section 3.2 on narrowness.
 */
export function chancesOfBest(groups: readonly UnitGroup[], rule: BestRule): BestChances {
  const means = groups.map(({ values }) => summarize([...values.values()]).mean);
  const fewest = Math.min(...groups.map(({ values }) => values.size));
  if (groups.length < 2 || fewest < 2 || !means.every(Number.isFinite)) {
    const alone = groups.length === 1 && fewest > 0 ? 1 : Number.NaN;
    return { chances: groups.map(() => alone), resamples: 0 };
  }
  const common = [...groups[0]!.values.keys()].filter((block) =>
    groups.every(({ values }) => values.has(block)),
  );
  const isJoint = common.length >= 2 && (rule.paired ?? 2 * common.length >= fewest);
  const columns = isJoint
    ? jointColumns(groups, common)
    : groups.map(({ values }) => Float64Array.from(values.values()).sort());
  const total = isJoint
    ? common.length * columns.length
    : columns.reduce((sum, { length }) => sum + length, 0);
  const resamples = Math.max(
    Math.min(rule.resamples, FEWEST_RESAMPLES),
    Math.min(rule.resamples, Math.floor(MOST_DRAWS / total)),
  );
  return { chances: count(columns, isJoint, { ...rule, resamples }), resamples };
}

/** The values of common blocks, ordered by themselves, so that the order of the runs does not choose what is drawn. */
function jointColumns(groups: readonly UnitGroup[], common: readonly number[]): readonly Float64Array[] {
  const rows = common.map((block) => groups.map(({ values }) => values.get(block)!));
  rows.sort((a, b) => {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at < 0 ? 0 : a[at]! - b[at]!;
  });
  return groups.map((_, group) => Float64Array.from(rows, (row) => row[group]!));
}

function count(columns: readonly Float64Array[], isJoint: boolean, rule: BestRule): readonly number[] {
  const { next } = createRng("metalab.compare", 1, rule.seed);
  const centres = columns.map((column) => column.reduce((sum, value) => sum + value / column.length, 0));
  const widen = columns.map(({ length }) => Math.sqrt(length / (length - 1)));
  const drawn = new Int32Array(isJoint ? columns[0]!.length : 0);
  const wins = new Float64Array(columns.length);
  const losses = new Float64Array(columns.length);
  for (let round = 0; round < rule.resamples; round += 1) {
    for (let at = 0; at < drawn.length; at += 1) drawn[at] = Math.floor(next() * drawn.length);
    let best = Number.POSITIVE_INFINITY;
    for (const [group, column] of columns.entries()) {
      const n = column.length;
      let sum = 0;
      if (isJoint) for (const at of drawn) sum += column[at]!;
      else for (let at = 0; at < n; at += 1) sum += column[Math.floor(next() * n)]!;
      const centre = centres[group]!;
      losses[group] = rule.sign * (centre + (sum / n - centre) * widen[group]!);
      best = Math.min(best, losses[group]!);
    }
    const winners = losses.reduce((equal, loss) => equal + (loss === best ? 1 : 0), 0);
    for (const [group, loss] of losses.entries()) {
      if (loss === best) wins[group] = wins[group]! + 1 / winners;
    }
  }
  return Array.from(wins, (won) => won / rule.resamples);
}
