import { DefinitionError, show } from "../errors.ts";

/** Checks a confidence level. @throws {DefinitionError} METALAB_OPTION_VALUE unless it is in `(0, 1)`. */
export function checkConfidence(where: string, confidence: number): number {
  if (typeof confidence === "number" && confidence > 0 && confidence < 1) return confidence;
  throw invalid(where, "confidence", "a probability in (0, 1)", confidence, "Leave it out for 0.95.");
}

/** The error for an option that is not what it has to be. */
export function invalid(
  where: string,
  option: string,
  need: string,
  value: unknown,
  advice: string,
): DefinitionError {
  return new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: ${option} is ${need}, got ${show(value)}. ${advice}`,
    { option, value },
  );
}
