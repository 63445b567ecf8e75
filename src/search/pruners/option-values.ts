import { DefinitionError, show } from "../../errors.ts";

/**
 * The value of an option that has to be an integer.
 *
 * @param least - the smallest that it may be.
 * @throws {@link DefinitionError} METALAB_PRUNER_OPTION.
 */
export function integerOption(where: string, name: string, value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw badOption(where, name, `an integer from ${least}`, value);
}

/** Options that say when {@link isDue}. */
export interface CheckTimes {
  /** First step at which a run may be stopped. */
  readonly warmupSteps: number;
  /** Steps between checks. */
  readonly intervalSteps: number;
}

/** Whether the newest step of a run is the first of a new interval. */
export function isDue(steps: Float64Array, { warmupSteps, intervalSteps }: CheckTimes): boolean {
  const step = steps.at(-1);
  if (step === undefined || step < warmupSteps) return false;
  const began = warmupSteps + Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps;
  return (steps.at(-2) ?? Number.NEGATIVE_INFINITY) < began;
}

/** The error for an option whose value cannot be used. */
export function badOption(where: string, name: string, expected: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_PRUNER_OPTION",
    `${where}: ${name} is ${expected}, got ${show(value)}. Correct it, or leave it out where it has a default.`,
    { option: name, value },
  );
}
