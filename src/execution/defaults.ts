import { DefinitionError, show } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { canonicalText } from "../identity/canonical.ts";
import type { Store } from "../store/store.ts";

/**
 * Makes sure that the defaults still are what they were when the runs in a store were made. A param equal to its
 * default is left out of the id, so under another default a run with the old value would be taken for one with the
 * new.
 *
 * @throws {@link DefinitionError} METALAB_DEFAULTS_CHANGED
 */
export async function checkDefaults(experiment: Experiment, store: Store): Promise<void> {
  const { name, version, defaults } = experiment;
  const names = Object.keys(defaults);
  if (names.length === 0) return;
  const before = (await store.manifest({ name, version }))?.defaults ?? {};
  for (const param of names) {
    if (!Object.hasOwn(before, param)) continue;
    const [now, then] = [defaults[param], before[param]];
    if (canonicalText(now, param) === canonicalText(then, param)) continue;
    throw new DefinitionError(
      "METALAB_DEFAULTS_CHANGED",
      `Experiment "${name}": the default of ${show(param)} is ${show(then)} in the runs that the store has, got ${show(now)}. Their ids leave it out, so they would be taken for runs with the new value: give ${show(param)} as a param, or raise the version.`,
      { param, before: then, now },
    );
  }
}
