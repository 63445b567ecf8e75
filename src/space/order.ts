import { DefinitionError } from "../errors.ts";
import { failure } from "./check.ts";
import { closest } from "./nearest.ts";
import type { Condition } from "./when.ts";

/** A named parameter and, where it has one, its condition. */
export interface Conditional {
  readonly name: string;
  readonly condition?: Condition | undefined;
}

/** Refuses a name that cannot be one: empty, or `__proto__`, which JavaScript would not keep as a key. */
export function checkName(where: string, name: string): void {
  if (name === "" || name === "__proto__") {
    throw failure(
      "METALAB_PARAM_NAME",
      where,
      "a parameter needs another name",
      name,
      'Use a word, such as "lr".',
    );
  }
}

/**
 * The entries in an order in which each comes after those that its condition names; otherwise as they came.
 *
 * @throws {DefinitionError} METALAB_SPACE_UNKNOWN_PARAM when a condition names a parameter that is not there.
 * @throws {DefinitionError} METALAB_SPACE_CYCLE when conditions depend on each other in a circle.
 */
export function inDependencyOrder<E extends Conditional>(where: string, entries: readonly E[]): readonly E[] {
  if (entries.every((entry) => entry.condition === undefined)) return entries;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const placed = new Set<string>();
  const order: E[] = [];

  function place(entry: E, trail: readonly string[]): void {
    if (placed.has(entry.name)) return;
    const start = trail.indexOf(entry.name);
    if (start >= 0) {
      const circle = [...trail.slice(start), entry.name];
      throw new DefinitionError(
        "METALAB_SPACE_CYCLE",
        `${where}(): conditions must not depend on each other in a circle, got ${circle.join(" → ")}. Remove one of them.`,
        { circle },
      );
    }
    for (const controller of Object.keys(entry.condition ?? {})) {
      const found = byName.get(controller);
      if (found === undefined) {
        const names = [...byName.keys()];
        const near = closest(
          controller,
          names.filter((name) => name !== entry.name),
        );
        throw new DefinitionError(
          "METALAB_SPACE_UNKNOWN_PARAM",
          `${where}(): the condition of ${JSON.stringify(entry.name)} names a parameter that is not there, got ${JSON.stringify(controller)}. ${near === undefined ? `There are: ${names.join(", ")}.` : `Did you mean ${JSON.stringify(near)}?`}`,
          { name: entry.name, controller },
        );
      }
      place(found, [...trail, entry.name]);
    }
    placed.add(entry.name);
    order.push(entry);
  }

  for (const entry of entries) place(entry, []);
  return order;
}

/** The error for a condition that waits for a value which its parameter never has. */
export function neverMet(where: string, name: string, controller: string, value: string): DefinitionError {
  return new DefinitionError(
    "METALAB_SPACE_CONDITION",
    `${where}(): the condition of ${JSON.stringify(name)} must list values that ${JSON.stringify(controller)} can have, got ${value}. Correct the value or the condition.`,
    { name, controller },
  );
}
