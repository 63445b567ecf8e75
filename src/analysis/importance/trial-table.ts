import { decode, isPlainObject, type Json } from "../../identity/canonical.ts";
import { groupPositions } from "../../results/group.ts";
import { createMetricReader, NUMBER } from "../../results/metric-column.ts";
import { keyOf, paramNames } from "../../results/names.ts";
import { pick, type Selection } from "../../results/selection.ts";
import { compareValues } from "../../results/text.ts";
import { type Distribution, shareOf, valueCount } from "../../space/distribution.ts";
import { resolveSpace, type Space } from "../../space/space.ts";
import { type SampleRule, sampleTrials, type TrialCounts } from "./trial-sample.ts";

/** A param of all trials as one coordinate. */
export interface Feature {
  readonly name: string;
  /** Whether its values have no order. Then a coordinate is the number of the value, from 0. */
  readonly isCategory: boolean;
  /** Number of values; `Infinity` for a real one of a known space. */
  readonly count: number;
  /** The share of its values below, in `[0, 1]`, or the number of a category; NaN where a trial does not have it. */
  readonly units: Float64Array;
  /** Share of the trials that do not have it. */
  readonly inactive: number;
  /** Whether it is the same in all trials. */
  readonly isConstant: boolean;
}

/** What importance is worked out from: a row for each params, a mean over its replicates. */
export interface TrialTable {
  readonly features: readonly Feature[];
  /** The mean of the metric of each trial; without NaN. */
  readonly values: Float64Array;
  /** Of all trials, also those that are not in the table. */
  readonly counts: TrialCounts;
}

/** Reads the trials of some results; params without a known distribution are measured by the values that were tried. */
export function trialTable(
  all: Selection,
  metric: string,
  given: Space | undefined,
  rule: SampleRule,
): TrialTable {
  const { positions, counts } = sampleTrials(all, createMetricReader(all)(metric), rule);
  const selection = pick(all, positions);
  const names = paramNames(selection);
  const groups = groupPositions(
    selection,
    names.map((name) => `params.${name}`),
    "importance()",
  );
  const { values, state } = createMetricReader(selection)(metric);
  const rows = groups.map(({ key, positions }) => {
    const numbers = positions.filter((position) => state[position] === NUMBER);
    const sum = numbers.reduce((total, position) => total + values[position]!, 0);
    return { key, mean: numbers.length === 0 ? Number.NaN : sum / numbers.length };
  });
  const kept = rows.filter(({ mean }) => (rule.isInfiniteKept ? !Number.isNaN(mean) : Number.isFinite(mean)));
  const spaces = [given === undefined ? [] : [given], knownSpaces(selection)].flat();
  const features = names.map((name) => {
    const column = kept.map(({ key }) => key[`params.${name}`]);
    return featureOf(name, column, distributionsOf(spaces, name));
  });
  return {
    features,
    values: Float64Array.from(kept, ({ mean }) => mean),
    counts,
  };
}

function knownSpaces({ sources }: Selection): readonly Space[] {
  return sources.flatMap(({ manifest }) => {
    const space = (manifest?.params as Readonly<Record<string, unknown>> | undefined)?.["space"];
    return space === undefined ? [] : [decode(space as Json) as Space];
  });
}

function distributionsOf(spaces: readonly Space[], name: string): readonly Distribution[] {
  return spaces.flatMap((space) => {
    if (!isPlainObject(space) || !Object.hasOwn(space, name)) return [];
    return resolveSpace(space, "importance")
      .entries.filter((entry) => entry.name === name)
      .map(({ distribution }) => distribution);
  });
}

function featureOf(name: string, column: readonly unknown[], known: readonly Distribution[]): Feature {
  const there = column.filter((value) => value !== undefined);
  const inactive = column.length === 0 ? 0 : 1 - there.length / column.length;
  const isNumeric = there.every((value) => typeof value === "number" && Number.isFinite(value));
  const codes = coder(there);
  const distinct = codes.count;
  const isConstant = distinct + (inactive > 0 ? 1 : 0) < 2;
  const base = { name, inactive, isConstant };
  if (!isNumeric) {
    const units = Float64Array.from(column, (value) => (value === undefined ? Number.NaN : codes.of(value)));
    return { ...base, isCategory: true, count: distinct, units };
  }
  const fits = known.find(
    (d) => d.type !== "choice" && there.every((value) => shareOf(d, value) >= 0 && shareOf(d, value) <= 1),
  );
  const unit = (value: unknown): number => {
    if (value === undefined) return Number.NaN;
    // Without a space each of the values that were tried stands for an equal share.
    return fits === undefined ? (codes.of(value) + 0.5) / distinct : shareOf(fits, value);
  };
  const count = fits === undefined ? distinct : valueCount(fits);
  return { ...base, isCategory: false, count, units: Float64Array.from(column, unit) };
}

/** Numbers distinct values in their order. */
function coder(values: readonly unknown[]): { readonly count: number; of(value: unknown): number } {
  const distinct = new Map(values.map((value) => [keyOf(value), value]));
  const isNumeric = values.every((value) => typeof value === "number");
  const sorted = isNumeric
    ? Float64Array.from(distinct.values() as Iterable<number>).sort()
    : [...distinct.values()].sort(compareValues);
  const codes = new Map(Array.from(sorted, (value: unknown, code) => [keyOf(value), code] as const));
  return { count: codes.size, of: (value) => codes.get(keyOf(value))! };
}
