import { DefinitionError, show } from "../errors.ts";

/**
 * Refuses what are no results, above all the promise of some. Results of another copy of the package will do.
 *
 * @throws {DefinitionError} METALAB_RESULTS
 */
export function checkResults(where: string, given: unknown): void {
  const { parts, objectives, then } = Object(given) as {
    readonly [name in "parts" | "objectives" | "then"]?: unknown;
  };
  if (Array.isArray(parts) && Array.isArray(objectives)) return;
  const advice =
    typeof then === "function" ? "Write await before it." : "Give what result() or loadResults() gave.";
  throw new DefinitionError("METALAB_RESULTS", `${where}: takes results, got ${show(given)}. ${advice}`);
}
