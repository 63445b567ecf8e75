import { DefinitionError, show } from "../errors.ts";
import { canonicalText, isPlainObject, memberPath } from "./canonical.ts";
import { hexToBytes, toHex } from "./hex.ts";
import { sha256Bytes, sha256Hex } from "./sha256.ts";

declare const brand: unique symbol;

/** A SHA-256 of something, as 64 lowercase hex digits. */
export type Hash = string & { readonly [brand]: "hash" };

/** The content hash that names a run, as 64 lowercase hex digits. */
export type RunId = string & { readonly [brand]: "run" };

/** Format version of the pre-image of run ids. Raising it gives every run of every store a new id. */
const RUN_FORMAT = 1;

/**
 * The hash of a definition part. Its pre-image is `<kind>/<version>`, a line feed, and the canonical text of the
 * value, so that hashes of different kinds never meet.
 *
 * @throws {DefinitionError} METALAB_VALUE_UNIDENTIFIABLE when the value holds something that has no identity.
 */
export function fingerprint(kind: string, version: number, value: unknown): Hash {
  return sha256Hex(`${kind}/${version}\n${canonicalText(value, kind)}`) as Hash;
}

/** What all runs of a plan have in common. */
export interface RunIdentity {
  readonly name: string;
  readonly version: string;
  /** Hash of the declared inputs; `null` without a context. */
  readonly contextHash: string | null;
  /** Params that leave the pre-image where they have this value, so that a param can be added later. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** Which part of a cross-validation a run is. */
export interface Fold {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** Whether a value says which of how many folds. */
export function isFold(value: unknown): value is Fold {
  if (typeof value !== "object" || value === null) return false;
  const { index, count } = value as Partial<Fold>;
  return Number.isSafeInteger(index) && Number.isSafeInteger(count) && index! >= 0 && index! < count!;
}

/** Works out the ids of the runs of one plan. */
export interface RunHasher {
  /**
   * The id of a run, 32 bytes: the SHA-256 of `metalab.run/1`, a line feed, and the canonical text of
   * `{ context, experiment: { name, version }, fold?, params, seed }`.
   *
   * @throws {DefinitionError} METALAB_VALUE_UNIDENTIFIABLE when a param holds something that has no identity.
   */
  digest(params: Readonly<Record<string, unknown>>, seed: string, fold?: Fold): Uint8Array;
}

/**
 * A hasher for the runs of one plan. What they have in common is composed once; a digest only writes the params.
 */
export function runHasher(identity: RunIdentity): RunHasher {
  const context = canonicalText(identity.contextHash, "context");
  const experiment = canonicalText({ name: identity.name, version: identity.version }, "experiment");
  // Keys in canonical order: context, experiment, fold, params, seed.
  const head = `metalab.run/${RUN_FORMAT}\n{"context":${context},"experiment":${experiment}`;
  const plain = `${head},"params":`;
  const defaults = new Map<string, string>();
  for (const [name, value] of Object.entries(identity.defaults ?? {})) {
    defaults.set(name, canonicalText(value, memberPath("defaults", name)));
  }
  const paramsText = paramsWriter(defaults);
  return {
    digest(params, seed, fold) {
      const start =
        fold === undefined
          ? plain
          : `${head},"fold":${canonicalText({ count: fold.count, index: fold.index }, "fold")},"params":`;
      return sha256Bytes(`${start}${paramsText(params)},"seed":${JSON.stringify(seed)}}`);
    },
  };
}

/** How the params with one set of names are written. */
interface Shape {
  /** The names as they came, to recognise the shape. */
  readonly names: readonly string[];
  /** The names in canonical order, each with its text `"name":` and, where it has one, the text of its default. */
  readonly fields: readonly {
    readonly name: string;
    readonly label: string;
    readonly fallback: string | undefined;
  }[];
}

/** Canonical text of params without those at their default. Remembers how the last set of names was ordered. */
function paramsWriter(
  defaults: ReadonlyMap<string, string>,
): (params: Readonly<Record<string, unknown>>) => string {
  let shape: Shape = { names: [], fields: [] };
  return (params) => {
    if (!isPlainObject(params)) {
      throw new DefinitionError(
        "METALAB_VALUE_UNIDENTIFIABLE",
        `params: must be a plain object, got ${show(params)}. Give names and values.`,
        { path: "params" },
      );
    }
    const names = Object.keys(params);
    if (!sameNames(names, shape.names)) shape = shapeOf(names, defaults);
    let text = "";
    for (const field of shape.fields) {
      const value = params[field.name];
      const written = valueText(value, field.name);
      if (written === field.fallback) continue;
      text += text === "" ? field.label + written : `,${field.label}${written}`;
    }
    return `{${text}}`;
  };
}

/** The canonical text of one param; the common kinds directly, because most params are numbers and strings. */
function valueText(value: unknown, name: string): string {
  if (typeof value === "number" && value !== 0 && value - value === 0) return `${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  return canonicalText(value, memberPath("params", name));
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

function shapeOf(names: readonly string[], defaults: ReadonlyMap<string, string>): Shape {
  const fields = names
    .map((name) => ({ name, written: name.startsWith("$") ? `$${name}` : name }))
    .sort((a, b) => (a.written < b.written ? -1 : 1))
    .map(({ name, written }) => ({
      name,
      label: `${JSON.stringify(written)}:`,
      fallback: defaults.get(name),
    }));
  return { names, fields };
}

/** An id of 32 bytes as 64 hex digits. */
export function hexOf(bytes: Uint8Array): RunId {
  return toHex(bytes) as RunId;
}

/**
 * An id of 64 hex digits as 32 bytes.
 *
 * @throws {DefinitionError} METALAB_ID_FORMAT when it is not 64 hex digits.
 */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  if (!hexToBytes(hex, bytes)) {
    throw new DefinitionError(
      "METALAB_ID_FORMAT",
      `bytesOf(): an id is 64 hex digits, got ${show(hex)}. Give the whole id.`,
      { id: hex },
    );
  }
  return bytes;
}

/** The first 12 digits of an id: what people are shown. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
