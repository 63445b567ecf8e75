import { DefinitionError, show } from "../errors.ts";

/** A bound on a metric that a solution has to keep. */
export interface Constraint<Name extends string = string> {
  readonly type: "atMost" | "atLeast";
  readonly metric: Name;
  readonly bound: number;
}

/**
 * A constraint of a search: the metric has to be at most the bound. Which params meet it is learned from the trials.
 *
 * @param bound - a finite number, in the unit of the metric.
 * @throws {@link DefinitionError} METALAB_CONSTRAINT when the name is empty or the bound not a finite number.
 * @example
 * ```ts
 * import { atMost } from "metalab";
 * console.log(atMost("latency_ms", 50).bound); // 50
 * ```
 */
export function atMost<const Name extends string>(metric: Name, bound: number): Constraint<Name> {
  return constraintOf("atMost", metric, bound);
}

/**
 * A constraint of a search: the metric has to be at least the bound. Which params meet it is learned from the trials.
 *
 * @param bound - a finite number, in the unit of the metric.
 * @throws {@link DefinitionError} METALAB_CONSTRAINT when the name is empty or the bound not a finite number.
 * @example
 * ```ts
 * import { atLeast } from "metalab";
 * console.log(atLeast("accuracy", 0.9).metric); // "accuracy"
 * ```
 */
export function atLeast<const Name extends string>(metric: Name, bound: number): Constraint<Name> {
  return constraintOf("atLeast", metric, bound);
}

/** How far a value violates a constraint, in the unit of the metric: above 0 when it does. */
export function violationOf({ type, bound }: Constraint, value: number): number {
  return type === "atMost" ? value - bound : bound - value;
}

/** Whether metrics keep all bounds; one that is missing or NaN is not known to keep its bound, and does not. */
export function meetsAll(constraints: readonly Constraint[], read: (metric: string) => unknown): boolean {
  return constraints.every((constraint) => {
    const value = read(constraint.metric);
    return typeof value === "number" && violationOf(constraint, value) <= 0;
  });
}

/** Whether a value is a constraint. */
export function isConstraint(value: unknown): value is Constraint {
  if (typeof value !== "object" || value === null) return false;
  const { type, metric, bound } = value as Partial<Record<keyof Constraint, unknown>>;
  return (type === "atMost" || type === "atLeast") && isName(metric) && Number.isFinite(bound);
}

function constraintOf<Name extends string>(
  type: Constraint["type"],
  metric: Name,
  bound: number,
): Constraint<Name> {
  if (!isName(metric)) {
    throw new DefinitionError(
      "METALAB_CONSTRAINT",
      `${type}(): a metric is named by text, got ${show(metric)}. Write for example ${type}("latency_ms", 50).`,
      { metric },
    );
  }
  if (!Number.isFinite(bound)) {
    throw new DefinitionError(
      "METALAB_CONSTRAINT",
      `${type}("${metric}"): the bound is a finite number, got ${show(bound)}. Write for example ${type}("${metric}", 50).`,
      { metric, bound },
    );
  }
  return Object.freeze({ type, metric, bound });
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
