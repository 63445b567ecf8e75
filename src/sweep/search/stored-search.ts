import type { SearchFile } from "../../config/search-file.ts";
import type { PlainSearch, StoredSearch } from "./search-experiment.ts";

/** What of a search file is kept with the experiment. */
const KEPT: readonly (keyof PlainSearch)[] = [
  "path",
  "study",
  "version",
  "description",
  "tags",
  "style",
  "sources",
  "metrics",
  "patterns",
  "autoMetrics",
  "pruneBy",
  "memory",
  "settings",
  "space",
  "sampler",
  "pruner",
  "seed",
  "replicates",
  "race",
  "start",
  "constraints",
  "trials",
  "lag",
  "workers",
  "mode",
  "warmStart",
  "folds",
  "objectives",
];

/** A search file and a program as what an experiment keeps of them. */
export function storedSearch(file: SearchFile, command: readonly string[], cwd: string): StoredSearch {
  const search = Object.fromEntries(
    KEPT.filter((key) => file[key] !== undefined).map((key) => [key, file[key]]),
  ) as unknown as PlainSearch;
  return { format: 1, kind: "search", search, command, cwd };
}

/** The search that an experiment's manifest keeps, if it was made from one. */
export function storedSearchIn(metadata: Readonly<Record<string, unknown>>): StoredSearch | undefined {
  const program = metadata["program"] as Partial<StoredSearch> | null | undefined;
  return program?.format === 1 && program.kind === "search" ? (program as StoredSearch) : undefined;
}
