import { createSobol } from "../../math/sobol.ts";
import { checkOptions } from "../../space/options.ts";
import type { Sampler } from "../sampler.ts";

/**
 * Points of a scrambled Sobol sequence: they fill the space more evenly than random ones. Trial *n* is point *n*, so
 * a longer search begins with a shorter one; the points are most even when their number is a power of two. Spaces of
 * more than 128 parameters get random coordinates in those that come after.
 *
 * @throws {@link DefinitionError} METALAB_OPTIONS or METALAB_UNKNOWN_OPTION: it has no options.
 * @see Joe and Kuo 2008 for the sequence, Owen 1995 and Burley 2020 for the scrambling: src/math/sobol.ts.
 */
export function sobol(options: Readonly<Record<never, never>> = {}): Sampler {
  checkOptions("sobol()", options, [], {
    seed: "The seed is the search's.",
    scramble: "It always is scrambled, by the search's seed.",
  });
  // The sequence of the seed and size used last. It depends on nothing else, so keeping it changes no point.
  let points: ReturnType<typeof createSobol> | undefined;
  let kept: readonly [seed: number | string, size: number] | undefined;
  return Object.freeze({
    name: "sobol",
    describe: () => ({ name: "sobol" }),
    suggest({ number, space, seed }) {
      if (points === undefined || kept?.[0] !== seed || kept[1] !== space.size) {
        points = createSobol(space.size, "sampler", seed);
        kept = [seed, space.size];
      }
      return { params: space.decode(points(number)), by: "sobol" };
    },
  } satisfies Sampler);
}
