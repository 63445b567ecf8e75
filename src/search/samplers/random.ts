import { createShares } from "../../math/shares.ts";
import { checkOptions } from "../../space/options.ts";
import { paramsAt } from "../../space/space.ts";
import type { Sampler } from "../sampler.ts";

/**
 * Points drawn at random, each independently of all others: the points that the source `random({ space, seed })` has
 * at the same seed and trial number.
 *
 * @throws {@link DefinitionError} METALAB_OPTIONS or METALAB_UNKNOWN_OPTION: it has no options.
 */
export function random(options: Readonly<Record<never, never>> = {}): Sampler {
  checkOptions("random()", options, [], { seed: "The seed is the search's." });
  // The streams of the seed that was used last. They depend on nothing else, so keeping them changes no draw.
  let shares: ReturnType<typeof createShares> | undefined;
  let seeded: number | string | undefined;
  return Object.freeze({
    name: "random",
    describe: () => ({ name: "random" }),
    suggest({ number, space, seed }) {
      if (shares === undefined || seeded !== seed) {
        shares = createShares(seed);
        seeded = seed;
      }
      return { params: paramsAt(space.space, shares(number)), by: "random" };
    },
  } satisfies Sampler);
}
