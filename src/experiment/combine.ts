import { DefinitionError, show } from "../errors.ts";
import type { Params } from "./operation.ts";
import {
  checkIndex,
  checkLength,
  checkSource,
  type NamedSource,
  namesOf,
  type SourceParams,
} from "./param-source.ts";
import type { ParamSource } from "./source.ts";

/** Params of several sources at once: every name of each. */
export type ProductParams<S extends readonly ParamSource[]> = Extract<Crossed<S>, Params>;

type Crossed<S extends readonly ParamSource[]> = S extends readonly [
  infer First,
  ...infer Rest extends readonly ParamSource[],
]
  ? Flat<SourceParams<First> & Crossed<Rest>>
  : unknown;

type Flat<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never;

/**
 * The points of one source after those of another.
 *
 * @throws {@link DefinitionError} METALAB_SOURCE when an argument is not a source, METALAB_SOURCE_EMPTY without one,
 * METALAB_SOURCE_LENGTH beyond 2^53 − 1 points.
 * @example
 * ```ts
 * import { concat, grid, manual } from "metalab";
 * const source = concat(grid({ lr: [0.1, 0.01] }), manual([{ lr: 0.05 }]));
 * console.log(source.length, source.at(2).lr); // 3 0.05
 * ```
 */
export function concat<S extends readonly [ParamSource, ...ParamSource[]]>(
  ...sources: S
): NamedSource<SourceParams<S[number]>> {
  checkSources("concat()", sources);
  const starts: number[] = [];
  let length = 0;
  for (const source of sources) {
    starts.push(length);
    length = checkLength("concat()", length + source.length);
  }
  return Object.freeze({
    kind: "concat",
    names: Object.freeze([...new Set(sources.flatMap(namesOf))]),
    length,
    at(index: number) {
      checkIndex("concat()", index, length);
      let part = starts.length - 1;
      while (starts[part]! > index) part--;
      return sources[part]!.at(index - starts[part]!) as SourceParams<S[number]>;
    },
    describe: () => ({ kind: "concat", sources: sources.map((source) => source.describe()) }),
  });
}

/**
 * Every point of one source with every point of the others; the last source varies fastest.
 *
 * @throws {@link DefinitionError} METALAB_PRODUCT_OVERLAP when two sources have a param of the same name,
 * METALAB_SOURCE, METALAB_SOURCE_EMPTY, or METALAB_SOURCE_LENGTH beyond 2^53 − 1 points.
 * @example
 * ```ts
 * import { grid, product, random, uniform } from "metalab";
 * const source = product(
 *   random({ space: { lr: uniform(0, 1) }, trials: 10, seed: 1 }),
 *   grid({ optimizer: ["sgd", "adam"] }),
 * );
 * console.log(source.length, source.at(1).optimizer); // 20 "adam"
 * ```
 */
export function product<S extends readonly [ParamSource, ...ParamSource[]]>(
  ...sources: S
): NamedSource<ProductParams<S>> {
  checkSources("product()", sources);
  const owner = new Map<string, number>();
  sources.forEach((source, position) => {
    for (const name of namesOf(source)) {
      const other = owner.get(name);
      if (other !== undefined) {
        throw new DefinitionError(
          "METALAB_PRODUCT_OVERLAP",
          `product(): sources ${other} and ${position} both have a param ${show(name)}. Keep it in one of them.`,
          { name, sources: [other, position] },
        );
      }
      owner.set(name, position);
    }
  });
  const length = sources.reduce((points, source) => checkLength("product()", points * source.length), 1);
  return Object.freeze({
    kind: "product",
    names: Object.freeze([...owner.keys()]),
    length,
    at(index: number) {
      checkIndex("product()", index, length);
      const parts: Params[] = [];
      let rest = index;
      for (let position = sources.length - 1; position >= 0; position--) {
        const source = sources[position]!;
        const own = rest % source.length;
        parts.unshift(source.at(own));
        rest = (rest - own) / source.length;
      }
      return Object.assign({}, ...parts) as ProductParams<S>;
    },
    describe: () => ({ kind: "product", sources: sources.map((source) => source.describe()) }),
  });
}

function checkSources(where: string, sources: readonly unknown[]): void {
  if (sources.length === 0) {
    throw new DefinitionError(
      "METALAB_SOURCE_EMPTY",
      `${where}: there are no sources, got none. Give at least one.`,
    );
  }
  sources.forEach((source, position) => {
    checkSource(`${where}: argument ${position}`, source);
  });
}
