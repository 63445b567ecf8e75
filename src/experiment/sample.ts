import { DefinitionError, show } from "../errors.ts";
import { createDrawer } from "../math/drawer.ts";
import { createRng } from "../math/random.ts";
import type { Params } from "./operation.ts";
import { checkIndex, checkSource, type NamedSource, namesOf } from "./param-source.ts";
import { checkSeed } from "./seeds.ts";
import type { ParamSource } from "./source.ts";

/**
 * Some points of a source, drawn without replacement, each equally likely.
 *
 * The same seed gives the same points in the same order; with a larger `count` more of them follow. Takes memory for
 * `count` points, not for the source: a grid of 10^12 cells is as good as one of 100.
 *
 * @param count - Points to draw, 1 ≤ count ≤ source.length.
 * @param seed - A safe integer or text. @defaultValue `0`
 * @throws {@link DefinitionError} METALAB_SAMPLE_COUNT, METALAB_SEED or METALAB_SOURCE.
 * @example
 * ```ts
 * import { grid, sample } from "metalab";
 * const source = sample(grid({ a: [1, 2, 3, 4], b: [1, 2, 3, 4] }), 5, 42);
 * console.log(source.length); // 5
 * ```
 */
export function sample<P extends Params>(
  source: ParamSource<P>,
  count: number,
  seed: number | string = 0,
): NamedSource<P> {
  checkSource("sample()", source);
  const available = source.length;
  if (!Number.isSafeInteger(count) || count < 1 || count > available) {
    const advice =
      Number.isSafeInteger(count) && count > available
        ? `Draw at most ${available}, or use the source as it is.`
        : "Give a positive integer.";
    throw new DefinitionError(
      "METALAB_SAMPLE_COUNT",
      `sample(): takes 1 to ${available} of the points (without replacement), got ${show(count)}. ${advice}`,
      { count, available },
    );
  }
  const checkedSeed = checkSeed("sample()", "seed", seed);
  const draw = createDrawer(available, count, () => createRng("metalab.sample", 1, checkedSeed));
  return Object.freeze({
    kind: "sample",
    names: namesOf(source),
    length: count,
    at(index: number): P {
      checkIndex("sample()", index, count);
      return source.at(draw(index));
    },
    describe: () => ({ kind: "sample", source: source.describe(), count, seed: checkedSeed }),
  });
}
