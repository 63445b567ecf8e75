import { DefinitionError, show } from "../../errors.ts";
import { sample } from "../../experiment/sample.ts";
import { search } from "../../experiment/search-source.ts";
import type { ParamSource } from "../../experiment/source.ts";
import { prunerNamed } from "../../search/pruners/named.ts";
import { SAMPLER_NAMES, samplerNamed } from "../../search/samplers/named.ts";
import { closest } from "../../space/nearest.ts";
import { spaceOfSweep } from "../flags/space.ts";
import type { Sweep } from "../flags/sweep.ts";

/** How the runs of a sweep are chosen: all, some at random, or one after another by a sampler. */
export interface Strategy {
  /** `"grid_search"`, `"random_search"`, or the name of a sampler. */
  readonly name: string;
  /** Trials; all where absent. */
  readonly trials?: number;
  /** Trials of a search that may be under way at once. */
  readonly lag?: number;
  /** Name of a pruner, for a search. */
  readonly pruner?: string;
}

const GRID = "grid_search";
const RANDOM = "random_search";

/** Names that people know these by. */
const ALIASES: Readonly<Record<string, string>> = {
  grid: GRID,
  random: RANDOM,
  bayes: "auto",
  bayesian: "auto",
  bayesian_optimization: "auto",
  "cma-es": "cmaes",
  "nsga-ii": "nsga2",
};

/** Samplers that choose from the space; the grid and random draws are strategies of their own. */
const SEARCHES = SAMPLER_NAMES.filter((name) => name !== "grid" && name !== "random");

/** Every name of a strategy. */
export const STRATEGY_NAMES: readonly string[] = [GRID, RANDOM, ...SEARCHES];

/** @throws {@link DefinitionError} METALAB_STRATEGY for a name that there is not, with the nearest. */
export function strategyNamed(text: string): string {
  const plain = text.toLowerCase().replaceAll("-search", "_search");
  const name = Object.hasOwn(ALIASES, plain) ? ALIASES[plain]! : plain;
  if (STRATEGY_NAMES.includes(name)) return name;
  const near = closest(plain, [...STRATEGY_NAMES, ...Object.keys(ALIASES)]);
  const advice = near === undefined ? `There are ${STRATEGY_NAMES.join(", ")}.` : `Did you mean ${near}?`;
  throw new DefinitionError(
    "METALAB_STRATEGY",
    `--strategy: a strategy is named by one of its names, got ${show(text)}. ${advice}`,
    { strategy: text },
  );
}

/** Whether a strategy chooses each trial from the results of earlier ones. */
export function isSearchStrategy(name: string): boolean {
  return SEARCHES.includes(name);
}

/**
 * The points of a sweep that a strategy runs, and what there is to say about it.
 *
 * @throws {@link DefinitionError} METALAB_STRATEGY when the number of trials is missing, or is given to a grid;
 * METALAB_SEARCH_… and METALAB_SPACE_… codes for a search.
 */
export function sourceFor(
  sweep: Sweep,
  { name, trials, lag, pruner }: Strategy,
  seed: number | string,
): { readonly source: ParamSource; readonly notices: readonly string[] } {
  if (name === GRID) {
    if (trials === undefined || trials === Number.POSITIVE_INFINITY)
      return { source: sweep.source, notices: [] };
    throw strategyError(
      "--trials goes with a strategy that chooses",
      String(trials),
      `Say --strategy ${RANDOM}.`,
    );
  }
  if (name === RANDOM) {
    if (trials === undefined) throw trialsMissing(name);
    if (trials >= sweep.source.length) return { source: sweep.source, notices: [] };
    return { source: sample(sweep.source, trials, seed), notices: [] };
  }
  if (trials === undefined || !Number.isFinite(trials)) throw trialsMissing(name);
  const { space, notices } = spaceOfSweep(sweep);
  const source = search({
    space,
    sampler: samplerNamed("--strategy", name),
    trials,
    seed,
    ...(lag === undefined ? {} : { lag }),
    ...(pruner === undefined ? {} : { pruner: prunerNamed("--pruner", pruner) }),
  });
  return { source, notices };
}

function trialsMissing(name: string): DefinitionError {
  return strategyError(
    `--strategy ${name} needs --trials`,
    "none",
    "Say how many runs to choose: --trials 20.",
  );
}

function strategyError(problem: string, got: string, advice: string): DefinitionError {
  return new DefinitionError("METALAB_STRATEGY", `sourceFor(): ${problem}, got ${got}. ${advice}`);
}
