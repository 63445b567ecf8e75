import type { Direction, Objective } from "../search/objective.ts";
import { isMetricPattern, parseMetricPattern } from "../sweep/metrics/parse-sources.ts";
import { UsageError } from "./command.ts";

/** What is said on a command line of metrics that are to be good. */
export interface ObjectiveOptions {
  /** Texts of `--metric`: names, or patterns that find a metric in the output. */
  readonly metric: readonly string[];
  readonly direction: Direction | undefined;
  readonly minimize: readonly string[];
  readonly maximize: readonly string[];
}

/**
 * The objectives that options name, and the patterns among them. A pattern alone is an objective as well, once a direction
 * is given.
 *
 * @throws UsageError when a direction is missing, or one metric is to be small and large.
 */
export function objectivesOf({ metric, direction, minimize, maximize }: ObjectiveOptions): {
  readonly objectives: readonly Objective[];
  readonly patterns: readonly string[];
} {
  const patterns = metric.filter(isMetricPattern);
  const named = metric.filter((text) => !isMetricPattern(text));
  const both = minimize.find((name) => maximize.includes(name));
  if (both !== undefined) throw new UsageError(`${both} is to be minimized and maximized. Take one out.`);
  const directed =
    named.length > 0 || direction === undefined
      ? named
      : patterns.map((text) => parseMetricPattern(text).name);
  const [first] = named;
  if (first !== undefined && direction === undefined) {
    throw new UsageError(
      `--metric ${first} needs a direction. Say --minimize ${first} or --maximize ${first}.`,
    );
  }
  if (direction !== undefined && directed.length === 0) {
    throw new UsageError(`--direction ${direction} needs a metric. Say --${direction} <metric>.`);
  }
  const objectives = new Map<string, Objective>();
  const add = (names: readonly string[], toward: Direction): void => {
    for (const name of names) objectives.set(name, { metric: name, direction: toward });
  };
  if (direction !== undefined) add(directed, direction);
  add(minimize, "minimize");
  add(maximize, "maximize");
  return { objectives: [...objectives.values()], patterns };
}
