import { show } from "../errors.ts";
import { checkKinds, kindsOf } from "../experiment/filter/check.ts";
import { parseFilter } from "../experiment/filter/parser.ts";
import { conditionError } from "../experiment/filter/pointer.ts";
import { conditionsOf, type FilterCondition, type FilterTree } from "../experiment/filter/tree.ts";
import { type ValueTest, valueTest } from "../experiment/filter/value-test.ts";
import type { Plan } from "../experiment/plan.ts";
import { closest } from "../space/nearest.ts";
import type { OnlyCandidate } from "./options.ts";

/** Runs at the head of a plan from which its params are learnt. */
const LOOKED_AT = 1000;
const FIELDS = ["trial", "replicate", "fold"] as const;
/** What only runs have that were executed. */
const LATER = ["id", "status", "started", "durationMs", "attempt", "tags", "tag", "experiment", "version"];

type Reader = (run: OnlyCandidate) => unknown;

/**
 * A filter as text over the runs of a plan, which have params, `trial`, `replicate` and `fold`, and nothing else yet.
 *
 * @throws {DefinitionError} METALAB_FILTER_TEXT, METALAB_FILTER_TYPE, METALAB_ONLY_UNKNOWN; all point at the character.
 */
export function planFilter(plan: Plan, text: string): (run: OnlyCandidate) => boolean {
  const where = "run(): only";
  const tree = parseFilter(text, where);
  const head = Array.from({ length: Math.min(plan.length, LOOKED_AT) }, (_, position): OnlyCandidate => {
    const { trial, replicate, fold, params } = plan.spec(position);
    return { trial, replicate, fold: fold?.index, params };
  });
  const tests = new Map<FilterCondition, { readonly read: Reader; readonly test: ValueTest }>();
  for (const condition of conditionsOf(tree)) {
    const read = readerOf(head, condition, where);
    // Of a longer plan other values may follow.
    if (head.length === plan.length) checkKinds(condition, kindsOf(head.map(read)), where);
    tests.set(condition, { read, test: valueTest(condition) });
  }
  const holds = (part: FilterTree, run: OnlyCandidate): boolean => {
    if ("field" in part) {
      const { read, test } = tests.get(part)!;
      return test(read(run));
    }
    if (part.kind === "not") return !holds(part.of, run);
    return part.kind === "and"
      ? part.of.every((one) => holds(one, run))
      : part.of.some((one) => holds(one, run));
  };
  return (run) => holds(tree, run);
}

function readerOf(head: readonly OnlyCandidate[], condition: FilterCondition, where: string): Reader {
  const { field } = condition;
  const known = [...new Set(head.flatMap(({ params }) => Object.keys(params)))].sort();
  const param =
    (name: string): Reader =>
    ({ params }) =>
      Object.hasOwn(params, name) ? params[name] : undefined;
  if (field.startsWith("params.") && known.includes(field.slice(7))) return param(field.slice(7));
  const own = FIELDS.find((name) => name === field);
  if (own !== undefined) return (run) => run[own];
  if (known.includes(field) || head.length === 0) return param(field);
  const near = closest(field.replace(/^params\./, ""), [...known, ...FIELDS]);
  const advice =
    LATER.includes(field) || field.startsWith("metrics.")
      ? `A run of a plan has none yet; for failed runs use retryFailed. `
      : near === undefined
        ? ""
        : `Did you mean ${show(near)}? `;
  throw conditionError(
    "METALAB_ONLY_UNKNOWN",
    `${where} compares params, or ${FIELDS.join(", ")}, got ${show(field)}. ${advice}The params are ${known.join(", ")}.`,
    condition,
    "field",
    { only: field, known },
  );
}
