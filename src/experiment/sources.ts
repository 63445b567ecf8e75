import { DefinitionError, show } from "../errors.ts";
import { encode, isPlainObject } from "../identity/canonical.ts";
import { frozenCopy } from "../identity/frozen.ts";
import type { Params } from "./operation.ts";
import { checkIndex, checkParamNames, describeList, type NamedSource } from "./param-source.ts";

export { concat, product } from "./combine.ts";
export { grid } from "./grid-source.ts";
export { random } from "./random-source.ts";
export { sample } from "./sample.ts";

/**
 * Points of params, written out one by one.
 *
 * @param points - At least one plain object; they need not all have the same names. Equal points are one run.
 * @throws {@link DefinitionError} METALAB_MANUAL_EMPTY, METALAB_MANUAL_POINT (names the index),
 * METALAB_PARAM_NAME or METALAB_VALUE_UNIDENTIFIABLE.
 * @example
 * ```ts
 * import { manual } from "metalab";
 * const source = manual([{ lr: 0.1, optimizer: "sgd" }, { lr: 0.001, optimizer: "adam" }]);
 * console.log(source.at(1).optimizer); // "adam"
 * ```
 */
export function manual<P extends Params>(points: readonly P[]): NamedSource<P> {
  if (!Array.isArray(points)) {
    throw new DefinitionError(
      "METALAB_MANUAL_POINT",
      `manual(): takes an array of points, got ${show(points)}. Write manual([{ lr: 0.1 }]).`,
    );
  }
  if (points.length === 0) {
    throw new DefinitionError(
      "METALAB_MANUAL_EMPTY",
      "manual(): there are no points, got []. Give at least one.",
    );
  }
  const names = new Set<string>();
  const kept = Array.from(points as readonly unknown[], (point, index) => {
    if (!isPlainObject(point)) {
      throw new DefinitionError(
        "METALAB_MANUAL_POINT",
        `manual(): point ${index} is not a plain object, got ${show(point)}. Write each point as { name: value }.`,
        { index },
      );
    }
    checkParamNames(`manual(): point ${index}`, Object.keys(point));
    for (const name of Object.keys(point)) names.add(name);
    encode(point, `manual(): point ${index}`);
    return frozenCopy(point) as P;
  });
  return Object.freeze({
    kind: "manual",
    names: Object.freeze([...names]),
    length: kept.length,
    at(index: number): P {
      checkIndex("manual()", index, kept.length);
      return kept[index]!;
    },
    describe() {
      const { values, ...rest } = describeList("manual()", kept);
      return values === undefined ? { kind: "manual", ...rest } : { kind: "manual", points: values };
    },
  });
}
