import { DefinitionError, show } from "../errors.ts";
import type { Constraint } from "../search/constraint.ts";
import { checkPoint } from "../search/definition.ts";
import type { Direction, Objective } from "../search/objective.ts";
import { resolveSpace, type Space } from "../space/space.ts";
import type { Checker } from "./check.ts";
import { shortNamed } from "./short-names.ts";

type Found = Readonly<Record<string, unknown>>;

/** Where a value stands, for problems with what it means together with others. */
interface Place {
  readonly at: number;
  readonly key: string;
}

/** What is to be optimized: `metric` and `direction`, one or several, or `objectives`. */
export function readObjectives(found: Found, checker: Checker, place: Place): readonly Objective[] {
  const { metric, direction, objectives } = found;
  const complain = (message: string): readonly Objective[] => {
    checker.problem(place.key, place.at, message);
    return [];
  };
  if (objectives !== undefined) {
    if (metric !== undefined || direction !== undefined)
      return complain("objectives stands in place of metric and direction, got both. Take one out.");
    const list = Array.isArray(objectives)
      ? (objectives as readonly Objective[])
      : Object.entries(objectives as Found).map(([name, way]) => ({
          metric: name,
          direction: way as Direction,
        }));
    return unique(list, complain);
  }
  if (metric === undefined) {
    // A metric that is there and wrong is a problem already.
    if (checker.problems.length > 0) return [];
    return complain(
      "what is to be optimized is needed, got none. Write metric: val_acc and direction: maximize.",
    );
  }
  const metrics = typeof metric === "string" ? [metric] : (metric as readonly string[]);
  const ways =
    direction === undefined
      ? ["minimize"]
      : typeof direction === "string"
        ? [direction]
        : (direction as readonly string[]);
  if (metrics.length === 0)
    return complain("at least one metric is needed, got an empty list. Write metric: val_acc.");
  if (ways.length !== 1 && ways.length !== metrics.length)
    return complain(
      `a direction for each metric is expected, got ${ways.length} for ${metrics.length}. Write as many, or one for all.`,
    );
  return unique(
    metrics.map((name, at) => ({ metric: name, direction: (ways[at] ?? ways[0]) as Direction })),
    complain,
  );
}

function unique(
  list: readonly Objective[],
  complain: (message: string) => readonly Objective[],
): readonly Objective[] {
  const twice = list.find(({ metric }, at) => list.findIndex((other) => other.metric === metric) < at);
  if (twice !== undefined)
    return complain(`each metric is there once, got ${show(twice.metric)} twice. Take one out.`);
  if (list.length === 0)
    return complain("at least one objective is needed, got none. Write { val_acc: maximize }.");
  return list;
}

/** Bounds on metrics. */
export function readConstraints(found: Found, checker: Checker, place: Place): readonly Constraint[] {
  return Object.entries(found).flatMap(([metric, bounds]) => {
    const { at_most: most, at_least: least } = (bounds ?? {}) as { at_most?: number; at_least?: number };
    if (most === undefined && least === undefined)
      checker.problem(
        `${place.key}.${metric}`,
        place.at,
        "at_most or at_least is needed, got none. Write for example { at_most: 50 }.",
      );
    return [
      ...(most === undefined ? [] : [{ type: "atMost" as const, metric, bound: most }]),
      ...(least === undefined ? [] : [{ type: "atLeast" as const, metric, bound: least }]),
    ];
  });
}

/** Points to try first, whose names may be short ones. */
export function readStart(
  found: readonly Found[],
  space: Space,
  checker: Checker,
  place: Place,
): readonly Found[] {
  // What is wrong with the space would be said of every point.
  if (found.length === 0 || checker.problems.length > 0) return [];
  const names = Object.keys(space);
  try {
    const resolved = resolveSpace(space, "search_space");
    return found.map((point, at) => {
      const whole = Object.fromEntries(
        Object.entries(point).map(([name, value]) => [shortNamed(name, names) ?? name, value]),
      );
      return checkPoint("start", `start[${at}]`, whole, resolved, at);
    });
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    checker.problem(place.key, place.at, error.message.replace(/^[\w]+\(\): /, ""));
    return [];
  }
}
