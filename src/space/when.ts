import { DefinitionError, show } from "../errors.ts";
import { canonicalText, encode, isPlainObject } from "../identity/canonical.ts";
import { frozenCopy } from "../identity/frozen.ts";
import { failure } from "./check.ts";

/**
 * When a parameter exists: each named parameter is itself there, and has one of the listed values.
 * As {@link when} makes it, every entry is a list.
 */
export type Condition = Readonly<Record<string, readonly unknown[]>>;

/** Something that exists only under a condition: a distribution of a space, or the values of a grid axis. */
export interface When<X> {
  readonly type: "when";
  readonly condition: Condition;
  readonly of: X;
}

/**
 * Makes a parameter conditional: it is drawn or enumerated only where the parameters named in the condition have (one
 * of) the given values, and is absent from the params elsewhere. A conditional parameter may control others.
 *
 * @param condition - name → value, or a list of values. A value that is itself an array goes into a list: `[[64, 32]]`.
 * @param of - a distribution in a space, an array of values in a grid.
 * @throws {DefinitionError} METALAB_SPACE_CONDITION when the condition names nothing, or lists no values for a name.
 * @example
 * ```ts
 * import { grid, when } from "metalab";
 * const source = grid({ optimizer: ["sgd", "adam"], momentum: when({ optimizer: "sgd" }, [0, 0.9]) });
 * console.log(source.length); // 3
 * ```
 */
export function when<const X>(condition: Readonly<Record<string, unknown>>, of: X): When<X> {
  if (!isPlainObject(condition) || Object.keys(condition).length === 0) {
    throw failure(
      "METALAB_SPACE_CONDITION",
      "when",
      "the condition must name at least one parameter",
      condition,
      'Give, for example, { optimizer: "sgd" }.',
    );
  }
  if (isWhen(of)) {
    throw new DefinitionError(
      "METALAB_SPACE_CONDITION",
      `when(): what is conditional cannot be conditional again, got ${show(of)}. Put all names into one condition.`,
    );
  }
  encode(condition, "when(): condition");
  const lists = Object.entries(condition).map(([name, values]) => {
    const list: readonly unknown[] = Array.isArray(values) ? values : [values];
    if (list.length === 0) {
      throw failure(
        "METALAB_SPACE_CONDITION",
        "when",
        `the condition lists no values for ${JSON.stringify(name)}`,
        values,
        "Give at least one.",
      );
    }
    return [name, list] as const;
  });
  return Object.freeze({ type: "when", condition: frozenCopy(Object.fromEntries(lists)), of });
}

/** Whether a value was made by {@link when} (or is plain data of the same form). */
export function isWhen(value: unknown): value is When<unknown> {
  return (
    isPlainObject(value) &&
    value.type === "when" &&
    isPlainObject(value.condition) &&
    Object.hasOwn(value, "of")
  );
}

/**
 * Whether a conditional parameter exists beside the given params. A parameter that the condition names and that is
 * itself absent makes it inactive.
 */
export function isActive(condition: Condition, params: Readonly<Record<string, unknown>>): boolean {
  for (const name of Object.keys(condition)) {
    if (!Object.hasOwn(params, name)) return false;
    const value = params[name];
    if (!(condition[name] as readonly unknown[]).some((wanted) => sameValue(wanted, value))) return false;
  }
  return true;
}

/** Equality by identity: what the canonical text does not tell apart. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return canonicalText(a, "value") === canonicalText(b, "value");
}
