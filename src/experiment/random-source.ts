import { DefinitionError, show } from "../errors.ts";
import { createShares } from "../math/shares.ts";
import { checkOptions } from "../space/options.ts";
import { describeSpace, paramsAt, resolveSpace, type Space, type SpaceParams } from "../space/space.ts";
import { checkIndex, type NamedSource } from "./param-source.ts";
import { checkSeed } from "./seeds.ts";

/** Options of {@link random}. */
export interface RandomOptions<S extends Space = Space> {
  /** Name → distribution, or `when(condition, distribution)`. */
  readonly space: S;
  /** Number of points, a positive integer. */
  readonly trials: number;
  /** A safe integer or text. @defaultValue `0` */
  readonly seed?: number | string;
}

const HINTS = {
  n_trials: 'Use "trials".',
  nTrials: 'Use "trials".',
  n: 'Use "trials".',
  count: 'Use "trials".',
  samples: 'Use "trials".',
  params: 'Use "space".',
  sampler: "A sampler belongs to search({ space, sampler, trials }).",
};

/**
 * Points drawn at random from a space.
 *
 * Each param draws from streams of its own, addressed by the seed, its name and the trial: raising `trials`, adding a
 * param or changing the distribution of another leaves all other draws as they were. `at(index)` gives the same
 * point in any order of asking.
 *
 * @throws {@link DefinitionError} METALAB_RANDOM_TRIALS when `trials` is not a positive integer, METALAB_SEED,
 * METALAB_UNKNOWN_OPTION, or a METALAB_SPACE_… code when the space is wrong.
 * @example
 * ```ts
 * import { loguniform, random, uniform } from "metalab";
 * const source = random({
 *   space: { lr: loguniform(1e-4, 1e-1), momentum: uniform(0, 0.99) },
 *   trials: 27,
 *   seed: 123,
 * });
 * console.log(source.length, source.at(0).lr < 0.1); // 27 true
 * ```
 */
export function random<const S extends Space>(options: RandomOptions<S>): NamedSource<SpaceParams<S>> {
  checkOptions("random()", options, ["space", "trials", "seed"], HINTS);
  const { space, trials, seed: given = 0 } = options;
  const resolved = resolveSpace(space, "random");
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new DefinitionError(
      "METALAB_RANDOM_TRIALS",
      `random(): trials is a positive integer, got ${show(trials)}. Say how many points to draw, for example trials: 30.`,
      { trials },
    );
  }
  const seed = checkSeed("random()", "seed", given);
  const shareOf = createShares(seed);
  return Object.freeze({
    kind: "random",
    names: Object.freeze(resolved.entries.map(({ name }) => name)),
    length: trials,
    at(index: number) {
      checkIndex("random()", index, trials);
      return paramsAt(resolved, shareOf(index)) as SpaceParams<S>;
    },
    describe: () => ({ kind: "random", space: describeSpace(resolved), trials, seed }),
  });
}
