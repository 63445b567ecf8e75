import { groupRows } from "../../math/group-rows.ts";
import { createRng } from "../../math/random.ts";
import { type MetricColumn, NOT_A_NUMBER, NUMBER } from "../../results/metric-column.ts";
import { keyOf, paramNames, paramShares } from "../../results/names.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";

/** What to keep of very many trials. */
export interface SampleRule {
  /** Trials that are kept at most. */
  readonly most: number;
  /** Whether a trial may have an infinite mean. */
  readonly isInfiniteKept: boolean;
  readonly seed: number | string;
}

/** The trials of a selection, by what they have for a metric. */
export interface TrialCounts {
  /** Trials that can be used. */
  readonly usable: number;
  /** Trials without a number in any run, or with NaN. */
  readonly lost: number;
  /** Those of them where the metric is something else than a number. */
  readonly notNumbers: number;
  readonly infinite: number;
}

/**
 * The positions of the runs of at most so many usable trials, drawn at random by the seed where there are more, in the
 * order they had. Only numbers are looked at: to put each value of a hundred thousand into a table would take seconds.
 */
export function sampleTrials(
  selection: Selection,
  { values, state }: MetricColumn,
  { most, isInfiniteKept, seed }: SampleRule,
): { readonly positions: Int32Array; readonly counts: TrialCounts } {
  const { of: trialOf, count } = groupRows(paramColumns(selection), selection.rows.length);
  const sums = new Float64Array(count);
  const numbers = new Int32Array(count);
  const others = new Uint8Array(count);
  for (const [position, trial] of trialOf.entries()) {
    if (state[position] === NUMBER) {
      sums[trial]! += values[position]!;
      numbers[trial]! += 1;
    } else if (state[position] === NOT_A_NUMBER) others[trial] = 1;
  }
  const usable: number[] = [];
  let [lost, notNumbers, infinite] = [0, 0, 0];
  for (const [trial, sum] of sums.entries()) {
    if (numbers[trial] === 0 || Number.isNaN(sum)) {
      lost += 1;
      if (numbers[trial] === 0 && others[trial] === 1) notNumbers += 1;
      continue;
    }
    if (!Number.isFinite(sum)) infinite += 1;
    if (isInfiniteKept || Number.isFinite(sum)) usable.push(trial);
  }
  const kept =
    usable.length > most ? createRng("metalab.importance", 1, seed).shuffle(usable).slice(0, most) : usable;
  const isKept = new Uint8Array(count);
  for (const trial of kept) isKept[trial] = 1;
  const positions = Int32Array.from(trialOf.keys()).filter((position) => isKept[trialOf[position]!] === 1);
  return { positions, counts: { usable: usable.length, lost, notNumbers, infinite } };
}

/**
 * Params as numbers by which rows are told apart: a number itself, or where a param has other values too, the number of
 * the value over all sources, whose columns code them each in its own way. NaN where a run has none.
 */
function paramColumns(selection: Selection): readonly Float64Array[] {
  return paramNames(selection).map((name) => {
    const shares = paramShares(selection, name);
    const isCoded = shares.some(
      ({ column, fallback }) =>
        column?.kind === "coded" || (fallback !== undefined && typeof fallback !== "number"),
    );
    const numbers = new Map<unknown, number>();
    const numberOf = (value: unknown): number => {
      if (value === undefined) return Number.NaN;
      if (!isCoded) return value as number;
      const key = keyOf(value);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    };
    const own = shares.map(({ column, fallback }) => ({
      column,
      rest: numberOf(fallback),
      coded: column?.kind === "coded" ? Float64Array.from(column.values, numberOf) : undefined,
    }));
    return Float64Array.from(selection.rows, (row, position) => {
      const { column, rest, coded } = own[sourceAt(selection, position)]!;
      if (column === undefined) return rest;
      if (column.kind === "coded") return column.codes[row]! < 0 ? rest : coded![column.codes[row]!]!;
      return column.present[row] === 1 ? numberOf(column.values[row]) : rest;
    });
  });
}
