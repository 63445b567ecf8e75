import { checkOptions } from "../../space/options.ts";
import type { PruneInput, Pruner } from "../pruner.ts";
import { badOption, integerOption } from "./option-values.ts";
import { Bracket, type Ladder, ladderOf } from "./successive-halving.ts";

/** Options of {@link hyperband}. */
export interface HyperbandOptions {
  /**
   * Step of the first rung of the boldest bracket, above 0.
   * @defaultValue 1
   */
  readonly minResource?: number;
  /**
   * Last step of a run that is not stopped. `"auto"`: that of the first run that is complete; nothing is stopped
   * before there is one.
   * @defaultValue `"auto"`
   */
  readonly maxResource?: number | "auto";
  /**
   * From each rung the best of so many go on to the next, whose step is so many times as large; an integer from 2.
   * @defaultValue 3
   */
  readonly reductionFactor?: number;
}

/**
 * Hyperband: several brackets of {@link successiveHalving} side by side, the first of which stops early and the last
 * not at all, so that curves that cross late do not lead it astray. A run is compared with those of its bracket.
 *
 * Which bracket a trial is in depends on nothing but its number, and at any time the brackets have as many trials as
 * is their share, to within a few: bolder ones more, since their trials cost less.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, "Hyperband: a novel bandit-based approach to
 * hyperparameter optimization", Journal of Machine Learning Research 18 (185), 1–52, algorithm 1; brackets are filled
 * asynchronously as in Li et al. 2020.
 * @example
 * ```ts
 * import { hyperband } from "metalab";
 * console.log(hyperband({ maxResource: 81 }).name); // "hyperband"
 * ```
 */
export function hyperband(options: HyperbandOptions = {}): Pruner {
  const where = "hyperband()";
  checkOptions(where, options, ["minResource", "maxResource", "reductionFactor"]);
  const { minResource = 1, maxResource = "auto" } = options;
  if (!(typeof minResource === "number" && minResource > 0 && minResource < Infinity)) {
    throw badOption(where, "minResource", "a step above 0", minResource);
  }
  if (
    maxResource !== "auto" &&
    !(typeof maxResource === "number" && maxResource >= minResource && maxResource < Infinity)
  ) {
    throw badOption(where, "maxResource", `a step from minResource (${minResource}) or "auto"`, maxResource);
  }
  const reductionFactor = integerOption(where, "reductionFactor", options.reductionFactor ?? 3, 2);
  const key = {};
  return Object.freeze({
    name: "hyperband",
    describe: () => ({ name: "hyperband", minResource, maxResource, reductionFactor }),
    shouldPrune({ trial, steps, losses, peers }: PruneInput): boolean {
      const ladder = ladderOf(peers, key, (first) => {
        const last = maxResource === "auto" ? first?.steps.at(-1) : maxResource;
        return last === undefined ? undefined : brackets(minResource, last, reductionFactor);
      });
      return ladder?.brackets[ladder.bracketOf(trial)]?.stops({ steps, losses }) ?? false;
    },
  });
}

function brackets(minResource: number, maxResource: number, factor: number): Ladder {
  // One more than log(max / min) to the base of the factor, without its rounding.
  let count = 1;
  while (minResource * factor ** count <= maxResource) count += 1;
  const ends = new Float64Array(count);
  let total = 0;
  for (let at = 0; at < count; at += 1) {
    // Algorithm 1, line 2: the number of configurations of bracket s, of which each begins with R·η^(−s).
    const s = count - 1 - at;
    total += Math.ceil((count * factor ** s) / (s + 1));
    ends[at] = total;
  }
  return {
    brackets: Array.from({ length: count }, (_, at) => new Bracket(minResource * factor ** at, factor)),
    bracketOf: (trial) => {
      const place = shareOf(trial) * total;
      return Math.min(
        count - 1,
        ends.findIndex((end) => place < end),
      );
    },
  };
}

/**
 * The multiples of the golden ratio without their whole part: of all sequences the one that fills `[0, 1)` most
 * evenly at any length (Kuipers, Niederreiter 1974, "Uniform distribution of sequences", chapter 2.3).
 */
function shareOf(trial: number): number {
  const multiple = (trial + 0.5) * 0.6180339887498949;
  return multiple - Math.floor(multiple);
}
