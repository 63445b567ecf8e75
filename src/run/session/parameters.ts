import { DefinitionError, show } from "../../errors.ts";
import { checkName } from "../../execution/names.ts";
import { encode, isPlainObject, memberPath } from "../../identity/canonical.ts";
import { frozenCopy } from "../../identity/frozen.ts";

/** As deep as any value may be nested. */
const MAX_DEPTH = 1_000;

/**
 * Nested values as dotted names: `{ model: { layers: 2 } }` is `{ "model.layers": 2 }`. Lists, dates and typed arrays
 * are values; so is an empty object. What is `undefined` is left out.
 *
 * @throws {DefinitionError} METALAB_SESSION_PARAMETERS when it is no object of values, METALAB_VALUE_UNIDENTIFIABLE for
 * a function and the like
 * @throws {OperationError} METALAB_CAPTURE_NAME for a name that cannot be one
 */
export function flatten(values: unknown): Readonly<Record<string, unknown>> {
  const where = "session.parameters().set()";
  if (!isPlainObject(values)) {
    throw new DefinitionError(
      "METALAB_SESSION_PARAMETERS",
      `${where}: parameters are an object of values, got ${show(values)}. Write set({ learning_rate: 0.1 }).`,
    );
  }
  const flat: Record<string, unknown> = {};
  const add = (
    inside: Readonly<Record<string, unknown>>,
    prefix: string,
    outer: readonly unknown[],
  ): void => {
    for (const key of Object.keys(inside)) {
      const value = inside[key];
      if (value === undefined) continue;
      const name = `${prefix}${key}`;
      const path = memberPath(where, name);
      if (isPlainObject(value) && Object.keys(value).length > 0) {
        // A cycle, or nested too deep: encode says which.
        if (outer.includes(value) || outer.length >= MAX_DEPTH) encode(value, path);
        add(value, `${name}.`, [...outer, value]);
        continue;
      }
      checkName(where, name);
      if (!isPlainObject(value)) encode(value, path);
      for (const other of conflicts(flat, name)) delete flat[other];
      flat[name] = isPlainObject(value) ? {} : frozenCopy(value);
    }
  };
  add(values, "", [values]);
  return flat;
}

/**
 * What holds after more was set: the later word on a name counts. A value takes the place of all that was nested under
 * its name, and nested values take the place of a value.
 *
 * @param before - Flat, as from {@link flatten}.
 * @param set - Flat.
 */
export function merged(
  before: Readonly<Record<string, unknown>>,
  set: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const after: Record<string, unknown> = { ...before };
  for (const name of Object.keys(set)) {
    for (const other of conflicts(after, name)) delete after[other];
    after[name] = set[name];
  }
  return after;
}

/** Names that cannot be beside a name: those that it is nested in, and those that are nested in it. */
function conflicts(values: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const found = Object.keys(values).filter((other) => other.startsWith(`${name}.`));
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const outer = name.slice(0, dot);
    if (Object.hasOwn(values, outer)) found.push(outer);
  }
  return found;
}
