import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import type { Params } from "./operation.ts";

/** A configuration with params applied: its own shape, and the undotted names that it did not have. */
export type Applied<B, P> = B & {
  readonly [K in keyof P as K extends keyof B ? never : K extends `${string}.${string}` ? never : K]: P[K];
};

/**
 * A configuration with params written over it; neither argument is changed, and what no param touches is shared.
 *
 * A dotted name reaches into the configuration (`"training.lr"`, `"layers.0.units"`), making the objects that are
 * missing. A name that the configuration itself has at its top, dots and all, is that key. Names are applied from the
 * shortest path to the longest, so their order does not matter.
 *
 * @throws {@link DefinitionError} METALAB_PARAMS_PATH when a name leads through something that is not an object, or
 * has an empty part or a part `__proto__`; METALAB_PARAMS_BASE when the configuration is not a plain object.
 * @example
 * ```ts
 * import { applyParams } from "metalab";
 * const base = { training: { lr: 0.1, epochs: 10 }, model: "cnn" };
 * const config = applyParams(base, { "training.lr": 0.01 });
 * console.log(config.training); // { lr: 0.01, epochs: 10 }
 * ```
 */
export function applyParams<B extends object, P extends Params>(base: B, params: P): Applied<B, P> {
  if (!isPlainObject(base)) {
    throw new DefinitionError(
      "METALAB_PARAMS_BASE",
      `applyParams(): the base is a plain object, got ${show(base)}. Give the configuration to write over.`,
    );
  }
  const result: Record<string, unknown> = { ...base };
  /** Objects made here: only these are written to. */
  const own = new Set<object>([result]);
  const paths = Object.keys(params).map((name) => ({
    name,
    parts: Object.hasOwn(base, name) ? [name] : name.split("."),
  }));
  paths.sort((a, b) => a.parts.length - b.parts.length);
  for (const { name, parts } of paths) write(result, own, name, parts, params[name]);
  return result as Applied<B, P>;
}

type Container = Record<string, unknown>;

function write(
  root: Container,
  own: Set<object>,
  name: string,
  parts: readonly string[],
  value: unknown,
): void {
  let at = root;
  parts.forEach((part, depth) => {
    checkPart(at, name, parts, depth);
    if (depth === parts.length - 1) {
      at[part] = value;
      return;
    }
    at[part] = opened(Object.hasOwn(at, part) ? at[part] : undefined, own, name, parts.slice(0, depth + 1));
    at = at[part] as Container;
  });
}

function checkPart(at: Container, name: string, parts: readonly string[], depth: number): void {
  const part = parts[depth]!;
  const ill = part === "" ? "has an empty part" : part === "__proto__" ? 'has a part "__proto__"' : undefined;
  if (ill !== undefined) {
    throw new DefinitionError(
      "METALAB_PARAMS_PATH",
      `applyParams(): the name ${ill}, got ${show(name)}. Rename the param.`,
      {
        name,
      },
    );
  }
  if (!Array.isArray(at) || (/^(0|[1-9]\d*)$/.test(part) && Number(part) < at.length)) return;
  throw new DefinitionError(
    "METALAB_PARAMS_PATH",
    `applyParams(): ${show(name)} needs a place 0 to ${at.length - 1} of the array at ${show(parts.slice(0, depth).join("."))}, got ${show(part)}. Correct the name, or the base.`,
    { name },
  );
}

/** A copy of a container that may be written to, made once. */
function opened(value: unknown, own: Set<object>, name: string, path: readonly string[]): Container {
  if (value === undefined) value = {};
  if (!Array.isArray(value) && !isPlainObject(value)) {
    throw new DefinitionError(
      "METALAB_PARAMS_PATH",
      `applyParams(): ${show(name)} leads through ${show(path.join("."))}, which is not an object, got ${show(value)}. Correct the name, or the base.`,
      { name, path: path.join(".") },
    );
  }
  if (own.has(value)) return value as Container;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Container;
  own.add(copy);
  return copy;
}
