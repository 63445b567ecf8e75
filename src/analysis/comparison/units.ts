import { canonicalText } from "../../identity/canonical.ts";
import { aggregated, foldAggregate, foldUnitsFor, leftOutOf } from "../../results/folds.ts";
import { groupPositions } from "../../results/group.ts";
import { createMetricReader, FAILED, NUMBER, UNFINISHED } from "../../results/metric-column.ts";
import { paramNames, resolveName } from "../../results/names.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";
import { formatValue } from "../../results/text.ts";

/** The values of one group: one for each block, over its folds. */
export interface UnitGroup {
  readonly key: Readonly<Record<string, unknown>>;
  readonly label: string;
  /** Block → value; without NaN. Runs of different groups in one block have the same seeds. */
  readonly values: ReadonlyMap<number, number>;
  readonly runs: number;
  readonly nan: number;
  /** Successful runs without a number. */
  readonly noNumber: number;
  readonly failed: number;
  readonly unfinished: number;
  /** Successful runs of replicates of which not all folds have succeeded. */
  readonly partial: number;
  /** Settings of the other params that its runs have. */
  readonly settings: number;
}

/** Runs in groups, cut into blocks. */
export interface Units {
  readonly groups: readonly UnitGroup[];
  /** What the runs of a block have in common, for a sentence. */
  readonly matched: string;
  /** Block → which seeds its runs have: blocks of other settings may have the same. */
  readonly seedOf: Int32Array;
}

/** Reads a metric by groups and blocks. */
export function readUnits(
  selection: Selection,
  by: readonly string[],
  pairBy: readonly string[] | undefined,
  metric: string,
  where: string,
): Units {
  const groups = groupPositions(selection, by, where);
  const seeds = seedCodes(selection);
  const rest = pairBy ?? restOf(selection, by, where);
  const settings = codes(selection, rest, where);
  const counts = groups.map(({ positions }) => new Set(Array.from(positions, (at) => settings[at])).size);
  // Where each group is a single configuration, its other params are part of what is compared.
  const bySeed = pairBy === undefined && counts.every((count) => count <= 1);
  const blocks = pairBy !== undefined ? settings : bySeed ? seeds : joined(settings, seeds);
  const seedOf = new Int32Array(blocks.reduce((most, block) => Math.max(most, block + 1), 0));
  for (const [position, block] of blocks.entries()) seedOf[block] = seeds[position]!;
  const { values, state } = createMetricReader(selection)(metric);
  const aggregate = foldAggregate(selection);
  const folds = foldUnitsFor(selection, [...by, ...(pairBy ?? [])]);
  return {
    seedOf,
    matched:
      pairBy !== undefined
        ? `the same ${pairBy.join(", ")}`
        : bySeed
          ? "the same seeds"
          : "the same seeds and other params",
    groups: groups.map(({ key, positions }, at) => {
      const perBlock = new Map<number, number[]>();
      const count = { noNumber: 0, failed: 0, unfinished: 0 };
      const { runs: partial } = leftOutOf(
        folds,
        positions.filter((position) => state[position] === NUMBER),
      );
      for (const position of positions) {
        if (folds?.isWhole[folds.unit[position]!] === 0 && state[position] === NUMBER) continue;
        const kind = state[position];
        if (kind === FAILED) count.failed += 1;
        else if (kind === UNFINISHED) count.unfinished += 1;
        else if (kind !== NUMBER) count.noNumber += 1;
        else {
          const list = perBlock.get(blocks[position]!) ?? [];
          list.push(values[position]!);
          perBlock.set(blocks[position]!, list);
        }
      }
      const units = new Map<number, number>();
      let nan = 0;
      for (const [block, list] of perBlock) {
        // One fold that diverged is a replicate that diverged.
        const spoiled = list.filter(Number.isNaN).length;
        nan += spoiled;
        if (spoiled === 0) units.set(block, aggregated(list, aggregate));
      }
      const label = labelOf(by, key);
      return {
        key,
        label,
        values: units,
        runs: positions.length,
        nan,
        partial,
        ...count,
        settings: counts[at]!,
      };
    }),
  };
}

function labelOf(by: readonly string[], key: Readonly<Record<string, unknown>>): string {
  if (by.length === 1) return formatValue(key[by[0]!]);
  return by.map((name) => `${name.replace(/^params\./, "")} ${formatValue(key[name])}`).join(", ");
}

/** Names of what else runs differ in: the other params and, unless experiments are compared, the experiment. */
function restOf(selection: Selection, by: readonly string[], where: string): readonly string[] {
  const kinds = by.map((name) => resolveName(selection, name, where).kind);
  const own = new Set(
    by.filter((_, at) => kinds[at] === "param").map((name) => name.replace(/^params\./, "")),
  );
  const params = paramNames(selection).filter((name) => !own.has(name));
  const experiment = kinds.every((kind) => kind === "param") ? ["experiment", "version"] : [];
  return [...params.map((name) => `params.${name}`), ...experiment];
}

/** A code for each position: equal where the values of all names are. */
function codes(selection: Selection, names: readonly string[], where: string): Int32Array {
  const found = new Int32Array(selection.rows.length);
  for (const [code, { positions }] of groupPositions(selection, names, where).entries()) {
    for (const position of positions) found[position] = code;
  }
  return found;
}

/** A code for the seeds of each run: those of a replicate follow from the base of its experiment. */
function seedCodes(selection: Selection): Int32Array {
  const { sources, rows } = selection;
  const bases = sources.map(({ manifest }) => canonicalText(manifest?.seeds.base ?? null, "seed"));
  const known = new Map<string, number>();
  return rows.map((row, position) => {
    const source = sourceAt(selection, position);
    const seed = `${sources[source]!.frame.replicate[row]} ${bases[source]}`;
    const code = known.get(seed) ?? known.size;
    known.set(seed, code);
    return code;
  });
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const known = new Map<string, number>();
  return a.map((value, position) => {
    const pair = `${value} ${b[position]}`;
    const code = known.get(pair) ?? known.size;
    known.set(pair, code);
    return code;
  });
}
