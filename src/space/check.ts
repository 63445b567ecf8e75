import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";

/** An error of a definition in this room: *where: problem, got value. Advice.* */
export function failure(
  code: string,
  where: string,
  problem: string,
  value: unknown,
  advice: string,
  after = "",
): DefinitionError {
  return new DefinitionError(code, `${where}(): ${problem}, got ${show(value)}${after}. ${advice}`, {
    value,
  });
}

export function checkFinite(where: string, name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw failure("METALAB_SPACE_BOUNDS", where, `${name} must be a finite number`, value, "Give a number.");
  }
}

export function checkInteger(where: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value)) {
    const advice = Number.isFinite(value) ? "Round it, or use uniform()." : "Give an integer.";
    throw failure("METALAB_SPACE_BOUNDS", where, `${name} must be an integer within ±2^53`, value, advice);
  }
}

export function checkOrder(where: string, low: number, high: number): void {
  if (low > high) {
    throw failure("METALAB_SPACE_BOUNDS", where, "low must be at most high", [low, high], "Swap them.");
  }
}

/** Checks an optional step. Over a range (`span`), it must leave no more values than can be counted. */
export function checkStep(
  where: string,
  step: number | undefined,
  range: { readonly integer: boolean; readonly span: number } = { integer: false, span: 0 },
): void {
  if (step === undefined) {
    if (range.integer && !Number.isSafeInteger(range.span)) {
      throw failure(
        "METALAB_SPACE_BOUNDS",
        where,
        "low and high must be fewer than 2^53 apart",
        range.span,
        "Narrow it.",
      );
    }
    return;
  }
  const right = range.integer ? Number.isSafeInteger(step) && step > 0 : Number.isFinite(step) && step > 0;
  if (!right) {
    const kind = range.integer ? "an integer" : "a finite number";
    throw failure(
      "METALAB_SPACE_STEP",
      where,
      `step must be ${kind} above 0`,
      step,
      "Leave it out for no step.",
    );
  }
  if (!Number.isSafeInteger(Math.round(range.span / step))) {
    throw failure(
      "METALAB_SPACE_STEP",
      where,
      "step must leave fewer than 2^53 values",
      step,
      "Give a larger one.",
    );
  }
}

/** Refuses options that are not an object, and keys that nobody knows. */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  const advice = `Known: ${known.join(", ")}.`;
  if (!isPlainObject(options)) {
    throw failure("METALAB_SPACE_OPTION", where, "options must be an object", options, advice);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw failure("METALAB_SPACE_OPTION", where, "there is no such option", key, advice);
  }
}
