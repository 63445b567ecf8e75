import { DefinitionError, show } from "../errors.ts";

/** Which way is better. */
export type Direction = "minimize" | "maximize";

/** A metric and a direction; what `best()` and searches follow. */
export interface Objective<Name extends string = string> {
  readonly metric: Name;
  readonly direction: Direction;
}

/** How an objective names a metric that is not in the return type of the operation. */
export interface CapturedOption {
  /** The metric is reported through `capture`: its name is not checked against what the operation returns. */
  readonly captured: true;
}

/**
 * Says that smaller values of a metric are better.
 *
 * With `captured` its type is `Objective<never>`, which fits an operation with any metrics.
 *
 * @param metric - Name of a metric that the operation returns, or, with `captured`, of one that it captures.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE when the name is empty or not text.
 * @example
 * ```ts
 * import { minimize } from "metalab";
 * const objective = minimize("loss");
 * console.log(objective.direction); // "minimize"
 * ```
 */
export function minimize<Name extends string>(metric: Name): Objective<Name>;
export function minimize(metric: string, options: CapturedOption): Objective<never>;
export function minimize(metric: string, options?: CapturedOption): Objective {
  return objectiveOf("minimize", metric, options);
}

/**
 * Says that larger values of a metric are better.
 *
 * With `captured` its type is `Objective<never>`, which fits an operation with any metrics.
 *
 * @param metric - Name of a metric that the operation returns, or, with `captured`, of one that it captures.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE when the name is empty or not text.
 * @example
 * ```ts
 * import { maximize } from "metalab";
 * const objective = maximize("accuracy", { captured: true });
 * console.log(objective.metric); // "accuracy"
 * ```
 */
export function maximize<Name extends string>(metric: Name): Objective<Name>;
export function maximize(metric: string, options: CapturedOption): Objective<never>;
export function maximize(metric: string, options?: CapturedOption): Objective {
  return objectiveOf("maximize", metric, options);
}

function objectiveOf(direction: Direction, metric: unknown, options: unknown): Objective {
  if (typeof metric !== "string" || metric === "") {
    throw new DefinitionError(
      "METALAB_OBJECTIVE",
      `${direction}(): a metric is named by text, got ${show(metric)}. Write for example ${direction}("loss").`,
      { metric },
    );
  }
  if (options === undefined) return Object.freeze({ metric, direction });
  if (typeof options === "object" && options !== null) {
    const { captured, ...rest } = options as Record<string, unknown>;
    if (captured === true && Object.keys(rest).length === 0) {
      return Object.freeze({ metric, direction });
    }
  }
  throw new DefinitionError(
    "METALAB_OBJECTIVE",
    `${direction}("${metric}"): the only option is { captured: true }, got ${show(options)}. Leave it out or write it so.`,
    { metric, options },
  );
}

/** Whether a value is an objective: a metric's name and a direction. */
export function isObjective(value: unknown): value is Objective {
  if (typeof value !== "object" || value === null) return false;
  const { metric, direction } = value as Partial<Record<keyof Objective, unknown>>;
  return (
    typeof metric === "string" && metric !== "" && (direction === "minimize" || direction === "maximize")
  );
}

/**
 * Orders two values of a metric, the better one first: negative when `a` is better, positive when `b` is, 0 when
 * they are equally good. NaN is worse than every number and as good as itself, so that sorting is total.
 */
export function compareValues(direction: Direction, a: number, b: number): number {
  const nanA = Number.isNaN(a);
  const nanB = Number.isNaN(b);
  if (nanA || nanB) return Number(nanA) - Number(nanB);
  if (a === b) return 0;
  return a < b === (direction === "minimize") ? -1 : 1;
}

/** Whether a value of a metric is strictly better than another; NaN never is. */
export function isBetter(direction: Direction, a: number, b: number): boolean {
  return compareValues(direction, a, b) < 0;
}

/** The objectives of several lists, each once. */
export function joinedObjectives(lists: readonly (readonly Objective[])[]): readonly Objective[] {
  const seen = new Map(
    lists.flat().map((objective) => [`${objective.direction} ${objective.metric}`, objective]),
  );
  return [...seen.values()];
}
