import stringify from "fast-json-stable-stringify";
import { DefinitionError, show } from "../errors.ts";
import { decodeTag, encodeSpecial } from "./tags.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deepest nesting of arrays and objects that is accepted: far from what would exhaust the stack. */
const MAX_DEPTH = 1_000;

/**
 * Writes a value as JSON from which the very same value can be read back, or refuses it.
 *
 * Plain JSON stays as it is (the same object is returned, not a copy). What JSON would lose is tagged: NaN, the
 * infinities and −0 as `{"$num":"NaN"}`, a bigint as `{"$bigint":"10"}`, a Date as `{"$date":"…"}`, typed arrays as
 * `{"$f64":[…]}` and the like. A user's own key that begins with `$` gets a second `$`, so it is never taken for a
 * tag. What has no identity of its own is refused.
 *
 * @param value - anything.
 * @param where - what the value is, as the path in a message begins: `"params"` gives `params.layers[2].fn`.
 * @throws {DefinitionError} METALAB_VALUE_UNIDENTIFIABLE for undefined, functions, symbols, Map, Set, RegExp, class
 * instances, cycles, sparse arrays, hidden or symbol keys, invalid dates, and nesting deeper than 1,000 levels.
 */
export function encode(value: unknown, where: string): Json {
  return encodeAt(value, new Path(where));
}

/**
 * Reads back what {@link encode} wrote: `decode(encode(value))` is deeply equal to `value`, and numbers are the same
 * by `Object.is`. Parts that hold no tag are returned as they are, not copied. A tag that is not known (of a newer
 * version, say) is left as it stands.
 *
 * @throws {DefinitionError} METALAB_VALUE_TOO_DEEP when nested deeper than anything that `encode` writes.
 */
export function decode(json: Json): unknown {
  return decodeAt(json, 0);
}

/**
 * The one text of a value: equal values, whatever the order of their keys, give equal texts, and different values
 * different ones.
 *
 * @throws {DefinitionError} METALAB_VALUE_UNIDENTIFIABLE as {@link encode} does.
 */
export function canonicalText(value: unknown, where: string): string {
  if (typeof value === "string") return JSON.stringify(value);
  return stringify(encodeAt(value, new Path(where)));
}

/** The path of a member, as it would be written in code: `params.lr`, `params["training.lr"]`. */
export function memberPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** Whether a value is an object literal, or made without a prototype. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // The Object.prototype of another realm (a vm context, as notebooks and test runners use).
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

/** Where the encoder stands: the containers it is in, and the keys by which it got there. */
class Path {
  readonly #where: string;
  readonly #keys: (string | number)[] = [];
  readonly #containers: object[] = [];

  constructor(where: string) {
    this.#where = where;
  }

  enter(container: object): void {
    if (this.#containers.includes(container)) {
      throw refusal(this.toString(), "refers back to something that holds it", "a cycle");
    }
    if (this.#containers.length >= MAX_DEPTH) {
      throw refusal(this.toString(), `is nested deeper than ${MAX_DEPTH} levels`, "a deeper one");
    }
    this.#containers.push(container);
  }

  leave(): void {
    this.#containers.pop();
  }

  step(key: string | number): void {
    this.#keys.push(key);
  }

  back(): void {
    this.#keys.pop();
  }

  toString(): string {
    const keys = this.#keys;
    const shown = keys.length > 40 ? [...keys.slice(0, 20), "…", ...keys.slice(-20)] : keys;
    let text = this.#where;
    for (const key of shown) text = typeof key === "number" ? `${text}[${key}]` : memberPath(text, key);
    return text;
  }
}

function encodeAt(value: unknown, path: Path): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return { $num: Object.is(value, -0) ? "-0" : String(value) };
    case "bigint":
      return { $bigint: String(value) };
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return encodeArray(value, path);
      if (isPlainObject(value)) return encodeObject(value, path);
      return encodeInstance(value, path);
    case "undefined":
      throw refusal(path.toString(), "has no value", "undefined", "Leave the key out, or use null.");
    default:
      throw refusal(path.toString(), `is a ${typeof value}, which has no identity of its own`, show(value));
  }
}

