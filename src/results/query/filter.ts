import { DefinitionError } from "../../errors.ts";
import { checkKinds, type FieldKind, kindsOf } from "../../experiment/filter/check.ts";
import { parseFilter } from "../../experiment/filter/parser.ts";
import { conditionError } from "../../experiment/filter/pointer.ts";
import {
  conditionsOf,
  type FilterCondition,
  type FilterTree,
  type FilterValue,
} from "../../experiment/filter/tree.ts";
import { plainValue, type ValueTest, valueTest } from "../../experiment/filter/value-test.ts";
import type { Column } from "../../store/frame.ts";
import { positionsWhere, statusProblem } from "../match.ts";
import { type ResolvedName, resolveName, type Share } from "../names.ts";
import type { Selection } from "../selection.ts";

/**
 * The positions whose runs a filter as text matches.
 *
 * @throws {DefinitionError} METALAB_FILTER_TEXT, METALAB_FILTER_TYPE, METALAB_FILTER_INVALID, METALAB_NAME_UNKNOWN
 */
export function positionsOfText(selection: Selection, text: string, where = "filter()"): Int32Array {
  const mask = maskOf(selection, parseFilter(text, where), where);
  return positionsWhere(selection, (position) => mask[position] === 1);
}

/** 1 at the positions whose runs a filter matches, 0 at the others. Works column by column. */
function maskOf(selection: Selection, tree: FilterTree, where: string): Uint8Array {
  // Every condition is looked at, also where the others decide: a wrong name is told whatever the runs are.
  const masks = new Map<FilterCondition, Uint8Array>();
  for (const condition of conditionsOf(tree))
    masks.set(condition, conditionMask(selection, condition, where));
  return combined(tree, masks);
}

function combined(tree: FilterTree, masks: ReadonlyMap<FilterCondition, Uint8Array>): Uint8Array {
  if ("field" in tree) return masks.get(tree)!.slice();
  if (tree.kind === "not") {
    const mask = combined(tree.of, masks);
    for (let i = 0; i < mask.length; i++) mask[i] = 1 - mask[i]!;
    return mask;
  }
  const [first, ...others] = tree.of.map((part) => combined(part, masks));
  for (const other of others) {
    if (tree.kind === "and") for (let i = 0; i < other.length; i++) first![i]! &= other[i]!;
    else for (let i = 0; i < other.length; i++) first![i]! |= other[i]!;
  }
  return first!;
}

function conditionMask(selection: Selection, condition: FilterCondition, where: string): Uint8Array {
  const resolved = resolvedField(selection, condition, where);
  checkKinds(condition, fieldKinds(resolved), where);
  checkStatus(resolved, condition, where);
  const test = valueTest(condition);
  const mask = new Uint8Array(selection.rows.length);
  if (resolved.shares === undefined) fillByValue(mask, resolved, test);
  else fillByColumn(mask, selection, resolved.shares, condition, test);
  return mask;
}

function resolvedField(selection: Selection, condition: FilterCondition, where: string): ResolvedName {
  try {
    // One asks for a run's tag, not for its tags.
    return resolveName(selection, condition.field === "tag" ? "tags" : condition.field, where);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw conditionError(error.code, error.message, condition, "field", error.details);
  }
}

function fieldKinds({ kind, name, shares }: ResolvedName): ReadonlySet<FieldKind> | undefined {
  if (shares !== undefined) {
    const kinds = new Set<FieldKind>();
    for (const { column, fallback } of shares) {
      if (column?.kind === "number") kinds.add("number");
      else kindsOf(column?.values ?? [], kinds);
      kindsOf([fallback], kinds);
    }
    return kinds;
  }
  if (kind !== "field") return undefined;
  switch (name) {
    case "started":
      return new Set(["time"]);
    case "durationMs":
      return new Set(["number", "duration"]);
    case "trial":
    case "replicate":
    case "fold":
    case "attempt":
      return new Set(["number"]);
    default:
      return new Set(["text"]);
  }
}

