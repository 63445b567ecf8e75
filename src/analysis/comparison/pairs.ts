import { cohensDz, type EffectSize, hedgesG } from "../../math/effect-size.ts";
import { holm } from "../../math/holm.ts";
import { replicatesNeeded } from "../../math/power.ts";
import { rankSumTest } from "../../math/rank-sum.ts";
import { signedRankTest } from "../../math/signed-rank.ts";
import { summarize } from "../../math/stats.ts";
import { pairedTTest, type TTest, tInterval, welchTTest } from "../../math/t-test.ts";
import type { UnitGroup } from "./units.ts";

/** Roundings that may lie between two equal differences: those of the values, and of both subtractions. */
const ROUNDINGS = 4;

/** A test of whether two groups differ. */
export interface TestResult {
  readonly name: "paired t" | "Welch's t" | "Wilcoxon signed-rank" | "Mann–Whitney U";
  /** t, the sum of the ranks of positive differences, or U of the first group. */
  readonly statistic: number;
  /** Degrees of freedom of a t test; NaN for a rank test. */
  readonly df: number;
  /** Two-sided; NaN where there is too little to test. */
  readonly p: number;
  /** `p`, corrected by Holm's method for the number of pairs of groups. */
  readonly pHolm: number;
}

/** Two groups beside each other. Differences are the first minus the second. */
export interface PairComparison {
  readonly a: string;
  readonly b: string;
  /** `"paired"`: over what both have with the same seeds. */
  readonly design: "paired" | "unpaired";
  /** Values of the first and of the second; when paired, the number of pairs, twice. */
  readonly n: readonly [number, number];
  /** Difference of the means. */
  readonly difference: number;
  /** Ends of its confidence interval by Student's t, not corrected for the number of pairs. */
  readonly low: number;
  readonly high: number;
  readonly t: TestResult;
  /** The same without the assumption that values are about normal. */
  readonly rank: TestResult;
  /** Paired: Cohen's d_z. Unpaired: Hedges' g. */
  readonly effect: EffectSize & { readonly name: "Cohen's d_z" | "Hedges' g" };
  /** Chance that the first has the better value: in a pair, or in two runs drawn at random. Equals count a half. */
  readonly superiority: number;
  /**
   * Pairs, or values in each group, with which a t test would find a difference of this size with the power asked for;
   * `Infinity` where there is none.
   */
  readonly replicatesNeeded: number;
}

/** What pairs of groups are compared by. */
export interface PairRule {
  /** 1 where smaller is better, −1 where larger is. */
  readonly sign: 1 | -1;
  readonly confidence: number;
  readonly power: number;
  /** Whether to compare in pairs; where half of the values have a partner when it is not said. */
  readonly paired: boolean | undefined;
}

/** All pairs of groups, each once, in the order of the groups. */
export function comparePairs(groups: readonly UnitGroup[], rule: PairRule): readonly PairComparison[] {
  const pairs = groups.flatMap((a, at) => groups.slice(at + 1).map((b) => compareTwo(a, b, rule)));
  const t = holm(pairs.map((pair) => pair.t.p));
  const rank = holm(pairs.map((pair) => pair.rank.p));
  return pairs.map((pair, at) =>
    Object.freeze({
      ...pair,
      t: { ...pair.t, pHolm: t[at]! },
      rank: { ...pair.rank, pHolm: rank[at]! },
    }),
  );
}

function compareTwo(a: UnitGroup, b: UnitGroup, rule: PairRule): PairComparison {
  const common = [...a.values.keys()].filter((block) => b.values.has(block));
  const smaller = Math.min(a.values.size, b.values.size);
  const isPaired = rule.paired ?? (common.length >= 2 && 2 * common.length >= smaller);
  const names = { a: a.label, b: b.label };
  return isPaired
    ? {
        ...names,
        ...paired(
          common.map((block) => a.values.get(block)!),
          common.map((block) => b.values.get(block)!),
          rule,
        ),
      }
    : { ...names, ...unpaired([...a.values.values()], [...b.values.values()], rule) };
}

function paired(a: readonly number[], b: readonly number[], rule: PairRule) {
  const differences = withoutRounding(
    // Two equal infinities differ by nothing.
    a.map((value, at) => (value === b[at] ? 0 : value - b[at]!)),
    [...a, ...b].reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
  const n = differences.length;
  const test = pairedTTest(differences);
  const ranks = signedRankTest(differences);
  const effect = cohensDz(differences, rule.confidence);
  const wins = differences.reduce((sum, d) => sum + (d === 0 ? 0.5 : d * rule.sign < 0 ? 1 : 0), 0);
  return {
    design: "paired" as const,
    n: [n, n] as const,
    ...facts(test, effect.value, "paired", rule),
    t: { name: "paired t" as const, ...ofT(test) },
    rank: rankTest("Wilcoxon signed-rank", ranks.statistic, n === 0 ? Number.NaN : ranks.twoSided),
    effect: { name: "Cohen's d_z" as const, ...effect },
    superiority: n === 0 ? Number.NaN : wins / n,
  };
}

/** Differences that vary by no more than subtraction rounds do not vary: their spread would make any effect huge. */
function withoutRounding(differences: readonly number[], largest: number): readonly number[] {
  if (!Number.isFinite(largest)) return differences;
  const { min, max, mean } = summarize(differences);
  return max - min <= ROUNDINGS * Number.EPSILON * largest ? differences.map(() => mean) : differences;
}

function unpaired(a: readonly number[], b: readonly number[], rule: PairRule) {
  const [first, second] = [summarize(a), summarize(b)];
  const test = welchTTest(first, second);
  const ranks = rankSumTest(a, b);
  const effect = hedgesG(first, second, rule.confidence);
  return {
    design: "unpaired" as const,
    n: [first.n, second.n] as const,
    ...facts(test, effect.value, "unpaired", rule),
    t: { name: "Welch's t" as const, ...ofT(test) },
    rank: rankTest("Mann–Whitney U", ranks.statistic, ranks.twoSided),
    effect: { name: "Hedges' g" as const, ...effect },
    superiority: rule.sign < 0 ? ranks.superiority : 1 - ranks.superiority,
  };
}

function facts(test: TTest, effect: number, design: "paired" | "unpaired", rule: PairRule) {
  const { difference, sem, df } = test;
  const [low, high] =
    Number.isFinite(difference) && !Number.isNaN(sem)
      ? tInterval(difference, sem, df, rule.confidence)
      : [Number.NaN, Number.NaN];
  const needed = replicatesNeeded({ design, effect, alpha: 1 - rule.confidence }, rule.power);
  return { difference, low, high, replicatesNeeded: needed };
}

function ofT({ statistic, df, twoSided }: TTest) {
  return { statistic, df, p: twoSided, pHolm: Number.NaN };
}

function rankTest(name: TestResult["name"], statistic: number, p: number): TestResult {
  return { name, statistic, df: Number.NaN, p, pHolm: Number.NaN };
}
