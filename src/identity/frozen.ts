import { isPlainObject } from "./canonical.ts";

/**
 * A deep copy of plain data whose arrays and objects are frozen, so that a definition cannot change after it was
 * made, neither by its author nor by an operation that works on the values it is given. Dates and typed arrays are
 * copied too, but cannot be frozen. Give only what `encode` accepts: cycles are not looked for.
 */
export function frozenCopy<T>(value: T): T {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  if (typeof value !== "object" || value === null) return value;
  if (!isPlainObject(value)) return structuredClone(value);
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, frozenCopy(member)]));
  return Object.freeze(copy) as T;
}

/**
 * A frozen value in which nothing is shared that could be written to all the same: dates and typed arrays are copied,
 * with what leads to them. A value without any is returned as it is.
 */
export function privateCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value) && !isPlainObject(value)) return structuredClone(value);
  let copy: Map<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof member !== "object" || member === null) continue;
    const own = privateCopy(member);
    if (own === member) continue;
    copy ??= new Map(Object.entries(value));
    copy.set(key, own);
  }
  if (copy === undefined) return value;
  return Object.freeze(Array.isArray(value) ? [...copy.values()] : Object.fromEntries(copy)) as T;
}
