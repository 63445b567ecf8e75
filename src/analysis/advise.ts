import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import type { Sampler } from "../search/sampler.ts";
import { auto, MODEL_TRIALS } from "../search/samplers/auto.ts";
import { grid, valuesOf } from "../search/samplers/grid.ts";
import { sobol } from "../search/samplers/sobol.ts";
import { createGrid, type GridAxes } from "../space/enumerate.ts";
import { type ListedSpace, spaceOf } from "../space/listed.ts";
import { checkOptions } from "../space/options.ts";
import { resolveSpace } from "../space/space.ts";
import { UnitSpace } from "../space/units.ts";
import { when } from "../space/when.ts";

/** What {@link advise} may be told of the trials. */
export interface AdviseOptions {
  /** Minutes that one trial takes, above 0. @defaultValue not known */
  readonly trialMinutes?: number;
  /** Minutes that all trials together may take, summed over whatever runs at once, above 0. @defaultValue not limited */
  readonly budget?: number;
  /** How many objectives there are, a positive integer. @defaultValue `1` */
  readonly objectives?: number;
}

/** How to search a space. */
export interface SearchAdvice {
  /** For `search({ sampler })`; its `name` says which it is. */
  readonly sampler: Sampler;
  /** For `search({ trials })`. */
  readonly trials: number;
  /** Why, in whole sentences. */
  readonly reason: readonly string[];
}

/** Combinations up to which all of them are tried. */
const SMALL_GRID = 100;
/** Seconds of a trial below which asking a model takes longer than what it saves. */
const INSTANT_SECONDS = 0.01;

/**
 * Which sampler and how many trials suit a space, what a trial takes and what all may take.
 *
 * Few combinations that can be paid for are all tried. Trials of a few milliseconds are spread evenly, since a model
 * would think longer than they take. Otherwise `auto()` chooses, for any number of parameters, trials and objectives.
 * All of them run in parallel.
 *
 * @param space - As for `search()`; a list stands for a choice.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION, or a METALAB_SPACE_… code.
 * @example
 * ```ts
 * import { advise, int, loguniform, search } from "metalab";
 * const space = { lr: loguniform(1e-5, 1e-2), layers: int(1, 8) };
 * const { sampler, trials, reason } = advise(space, { trialMinutes: 15, budget: 600 });
 * console.log(sampler.name, trials, reason.length > 0); // "auto" 40 true
 * const source = search({ space, sampler, trials });
 * ```
 */
export function advise(space: ListedSpace, options: AdviseOptions = {}): SearchAdvice {
  const { trialMinutes, budget, objectives } = checked(options);
  if (!isPlainObject(space)) {
    throw new DefinitionError(
      "METALAB_SPACE_EMPTY",
      `advise(): space must be an object of at least one parameter, got ${show(space)}. Give, for example, { lr: loguniform(1e-4, 1e-1) }.`,
    );
  }
  const units = new UnitSpace(resolveSpace(spaceOf(space), "advise"));
  const paid = trialMinutes === undefined || budget === undefined ? undefined : budget / trialMinutes;
  const combinations = combinationsOf(units);
  if (combinations <= (paid ?? SMALL_GRID)) {
    const why = paid === undefined ? "so few" : "and the budget pays for all of them";
    const reason = `There are ${combinations} combinations, ${why}: a grid tries each of them once.`;
    return advice(grid(), combinations, [reason]);
  }
  const seconds = trialMinutes === undefined ? undefined : trialMinutes * 60;
  const trials = trialsFor(units, paid, seconds);
  const reason = [trialsReason(trials, paid)];
  if (paid !== undefined && paid < 1) {
    reason.push("The budget is less than one trial takes: make trials shorter, or raise it.");
  }
  if (units.isConditional) {
    reason.push("Some parameters exist under a condition only, which every sampler here understands.");
  }
  if (seconds !== undefined && seconds < INSTANT_SECONDS) {
    reason.push(
      `A trial takes ${amount(seconds * 1_000)} ms, less than a model takes to choose one: points that are evenly spread get further in the same time.`,
    );
    return advice(sobol(), trials, reason);
  }
  reason.push(reasonForModel(objectives, trials, seconds));
  reason.push(
    "It runs in parallel: set lag to the number of workers, and the same trials come out each time.",
  );
  return advice(auto(), trials, reason);
}

function reasonForModel(objectives: number, trials: number, seconds: number | undefined): string {
  if (objectives > 1) {
    return `With ${objectives} objectives auto() looks for the whole front of best compromises, by turns of nsga2() and tpe().`;
  }
  const worth = `${seconds === undefined ? "The trials" : `Trials of ${duration(seconds)}`} are worth a model of what came before`;
  const turns = "auto() lets a Gaussian process, cmaes() and tpe() take turns";
  return trials > MODEL_TRIALS
    ? `${worth}: ${turns}, and leaves the first out from trial ${MODEL_TRIALS} on, where it becomes slow.`
    : `${worth}: ${turns}, each learning from all trials.`;
}

function advice(sampler: Sampler, trials: number, reason: readonly string[]): SearchAdvice {
  return Object.freeze({ sampler, trials, reason: Object.freeze(reason) });
}

function trialsFor(units: UnitSpace, paid: number | undefined, seconds: number | undefined): number {
  if (paid !== undefined) return Math.max(1, Math.floor(paid));
  const usual = Math.min(Math.max(10 * (units.size + 1), 20), 100);
  // Trials that cost next to nothing may as well be many.
  return seconds !== undefined && seconds < INSTANT_SECONDS ? 10 * usual : usual;
}

function trialsReason(trials: number, paid: number | undefined): string {
  if (paid !== undefined) return `The budget pays for ${trials} ${trials === 1 ? "trial" : "trials"}.`;
  return `${trials} trials are a good beginning; when the number is raised later, the search goes on.`;
}

/** Number of points of a space; `Infinity` unless it is finite, at least {@link SMALL_GRID} where it is not small. */
function combinationsOf(units: UnitSpace): number {
  if (!units.isConditional || !(units.cells < 1_000)) return units.cells;
  const axes = units.dimensions.map((dimension) => {
    const values = valuesOf(dimension, undefined);
    return [dimension.name, dimension.condition === undefined ? values : when(dimension.condition, values)];
  });
  return createGrid(Object.fromEntries(axes) as GridAxes).length;
}

function duration(seconds: number): string {
  if (seconds < 1) return `${amount(seconds * 1_000)} ms`;
  return seconds < 60 ? `${amount(seconds)} s` : `${amount(seconds / 60)} min`;
}

function amount(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function checked(options: AdviseOptions): AdviseOptions & { readonly objectives: number } {
  const where = "advise()";
  checkOptions(where, options, ["trialMinutes", "budget", "objectives"], {
    minutes: 'Use "trialMinutes" for one trial, "budget" for all.',
    trial_minutes: 'Use "trialMinutes".',
    trials: 'Use "budget": minutes that all trials together may take.',
  });
  const { trialMinutes, budget, objectives = 1 } = options;
  for (const [option, value] of Object.entries({ trialMinutes, budget })) {
    if (value === undefined || value > 0) continue;
    throw wrong(where, option, "a number of minutes above 0", value);
  }
  if (!(Number.isSafeInteger(objectives) && objectives >= 1)) {
    throw wrong(where, "objectives", "a positive integer", objectives);
  }
  return { ...options, objectives };
}

function wrong(where: string, option: string, need: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
    { option, value },
  );
}
