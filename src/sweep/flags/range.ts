import { decimalOf, scaled, toNumber } from "./decimal.ts";
import { type Fault, faultError } from "./pointing.ts";
import { isFloatText, type NumberNode } from "./syntax.ts";
import { type FlagValues, numberValues } from "./values.ts";

/**
 * The values of `(start, stop)` or `(start, stop, step)`, as Python's `range` has them: the stop is not among them, and a
 * negative step counts down. Fractions are counted in decimal, so that `(0, 1, 0.1)` holds 0.3 and not
 * 0.30000000000000004.
 *
 * @param items - two or three numbers.
 * @throws {@link DefinitionError} METALAB_FLAG for a step of 0, a range without values or with more than 2^53 − 1.
 */
export function rangeValues(flag: string, text: string, items: readonly NumberNode[]): FlagValues {
  const fail = (node: NumberNode, problem: string, advice: string): never => {
    const fault: Fault = { flag, text, at: node.at, problem, advice };
    throw faultError(fault);
  };
  const [start, stop, step] = items as [NumberNode, NumberNode, NumberNode | undefined];
  const exact = items.map(
    (node) =>
      decimalOf(node.text) ??
      fail(node, `a range needs numbers of a common size, got ${node.text}`, "Write a smaller exponent."),
  );
  const places = Math.max(...exact.map((decimal) => decimal.places));
  const [from = 0n, to = 0n, by = 10n ** BigInt(places)] = exact.map((decimal) => scaled(decimal, places));
  if (step !== undefined && by === 0n) {
    fail(step, `a range needs a step other than 0, got ${step.text}`, "Give how far apart its values are.");
  }
  const count = by > 0n ? (to - from + by - 1n) / by : (from - to - by - 1n) / -by;
  if (count <= 0n) {
    const advice =
      from === to
        ? "The stop is not part of a range: raise it."
        : `To count ${by > 0n ? "down" : "up"} write (${start.text}, ${stop.text}, ${by > 0n ? "-1" : "1"}).`;
    fail(stop, `a range needs at least one value, got none from ${start.text} to ${stop.text}`, advice);
  }
  const length = Number(count);
  if (!Number.isSafeInteger(length)) {
    fail(step ?? stop, "a range has at most 2^53 - 1 values, got more", "Give a larger step.");
  }
  const isFloat = items.some((node) => isFloatText(node.text));
  const at = (position: number): number => toNumber({ digits: from + BigInt(position) * by, places });
  return numberValues({
    kind: "range",
    length,
    isFloat,
    at,
    bounds: { first: at(0), last: at(length - 1), step: Math.abs(toNumber({ digits: by, places })) },
  });
}
