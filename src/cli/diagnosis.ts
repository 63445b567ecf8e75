import { advise } from "../analysis/advise.ts";
import { winner } from "../analysis/winner.ts";
import type { Manifest } from "../experiment/manifest.ts";
import { decode, type Json } from "../identity/canonical.ts";
import { quantile } from "../math/stats.ts";
import { formatDuration, formatNumber } from "../results/text.ts";
import { type ListedSpace, spaceOf } from "../space/listed.ts";
import { resolveSpace } from "../space/space.ts";
import { UnitSpace } from "../space/units.ts";
import { isMadeElsewhere, type StoredResults } from "./experiments.ts";
import { plural } from "./screen.ts";

/** Something about an experiment that may be better. */
export interface Finding {
  readonly kind:
    | "undone"
    | "failing"
    | "out-of-memory"
    | "not-a-number"
    | "all-pruned"
    | "slow"
    | "at-the-edge"
    | "worse-than-manual";
  /** What is the matter, as a sentence. */
  readonly what: string;
  /** What to do, in whole sentences. */
  readonly advice: readonly string[];
}

/** What the person who asks knows. */
export interface Known {
  /** What tuning by hand reached. */
  readonly manual: number | undefined;
}

/** Share of runs from which something is the rule rather than an exception. */
const MOST = 0.9;
const MANY = 0.5;
/** Milliseconds from which a run is slow. */
const SLOW_MS = 60_000;
/** Share of a distribution that lies at its edge. */
const EDGE = 0.03;

/** What the stored runs of an experiment show to be wrong, or to be better done in another way. */
export function diagnose(results: StoredResults, manifest: Manifest, known: Known): readonly Finding[] {
  const space = searchedSpace(manifest);
  return [
    undone(results, manifest),
    outOfMemory(results),
    failing(results, manifest),
    notANumber(results),
    allPruned(results),
    slow(results),
    atTheEdge(results, space),
    worseThanManual(results, manifest, space, known),
  ].filter((finding) => finding !== undefined);
}

function undone(results: StoredResults, manifest: Manifest): Finding | undefined {
  const count = results.filter({ status: ["interrupted", "cancelled"] }).length;
  if (count === 0) return undefined;
  return {
    kind: "undone",
    what: `${plural(count, "run")} ended before ${count === 1 ? "it was" : "they were"} done: the process was stopped or killed.`,
    advice: [
      isMadeElsewhere(manifest)
        ? "metalab logs <run> has what was said until then."
        : "Run the experiment again, or metalab retry: it goes on from there.",
    ],
  };
}

function isOutOfMemory({
  error,
}: {
  readonly error: { readonly class?: string; readonly message: string } | undefined;
}): boolean {
  return (
    error?.class === "oom" ||
    /out of memory|\boom\b|cannot allocate memory|heap limit/i.test(error?.message ?? "")
  );
}

function outOfMemory(results: StoredResults): Finding | undefined {
  const short = results.failed.filter(isOutOfMemory);
  if (short.length === 0) return undefined;
  const limits = limitsBetween(results.successful, short);
  return {
    kind: "out-of-memory",
    what: `${plural(short.length, "run")} ran out of memory.`,
    advice: [
      ...limits.map(
        ({ name, most, least }) =>
          `All of them have ${name} of ${formatNumber(least)} or more, and no run with more than ${formatNumber(most)} succeeded: leave values above ${formatNumber(most)} out of the space.`,
      ),
      ...(limits.length > 0 ? [] : ["Leave the largest sizes (batch, model, input) out of the space."]),
      'Run fewer at once, or give a limit: with memory: "2GB" the others go on.',
    ],
  };
}

/** Numeric params whose values tell the runs that succeed from those that do not: the former are all smaller. */
function limitsBetween(
  good: StoredResults | StoredResults["successful"],
  bad: StoredResults["failed"],
): readonly { readonly name: string; readonly most: number; readonly least: number }[] {
  if (good.length === 0) return [];
  const first = bad.at(0)!;
  return Object.keys(first.params).flatMap((name) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of numbers(bad, name)) least = Math.min(least, value);
    for (const value of numbers(good, name)) most = Math.max(most, value);
    return most < least ? [{ name, most, least }] : [];
  });
}

function* numbers(
  runs: Iterable<{ readonly params: Readonly<Record<string, unknown>> }>,
  name: string,
): Generator<number> {
  for (const { params } of runs) yield typeof params[name] === "number" ? params[name] : Number.NaN;
}

function failing(results: StoredResults, manifest: Manifest): Finding | undefined {
  const { failed } = results;
  if (failed.length === 0 || failed.length < MANY * results.length) return undefined;
  const messages = new Map<string, number>();
  for (const { error } of failed) {
    const text = `${error?.name ?? "Error"}: ${error?.message ?? ""}`;
    messages.set(text, (messages.get(text) ?? 0) + 1);
  }
  const [text, count] = [...messages].sort((a, b) => b[1] - a[1])[0]!;
  return {
    kind: "failing",
    what: `${failed.length} of ${plural(results.length, "run")} failed, ${count} of them with ${text}`,
    advice: [
      isMadeElsewhere(manifest)
        ? "metalab show <run> has the stack."
        : "metalab show <run> has the stack; after a correction metalab retry runs them once more.",
    ],
  };
}

