import { describeSearch, type SearchSource } from "../../experiment/search-source.ts";
import { fingerprint } from "../../identity/ids.ts";
import type { Sweep } from "../sweep.ts";

/** The fingerprint of a search: all that its trials depend on, but for how many there are to be. */
export function searchFingerprint(
  sweep: Pick<Sweep, "experiment">,
  source: SearchSource,
  contextHash: string | null,
): string {
  const { name, version, defaults, seeds, folds, objectives } = sweep.experiment;
  return fingerprint("metalab.search", 1, {
    name,
    version,
    contextHash,
    defaults,
    seeds: { base: seeds.base, replicates: seeds.replicates },
    ...(folds === undefined ? {} : { folds: { count: folds.count, aggregate: folds.aggregate } }),
    objectives,
    search: describeSearch(source),
  });
}
