import { DefinitionError, show } from "../errors.ts";
import type { RunStatus } from "../experiment/record.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { closest } from "../space/nearest.ts";
import { keyOf, type ResolvedName, resolveName } from "./names.ts";
import type { Selection } from "./selection.ts";

/** What a run's value may be: one value, or a list of which it must be one. */
export type Criterion<T> = T | readonly T[];

/**
 * What `results.filter({…})` takes: a name to the value wanted, or to a list of values of which any will do. Params
 * of a typed experiment take only values of their types; names of other things take any.
 */
export type Filter<P> = { readonly [K in Exclude<keyof P, "status">]?: Criterion<P[K]> } & {
  readonly status?: Criterion<RunStatus>;
} & { readonly [name: string]: unknown };

const STATUSES: readonly RunStatus[] = ["success", "failed", "pruned", "cancelled", "running", "interrupted"];

/** Keys by which other query languages compare. */
const COMPARISONS = /^\$?(?:gte?|lte?|ge|le|ne|neq|eq|in|nin|not|min|max|between|contains|regex|[<>]=?|!=)$/;

/**
 * The positions whose runs match all criteria.
 *
 * Values are equal when they have the same kind and value (`0.1` is not `"0.1"`; NaN is NaN; arrays and objects by
 * content). A list also matches a value that equals the list itself. `tags` match when the run has one of them.
 * `undefined` matches runs without a value.
 *
 * @throws {DefinitionError} METALAB_NAME_UNKNOWN; METALAB_FILTER_INVALID for what no run can match: a status that there
 * is not, or a comparison such as `{ lr: { gt: 0.1 } }` where no value is an object.
 */
export function matchingPositions(
  selection: Selection,
  criteria: Readonly<Record<string, unknown>>,
): Int32Array {
  if (typeof criteria !== "object" || criteria === null || Array.isArray(criteria)) {
    throw new DefinitionError(
      "METALAB_FILTER_INVALID",
      `filter(): criteria must be an object or a function, got ${show(criteria)}. Write filter({ status: "success" }).`,
      { criteria },
    );
  }
  const tests = Object.entries(criteria).map(([name, wanted]) => {
    const resolved = resolveName(selection, name, "filter()");
    checkCriterion(selection, resolved, wanted);
    const allowed = new Set<unknown>([keyOf(wanted)]);
    if (Array.isArray(wanted)) for (const value of wanted) allowed.add(keyOf(value));
    if (name === "tags" && resolved.kind === "field") {
      return (position: number) =>
        (resolved.at(position) as readonly string[]).some((tag) => allowed.has(keyOf(tag)));
    }
    return (position: number) => allowed.has(keyOf(resolved.at(position)));
  });
  return positionsWhere(selection, (position) => tests.every((test) => test(position)));
}

/** What is wrong with a value that is compared with the status of runs; nothing where it is one. */
export function statusProblem(value: unknown, where: string): string | undefined {
  if (STATUSES.includes(value as RunStatus)) return undefined;
  const near = typeof value === "string" ? closest(value, STATUSES) : undefined;
  return `${where}: status is one of ${STATUSES.join(", ")}, got ${show(value)}. ${near === undefined ? "Correct it." : `Did you mean ${show(near)}?`}`;
}

/** Refuses what would silently match nothing. */
function checkCriterion(selection: Selection, { name, kind, at }: ResolvedName, wanted: unknown): void {
  if (kind === "field" && name === "status") {
    for (const status of [wanted].flat()) {
      const problem = statusProblem(status, "filter()");
      if (problem !== undefined)
        throw new DefinitionError("METALAB_FILTER_INVALID", problem, { name, wanted });
    }
    return;
  }
  if (!isPlainObject(wanted)) return;
  const keys = Object.keys(wanted);
  if (keys.length === 0 || !keys.every((key) => COMPARISONS.test(key))) return;
  if (selection.rows.some((_, position) => isPlainObject(at(position)))) return;
  throw new DefinitionError(
    "METALAB_FILTER_INVALID",
    `filter(): an object compares nothing, it is a value to be equal to, got ${show(wanted)} for ${show(name)}. Give a function, as in filter((run) => run.params.lr < 0.1), or the values wanted.`,
    { name, wanted },
  );
}

/** The positions at which a test holds. */
export function positionsWhere(selection: Selection, test: (position: number) => boolean): Int32Array {
  const found = new Int32Array(selection.rows.length);
  let count = 0;
  for (let position = 0; position < found.length; position++) {
    if (test(position)) found[count++] = position;
  }
  return found.slice(0, count);
}