function notANumber(results: StoredResults): Finding | undefined {
  const names = results.objectives.map(({ metric }) => metric);
  let count = results.failed.filter(({ error }) => error?.class === "nan").length;
  for (const run of results.successful) {
    if (names.some((name) => Number.isNaN(run.metric(name)))) count += 1;
  }
  if (count === 0) return undefined;
  return {
    kind: "not-a-number",
    what: `${plural(count, "run")} ended with ${names.join(" or ")} NaN: they diverged, and count as having no value.`,
    advice: ["Lower the largest learning rates, or end such runs early with a threshold pruner."],
  };
}

function allPruned(results: StoredResults): Finding | undefined {
  const pruned = results.filter({ status: "pruned" }).length;
  const ended = results.successful.length + pruned;
  if (pruned === 0 || pruned < MOST * ended) return undefined;
  return {
    kind: "all-pruned",
    what: `${pruned} of ${plural(ended, "run")} that ended were pruned.`,
    advice: [
      "Raise the warm-up, so that runs show more before they are judged: warmup of the pruner, n_warmup_steps in a config file; and n_startup_trials, the trials that are never pruned.",
      "Take a gentler pruner: median instead of percentile, or patient() around it.",
      "Look whether the objective's direction is right, and the metric that is reported by step is the objective: metalab plot intermediate.",
      "If the first steps say little about the last, prune less or not at all.",
    ],
  };
}

function slow(results: StoredResults): Finding | undefined {
  const durations = Array.from(results.successful, ({ durationMs }) => durationMs);
  if (durations.length === 0) return undefined;
  const middle = quantile(durations, 0.5);
  if (middle < SLOW_MS) return undefined;
  const hasPruned = results.filter({ status: "pruned" }).length > 0;
  const writers = new Set(Array.from(results, ({ origin }) => origin?.writer)).size;
  return {
    kind: "slow",
    what: `Half of the runs took ${formatDuration(middle)} or more, all together ${formatDuration(durations.reduce((a, b) => a + b, 0))}.`,
    advice: [
      ...(hasPruned
        ? []
        : ["Nothing was pruned: report the metric by step, and give the search a pruner such as median()."]),
      "Let several run at once: --workers, or metalab worker on other machines that have the store.",
      ...(writers > 1 ? [] : ["So far one process has done all of them."]),
      "Search with fewer epochs or less data, and train only the best in full.",
    ],
  };
}

/** The space of a search; `undefined` for a plan of another kind. */
function searchedSpace({ params }: Manifest): UnitSpace | undefined {
  if (params.kind !== "search" || params.space === undefined) return undefined;
  const space = decode(params.space as Json) as ListedSpace;
  return new UnitSpace(resolveSpace(spaceOf(space), "doctor"));
}

function bestOf(
  results: StoredResults,
): ReturnType<typeof winner<Readonly<Record<string, unknown>>, unknown>> | undefined {
  if (results.objectives.length !== 1 || results.successful.length === 0) return undefined;
  try {
    return winner(results);
  } catch {
    // None has a value, or meets the constraints.
    return undefined;
  }
}

function atTheEdge(results: StoredResults, space: UnitSpace | undefined): Finding | undefined {
  const best = space === undefined ? undefined : bestOf(results);
  if (space === undefined || best === undefined) return undefined;
  const shares = space.encode(best.params);
  const edges = space.dimensions.flatMap(({ name, kind, count }, at) => {
    // Of few values one in three lies at an edge anyhow.
    if (kind === "category" || count < 8) return [];
    const share = shares[at]!;
    const margin = kind === "ordinal" ? Math.max(EDGE, 1 / count) : EDGE;
    if (share < margin) return [`${name} = ${String(best.params[name])} (lower end)`];
    return share > 1 - margin ? [`${name} = ${String(best.params[name])} (upper end)`] : [];
  });
  if (edges.length === 0) return undefined;
  return {
    kind: "at-the-edge",
    what: `The best params lie at the edge of the space: ${edges.join(", ")}.`,
    advice: ["Widen the space there: better values may lie beyond."],
  };
}

function worseThanManual(
  results: StoredResults,
  manifest: Manifest,
  space: UnitSpace | undefined,
  { manual }: Known,
): Finding | undefined {
  const best = manual === undefined ? undefined : bestOf(results);
  if (manual === undefined || best === undefined) return undefined;
  const isMinimum = results.objectives[0]!.direction === "minimize";
  const isWorse = isMinimum ? best.mean > manual : best.mean < manual;
  if (!isWorse) return undefined;
  const wanted =
    space === undefined ? undefined : advise(decode(manifest.params.space as Json) as ListedSpace).trials;
  return {
    kind: "worse-than-manual",
    what: `The best ${best.metric}, ${formatNumber(best.mean)}, is worse than ${formatNumber(manual)} by hand.`,
    advice: [
      "Look whether the space holds the params that were found by hand; give them as a start point, start: [{ … }], so that the search begins there.",
      ...(wanted !== undefined && wanted > best.compared
        ? [`Make more trials: ${best.compared} were compared, for this space ${wanted} are a good beginning.`]
        : ["Make more trials: a search goes on when its number is raised."]),
      ...(best.replicates > 1
        ? []
        : ["Judge by several replicates: of one run each, the best is the luckiest."]),
      "The sampler auto() suits most spaces; metalab plot importances shows which params are worth searching.",
    ],
  };
}
