import { parseFilter } from "../experiment/filter/parser.ts";
import { conditionsOf, type FilterTree } from "../experiment/filter/tree.ts";
import { valueTest } from "../experiment/filter/value-test.ts";
import { keyOf } from "./names.ts";

/** Whether a fold is asked for, by its index. */
export type FoldTest = (fold: number) => boolean;

/** The folds that criteria name; `undefined` where they do not speak of folds. */
export function foldsOfCriteria(criteria: Readonly<Record<string, unknown>>): FoldTest | undefined {
  if (!Object.hasOwn(criteria, "fold")) return undefined;
  const allowed = new Set([criteria["fold"]].flat().map(keyOf));
  return (fold) => allowed.has(fold);
}

/** The folds of which a filter as text may match runs; `undefined` where it does not speak of folds. */
export function foldsOfText(text: string): FoldTest | undefined {
  const tree = parseFilter(text, "filter()");
  if (!conditionsOf(tree).some(({ field }) => field === "fold")) return undefined;
  return (fold) => mayBe(tree, fold, true);
}

/** Whether a filter can come out so for some run of a fold; of conditions on anything else both are possible. */
function mayBe(tree: FilterTree, fold: number, wanted: boolean): boolean {
  if ("field" in tree) return tree.field !== "fold" || valueTest(tree)(fold) === wanted;
  if (tree.kind === "not") return mayBe(tree.of, fold, !wanted);
  const needsAll = (tree.kind === "and") === wanted;
  const may = (part: FilterTree) => mayBe(part, fold, wanted);
  return needsAll ? tree.of.every(may) : tree.of.some(may);
}
