import { choice, type Distribution, type ValueOf } from "./distribution.ts";
import type { Space } from "./space.ts";
import type { Widen } from "./value-type.ts";
import { isWhen, type When, when } from "./when.ts";

/** A space in which a list of values stands for a choice among them. */
export type ListedSpace = Readonly<
  Record<string, readonly unknown[] | Distribution | When<readonly unknown[] | Distribution>>
>;

/** The values of an entry of a {@link ListedSpace}; also `undefined` where it is conditional. */
export type ListedValue<E> =
  E extends When<infer X>
    ? ListedValue<X> | undefined
    : E extends readonly (infer V)[]
      ? Widen<V>
      : ValueOf<E>;

/** The space in which each list has become a choice. Anything else is passed on as it is, to be checked elsewhere. */
export function spaceOf(listed: ListedSpace): Space {
  return Object.fromEntries(
    Object.entries(listed).map(([name, entry]) => [
      name,
      isWhen(entry) ? when(entry.condition, unlisted(entry.of)) : unlisted(entry),
    ]),
  ) as Space;
}

function unlisted(entry: unknown): unknown {
  return Array.isArray(entry) ? choice(entry) : entry;
}
