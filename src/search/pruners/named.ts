import { DefinitionError, show } from "../../errors.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import { closest } from "../../space/nearest.ts";
import type { Pruner } from "../pruner.ts";
import { hyperband } from "./hyperband.ts";
import { median } from "./median.ts";
import { patient } from "./patient.ts";
import { percentile } from "./percentile.ts";
import { successiveHalving } from "./successive-halving.ts";
import { threshold } from "./threshold.ts";
import { wilcoxon } from "./wilcoxon.ts";

const PRUNERS: Readonly<Record<string, (options: never) => Pruner>> = {
  median,
  percentile: ({ keep, ...options }: { keep: number }) => percentile(keep, options),
  successiveHalving,
  hyperband,
  patient: ({ pruner, ...options }: { pruner?: unknown; patience: number }) =>
    patient({ ...options, ...(pruner === undefined ? {} : { pruner: prunerNamed("patient()", pruner) }) }),
  threshold,
  wilcoxon,
};

/** The names of all pruners. */
export const PRUNER_NAMES: readonly string[] = Object.keys(PRUNERS);

/**
 * A pruner from text: by name and options, as `pruner.describe()` gives them.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_PRUNER for a name that no pruner has, with the nearest;
 * METALAB_UNKNOWN_OPTION or METALAB_PRUNER_OPTION as its function does.
 */
export function prunerNamed(where: string, description: unknown): Pruner {
  const { name, ...given } = (isPlainObject(description) ? description : { name: description }) as Readonly<
    Record<string, unknown>
  >;
  const make = typeof name === "string" && Object.hasOwn(PRUNERS, name) ? PRUNERS[name] : undefined;
  if (make !== undefined) {
    // What was left out is described as null.
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    return make(options as never);
  }
  const near = typeof name === "string" ? closest(name, PRUNER_NAMES) : undefined;
  const advice = near === undefined ? `There are ${PRUNER_NAMES.join(", ")}.` : `Did you mean "${near}"?`;
  throw new DefinitionError(
    "METALAB_SEARCH_PRUNER",
    `${where}: a pruner is named by one of its names, got ${show(name)}. ${advice}`,
    { pruner: name },
  );
}
