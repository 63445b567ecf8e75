import { DefinitionError, show } from "../../errors.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import { closest } from "../../space/nearest.ts";
import type { Sampler } from "../sampler.ts";
import { auto } from "./auto.ts";
import { cmaes } from "./cmaes.ts";
import { gp } from "./gp.ts";
import { grid } from "./grid.ts";
import { nsga2 } from "./nsga2.ts";
import { random } from "./random.ts";
import { sobol } from "./sobol.ts";
import { tpe } from "./tpe.ts";

const SAMPLERS: Readonly<Record<string, (options?: never) => Sampler>> = {
  auto,
  random,
  sobol,
  grid,
  tpe,
  gp,
  cmaes,
  nsga2,
};

/** The names of all samplers. */
export const SAMPLER_NAMES: readonly string[] = Object.keys(SAMPLERS);

/**
 * A sampler from text: by name and options, as `sampler.describe()` gives them.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_SAMPLER for a name that no sampler has, with the nearest;
 * METALAB_UNKNOWN_OPTION or METALAB_SAMPLER_OPTION as its function does.
 */
export function samplerNamed(where: string, description: unknown): Sampler {
  const { name, ...options } = (isPlainObject(description) ? description : { name: description }) as Readonly<
    Record<string, unknown>
  >;
  const make = typeof name === "string" && Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (make !== undefined) return make(options as never);
  const near = typeof name === "string" ? closest(name, SAMPLER_NAMES) : undefined;
  const advice = near === undefined ? `There are ${SAMPLER_NAMES.join(", ")}.` : `Did you mean "${near}"?`;
  throw new DefinitionError(
    "METALAB_SEARCH_SAMPLER",
    `${where}: a sampler is named by one of its names, got ${show(name)}. ${advice}`,
    { sampler: name },
  );
}
