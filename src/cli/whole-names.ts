import { shortNamed } from "../config/short-names.ts";
import { metadataNames, metricNames, paramNames, RUN_FIELDS, tagNames } from "../results/names.ts";
import { selectionOf } from "../results/selection.ts";
import type { StoredResults } from "./experiments.ts";

/** What short names of params stand for in results: `optimizer.lr` for `lr`, where nothing else is called that. */
export function wholeNames(results: StoredResults): <T extends string | undefined>(name: T) => T | string {
  const selection = selectionOf(results.parts);
  const params = paramNames(selection);
  const others = new Set<string>([
    ...metricNames(selection),
    ...metadataNames(selection),
    ...tagNames(selection),
    ...RUN_FIELDS,
  ]);
  return (name) => (name === undefined || others.has(name) ? name : (shortNamed(name, params) ?? name));
}
