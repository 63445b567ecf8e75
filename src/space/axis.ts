import { DefinitionError, show } from "../errors.ts";
import { canonicalText } from "../identity/canonical.ts";
import { frozenCopy } from "../identity/frozen.ts";
import { checkName } from "./order.ts";
import { type Condition, isWhen, when } from "./when.ts";

/** One axis of a grid. */
export interface Axis {
  readonly name: string;
  /** Frozen, distinct, at least one. */
  readonly values: readonly unknown[];
  /** When the axis takes part; absent for one that always does. */
  readonly condition?: Condition;
}

/** Value → position, of each axis: made when the axis is checked, and needed to find cells. */
const POSITIONS = new WeakMap<Axis, ReadonlyMap<number | string, number>>();

/**
 * Checks one axis.
 *
 * @throws {DefinitionError} METALAB_PARAM_NAME, METALAB_GRID_AXIS, METALAB_GRID_EMPTY_AXIS,
 * METALAB_GRID_DUPLICATE_VALUE, or METALAB_VALUE_UNIDENTIFIABLE for a value without identity.
 */
export function axisOf(name: string, given: unknown): Axis {
  checkName("grid", name);
  const values = isWhen(given) ? given.of : given;
  const shown = JSON.stringify(name);
  if (!Array.isArray(values)) {
    throw new DefinitionError(
      "METALAB_GRID_AXIS",
      `grid(): axis ${shown} must be an array of values, got ${show(values)}. ${adviceFor(values)}`,
      { axis: name },
    );
  }
  if (values.length === 0) {
    throw new DefinitionError(
      "METALAB_GRID_EMPTY_AXIS",
      `grid(): axis ${shown} has no values, got []. Give at least one.`,
      { axis: name },
    );
  }
  const positions = new Map<number | string, number>();
  for (let at = 0; at < values.length; at += 1) {
    const key = keyOf(values[at], `grid(): axis ${shown}[${at}]`);
    const first = positions.get(key);
    if (first !== undefined) {
      throw new DefinitionError(
        "METALAB_GRID_DUPLICATE_VALUE",
        `grid(): axis ${shown} must have each value once, got ${show(values[at])} at ${first} and ${at}. Remove one.`,
        { axis: name, value: values[at], positions: [first, at] },
      );
    }
    positions.set(key, at);
  }
  const axis: Axis = Object.freeze({
    name,
    values: frozenCopy(values as readonly unknown[]),
    ...(isWhen(given) ? { condition: when(given.condition, null).condition } : {}),
  });
  POSITIONS.set(axis, positions);
  return axis;
}

/** The position of a value on an axis, −1 when it is not there. */
export function indexOnAxis(axis: Axis, value: unknown): number {
  try {
    return POSITIONS.get(axis)?.get(keyOf(value, axis.name)) ?? -1;
  } catch (error) {
    // What has no identity is on no axis.
    if (error instanceof DefinitionError) return -1;
    throw error;
  }
}

/** A number stands for itself (a Map takes −0 for 0, so not that one), anything else is known by its text. */
function keyOf(value: unknown, where: string): number | string {
  return typeof value === "number" && !Object.is(value, -0) ? value : canonicalText(value, where);
}

function adviceFor(values: unknown): string {
  if (ArrayBuffer.isView(values)) return "Write Array.from(…) to use its numbers.";
  if (typeof values === "object" && values !== null && "type" in values) {
    return "Use random() or search() for distributions, or list the values.";
  }
  return "Put a single value in brackets.";
}