function encodeArray(array: readonly unknown[], path: Path): Json {
  path.enter(array);
  let copy: Json[] | undefined;
  for (let at = 0; at < array.length; at += 1) {
    const value = array[at];
    path.step(at);
    if (value === undefined && !Object.hasOwn(array, at)) {
      throw refusal(path.toString(), "is a hole", "a sparse array", "Fill it, for example with null.");
    }
    const json = encodeAt(value, path);
    path.back();
    if (copy !== undefined) copy.push(json);
    else if (json !== value) copy = [...(array.slice(0, at) as Json[]), json];
  }
  if (Object.keys(array).length !== array.length || Object.getOwnPropertySymbols(array).length > 0) {
    throw refusal(path.toString(), "is an array with properties of its own", show(array), "Use an object.");
  }
  path.leave();
  return copy ?? (array as readonly Json[]);
}

function encodeObject(object: Readonly<Record<string, unknown>>, path: Path): Json {
  path.enter(object);
  const keys = Object.keys(object);
  if (Reflect.ownKeys(object).length !== keys.length) {
    throw refusal(path.toString(), "has keys that cannot be seen (symbols, or not enumerable)", show(object));
  }
  let copy: Record<string, Json> | undefined;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as string;
    const value = object[key];
    path.step(key);
    const json = encodeAt(value, path);
    path.back();
    const escaped = key.charCodeAt(0) === 36 ? `$${key}` : key;
    if (copy === undefined && (json !== value || escaped !== key)) {
      copy = {};
      for (const earlier of keys.slice(0, at)) put(copy, earlier, object[earlier] as Json);
    }
    if (copy !== undefined) put(copy, escaped, json);
  }
  path.leave();
  return copy ?? (object as { readonly [key: string]: Json });
}

function encodeInstance(value: object, path: Path): Json {
  const tagged = encodeSpecial(value);
  if (tagged !== undefined) return tagged;
  if (value instanceof Date) throw refusal(path.toString(), "is an invalid date", show(value));
  throw refusal(path.toString(), "is not plain data and cannot be told apart from its like", show(value));
}

function decodeAt(json: Json, depth: number): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (depth > MAX_DEPTH) {
    throw new DefinitionError(
      "METALAB_VALUE_TOO_DEEP",
      `decode(): nesting must be at most ${MAX_DEPTH} levels, got more. This was not written by metalab.`,
    );
  }
  if (isArray(json)) {
    let copy: unknown[] | undefined;
    for (let at = 0; at < json.length; at += 1) {
      const value = decodeAt(json[at] as Json, depth + 1);
      if (copy !== undefined) copy.push(value);
      else if (value !== json[at]) copy = [...json.slice(0, at), value];
    }
    return copy ?? json;
  }
  const keys = Object.keys(json);
  if (keys.length === 1) {
    const key = keys[0] as string;
    if (key.charCodeAt(0) === 36 && key.charCodeAt(1) !== 36) {
      const decoded = decodeTag(key, json[key] as Json);
      if (decoded !== undefined) return decoded;
    }
  }
  let copy: Record<string, unknown> | undefined;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as string;
    const value = decodeAt(json[key] as Json, depth + 1);
    const plain = key.startsWith("$$") ? key.slice(1) : key;
    if (copy === undefined && (value !== json[key] || plain !== key)) {
      copy = {};
      for (const earlier of keys.slice(0, at)) put(copy, earlier, json[earlier]);
    }
    if (copy !== undefined) put(copy, plain, value);
  }
  return copy ?? json;
}

function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** Sets an own property; a plain assignment to `__proto__` would change the prototype instead. */
function put<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function refusal(
  path: string,
  problem: string,
  got: string,
  advice = "Use plain data (numbers, strings, booleans, null, arrays, objects), for example a name looked up in the operation.",
): DefinitionError {
  return new DefinitionError("METALAB_VALUE_UNIDENTIFIABLE", `${path}: ${problem}, got ${got}. ${advice}`, {
    path,
  });
}
