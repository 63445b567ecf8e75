import type { TableColumn, TableModel } from "../../results/format.ts";
import { counted, type Sheet } from "../../results/printable.ts";
import { cleanText, compareValues, formatNumber, MISSING } from "../../results/text.ts";
import type { Comparison } from "../compare.ts";
import type { PairComparison } from "./pairs.ts";
import type { Units } from "./units.ts";

/** Values below which a test of means leans on their being normal. */
const FEW = 10;

/** Pairs that are shown: all of six groups. */
const MOST_PAIRS = 15;

/** In the place of an effect size: a difference without spread has infinitely many of its standard deviations. */
const NO_SPREAD = "no spread";

type Found = Omit<Comparison, "note" | "warnings">;

/** A number for a sentence. */
function told(value: number): string {
  return Number.isNaN(value) ? MISSING : formatNumber(value, 3);
}

/** A probability for a sentence. */
function chance(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${p < 0.1 ? p.toPrecision(2) : p.toFixed(2)}`;
}

/** The answer in one sentence or two. */
export function comparisonNote({ metric, direction, groups, pairs, best, confidence }: Found): string {
  const name = cleanText(metric);
  if (groups.length === 0) return "There are no runs to compare.";
  if (best === undefined) return `No group has a value of ${name === "" ? "any metric" : name} to compare.`;
  const top = groups.find(({ label }) => label === best)!;
  const extreme = direction === "minimize" ? "lowest" : "highest";
  const head = `${best} has the ${extreme} mean ${name}, ${told(top.mean)}`;
  if (groups.length === 1) return `${head}; there is no other group to compare it with.`;
  const rivals = pairs.filter(({ a, b }) => a === best || b === best);
  const open = rivals.filter(({ t }) => !(t.pHolm < 1 - confidence));
  const other = ({ a, b }: PairComparison) => (a === best ? b : a);
  if (open.length === 0) {
    // Where nothing spreads all p are 0.
    const closest = rivals.reduce((near, pair) =>
      pair.t.pHolm > near.t.pHolm ||
      (pair.t.pHolm === near.t.pHolm && Math.abs(pair.difference) < Math.abs(near.difference))
        ? pair
        : near,
    );
    const by = told(Math.abs(closest.difference));
    const which = rivals.length === 1 ? `than ${other(closest)}` : `than all ${rivals.length} others`;
    const least = rivals.length === 1 ? `by ${by}` : `nearest is ${other(closest)}, ${by} away`;
    return `${head}, and is better ${which} (${least}; ${chance(closest.t.pHolm)} corrected, ${effectText(closest)}).`;
  }
  const names = open.slice(0, 3).map((pair) => `${other(pair)} (${openText(pair)})`);
  const more = open.length > 3 ? ` and ${open.length - 3} more` : "";
  return `${head}, but is not told apart from ${names.join(", ")}${more}.`;
}

function effectText({ effect }: PairComparison): string {
  return Math.abs(effect.value) === Number.POSITIVE_INFINITY
    ? NO_SPREAD
    : `${effect.name} ${told(effect.value)}`;
}

function openText(pair: PairComparison): string {
  const { t, replicatesNeeded: needed, design } = pair;
  if (Number.isNaN(t.pHolm)) return "too few values to test";
  const unit = design === "paired" ? "pairs" : "values each";
  const enough = Number.isFinite(needed)
    ? `a difference of this size needs about ${told(needed)} ${unit}`
    : "no difference";
  return `${chance(t.pHolm)} corrected; ${enough}`;
}

/** What to mind when reading a comparison. */
export function comparisonWarnings(
  { groups, pairs, best, confidence }: Found,
  units: Units,
  paired: boolean | undefined,
): readonly string[] {
  const warnings: string[] = [];
  const list = (labels: readonly string[]) =>
    labels.length > 3 ? `${labels.slice(0, 3).join(", ")} and ${labels.length - 3} more` : labels.join(", ");
  const lost = units.groups.filter(
    ({ nan, failed, noNumber, unfinished, partial }) => nan + failed + noNumber + unfinished + partial > 0,
  );
  for (const { label, runs, nan, failed, noNumber, unfinished, partial } of lost.slice(0, 5)) {
    const parts = [
      [nan, "is", "are", "NaN"],
      [failed, "has", "have", "failed"],
      [noNumber, "is", "are", "without a number"],
      [unfinished, "is", "are", "pruned or unfinished"],
      [partial, "is", "are", "of replicates of which not all folds have succeeded"],
    ] as const;
    const text = parts
      .filter(([count]) => count > 0)
      .map(([count, one, several, what]) => `${count} ${count === 1 ? one : several} ${what}`);
    const effect = best === undefined ? "" : "; these are left out, which flatters it";
    warnings.push(`${label}: of ${counted(runs, "run")}, ${text.join(", ")}${effect}.`);
  }
  // How the groups are compared does not matter where there is nothing to compare.
  if (best === undefined) return warnings;
  const infinite = groups.filter(({ n, mean }) => n > 0 && !Number.isFinite(mean));
  if (infinite.length > 0) {
    warnings.push(`${list(infinite.map(({ label }) => label))}: infinite values; only the rank tests count.`);
  }
  const loose = pairs.filter(({ design }) => design === "unpaired");
  if (loose.length > 0) {
    const which =
      loose.length === pairs.length ? "The groups" : `${loose.length} of ${counted(pairs.length, "pair")}`;
    warnings.push(
      paired === false
        ? `${which} are compared unpaired, as asked.`
        : `${which} are compared unpaired: too few runs of both have ${units.matched}. Replicates with common seeds, seeds({ replicates: 10 }), would say more.`,
    );
    const mixed = units.groups.filter(({ settings }) => settings > 1);
    if (mixed.length > 0) {
      warnings.push(
        `${list(mixed.map(({ label }) => label))}: runs of several settings of other params; what spreads is not only the seeds.`,
      );
    }
  }
  const fewest = Math.min(...pairs.flatMap(({ n }) => n));
  if (pairs.length > 0 && fewest < FEW) {
    warnings.push(
      fewest < 2
        ? "A group has fewer than two values: nothing can be tested without replicates, seeds({ replicates: 5 })."
        : `With ${fewest} ${loose.length === 0 ? "pairs" : "values"} a t test leans on the values being about normal, and an effect size may be far off${smallestP(pairs, 1 - confidence)}.`,
    );
  }
  const seeds = new Set(units.seedOf).size;
  if (pairs.some(({ effect }) => Math.abs(effect.value) === Number.POSITIVE_INFINITY)) {
    warnings.push(
      seeds === 1
        ? "Some differences do not vary at all."
        : "Some differences do not vary at all: the metric does not depend on the seed.",
    );
  }
  const joined = pairs.filter(({ design }) => design === "paired");
  const repeated = seeds < units.seedOf.length;
  if (joined.length > 0 && repeated && units.groups.some(({ settings }) => settings > 1)) {
    warnings.push(
      seeds === 1
        ? "All pairs are of one seed, in several settings of other params: another seed may say otherwise. Repeat with seeds({ replicates: 5 })."
        : `Pairs are of ${seeds} seeds in several settings of other params and count as independent: what is said is of these settings together.`,
    );
  }
  return warnings;
}

/** Whether a signed-rank test could find anything at all. */
function smallestP(pairs: readonly PairComparison[], alpha: number): string {
  const n = Math.min(...pairs.filter(({ design }) => design === "paired").map(({ n }) => n[0]));
  const least = 2 ** (1 - n);
  return Number.isFinite(n) && least > alpha
    ? `; the signed-rank test cannot give less than p = ${told(least)}`
    : "";
}

/** A comparison as tables. */
export function comparisonSheet(found: Comparison): Sheet {
  const { groups, pairs, best, note, warnings } = found;
  return {
    tables: [
      ...(groups.length > 0 ? [groupTable(found)] : []),
      ...(pairs.length > 0 && best !== undefined ? [pairTable(found)] : []),
    ],
    notes: [note, ...warnings],
  };
}

function groupTable({ by, metric, direction, confidence, groups, best }: Comparison): TableModel {
  const number = (title: string, values: readonly number[]): TableColumn => ({
    title,
    align: "decimal",
    cells: values.map((value) => (Number.isNaN(value) ? MISSING : formatNumber(value, 4))),
  });
  const percent = `${formatNumber(100 * confidence, 4)} %`;
  return {
    title: `${cleanText(metric)} (${direction}) by ${by.map(cleanText).join(", ")}`,
    columns: [
      {
        title: by.map((name) => cleanText(name.replace(/^params\./, ""))).join(", "),
        align: "left",
        isKey: true,
        cells: groups.map(({ label }) => label),
        tone: (cell) => (cell === best ? "good" : undefined),
      },
      { title: "n", align: "right", cells: groups.map(({ n }) => String(n)) },
      number(
        "mean",
        groups.map(({ mean }) => mean),
      ),
      number(
        `low ${percent}`,
        groups.map(({ low }) => low),
      ),
      number(
        `high ${percent}`,
        groups.map(({ high }) => high),
      ),
      number(
        "sd",
        groups.map(({ sd }) => sd),
      ),
      number(
        "median",
        groups.map(({ median }) => median),
      ),
      number(
        "P(best)",
        groups.map(({ pBest }) => pBest),
      ),
    ],
  };
}

/** The pairs that are shown: all, or of many those of the best group, its nearest rivals first. */
function shownPairs({ pairs, groups, best, direction }: Comparison): readonly PairComparison[] {
  if (pairs.length <= MOST_PAIRS) return pairs;
  const sign = direction === "minimize" ? 1 : -1;
  const means = new Map(
    groups.map(({ label, mean }) => [label, Number.isNaN(mean) ? Infinity : sign * mean]),
  );
  const rival = ({ a, b }: PairComparison) => means.get(a === best ? b : a)!;
  return pairs
    .filter(({ a, b }) => a === best || b === best)
    .sort((one, other) => compareValues(rival(one), rival(other)))
    .slice(0, MOST_PAIRS);
}

function pairTable(found: Comparison): TableModel {
  const { confidence, power } = found;
  const pairs = shownPairs(found);
  const rest = found.pairs.length - pairs.length;
  const text = (title: string, cells: readonly string[]): TableColumn => ({ title, align: "right", cells });
  const p = (value: number) => (Number.isNaN(value) ? MISSING : value < 0.001 ? "<0.001" : value.toFixed(3));
  const designs = new Set(pairs.map(({ design }) => design));
  const how = designs.size > 1 ? "paired where possible" : [...designs][0]!;
  return {
    more:
      rest > 0
        ? `… ${counted(rest, "more pair")}: these are the best with what is nearest to it; all are in pairs, or in --json of the command line.`
        : undefined,
    title: `Differences, ${how}; ${formatNumber(100 * confidence, 4)} % intervals, p corrected by Holm`,
    columns: [
      { title: "a − b", align: "left", isKey: true, cells: pairs.map(({ a, b }) => `${a} − ${b}`) },
      text(
        "n",
        pairs.map(({ n }) => (n[0] === n[1] ? String(n[0]) : n.join("/"))),
      ),
      text(
        "difference",
        pairs.map(({ difference }) => told(difference)),
      ),
      text(
        "interval",
        pairs.map(({ low, high }) => (Number.isNaN(low) ? MISSING : `${told(low)} … ${told(high)}`)),
      ),
      text(
        "p (t)",
        pairs.map(({ t }) => p(t.pHolm)),
      ),
      text(
        "p (rank)",
        pairs.map(({ rank }) => p(rank.pHolm)),
      ),
      text(
        "effect",
        pairs.map(({ effect }) =>
          Math.abs(effect.value) === Number.POSITIVE_INFINITY ? NO_SPREAD : told(effect.value),
        ),
      ),
      text(
        "P(a better)",
        pairs.map(({ superiority }) => told(superiority)),
      ),
      text(
        `n for ${formatNumber(100 * power, 4)} %`,
        pairs.map(({ replicatesNeeded: needed }) => (Number.isFinite(needed) ? String(needed) : MISSING)),
      ),
    ],
  };
}