/** A misspelt status would silently match nothing. */
function checkStatus({ kind, name }: ResolvedName, condition: FilterCondition, where: string): void {
  if (kind !== "field" || name !== "status" || condition.kind === "is") return;
  const values: readonly FilterValue[] = condition.kind === "in" ? condition.values : [condition.value];
  if (condition.kind === "compare" && condition.operator !== "=" && condition.operator !== "!=") return;
  for (const [i, value] of values.entries()) {
    const problem = statusProblem(value, where);
    if (problem === undefined) continue;
    throw conditionError("METALAB_FILTER_INVALID", problem, condition, i, { name, wanted: value });
  }
}

/** Neighbours that have the same value, as a status or the tags of an experiment, are tested once. */
function fillByValue(mask: Uint8Array, { at }: ResolvedName, test: ValueTest): void {
  let last: unknown;
  let fits = Number(test(undefined));
  for (let position = 0; position < mask.length; position++) {
    const value = at(position);
    if (value !== last) {
      last = value;
      fits = Number(test(value));
    }
    mask[position] = fits;
  }
}

/** Texts and the like are tested once for each code, numbers where they lie. */
function fillByColumn(
  mask: Uint8Array,
  { rows, of }: Selection,
  shares: readonly Share[],
  condition: FilterCondition,
  test: ValueTest,
): void {
  for (const [source, { column, fallback }] of shares.entries()) {
    const owner = of === undefined ? undefined : { of, source };
    const otherwise = Number(test(fallback));
    if (column === undefined) fillCodes(mask, rows, owner, undefined, new Uint8Array(0), otherwise);
    else if (column.kind === "number")
      fillNumbers(mask, rows, owner, column, orderOf(condition, test), otherwise);
    else {
      const fits = Uint8Array.from(column.values, (value) => Number(test(value)));
      fillCodes(mask, rows, owner, column.codes, fits, otherwise);
    }
  }
}

/** Which positions are of a source; all where there is only one. */
type Owner = { readonly of: Int32Array; readonly source: number } | undefined;

function fillCodes(
  mask: Uint8Array,
  rows: Int32Array,
  owner: Owner,
  codes: Int32Array | undefined,
  fits: Uint8Array,
  otherwise: number,
): void {
  for (let position = 0; position < mask.length; position++) {
    if (owner !== undefined && owner.of[position] !== owner.source) continue;
    const code = codes === undefined ? -1 : codes[rows[position]!]!;
    mask[position] = code < 0 ? otherwise : fits[code]!;
  }
}

/** What a condition says of a number that is less than, equal to or more than another, and of NaN. */
interface Order {
  readonly than: number;
  readonly less: number;
  readonly equal: number;
  readonly more: number;
  readonly nan: number;
}

/** A condition as an order, which is compared without a call; a test of each number where it is none. */
function orderOf(condition: FilterCondition, test: ValueTest): Order | ValueTest {
  if (condition.kind !== "compare") return test;
  const than = plainValue(condition.value);
  if (typeof than !== "number" || !Number.isFinite(than)) return test;
  const [less, equal, more] = [than - Math.abs(than) - 1, than, than + Math.abs(than) + 1].map((value) =>
    Number(test(value)),
  ) as [number, number, number];
  return { than, less, equal, more, nan: Number(test(Number.NaN)) };
}

function fillNumbers(
  mask: Uint8Array,
  rows: Int32Array,
  owner: Owner,
  { values, present }: Extract<Column, { kind: "number" }>,
  order: Order | ValueTest,
  otherwise: number,
): void {
  if (typeof order === "function") {
    for (let position = 0; position < mask.length; position++) {
      if (owner !== undefined && owner.of[position] !== owner.source) continue;
      const row = rows[position]!;
      mask[position] = present[row] === 1 ? Number(order(values[row])) : otherwise;
    }
    return;
  }
  const { than, less, equal, more, nan } = order;
  for (let position = 0; position < mask.length; position++) {
    if (owner !== undefined && owner.of[position] !== owner.source) continue;
    const row = rows[position]!;
    const value = values[row]!;
    const fits = value < than ? less : value > than ? more : value === than ? equal : nan;
    mask[position] = present[row] === 1 ? fits : otherwise;
  }
}
