import { DURATION_UNITS, type FilterTree, type FilterValue, PLAIN_NAME, RESERVED } from "./tree.ts";

const WHOLE_NAME = new RegExp(`^${PLAIN_NAME.source}$`, "u");

/**
 * Writes a filter as text; `parseFilter` reads the same tree from it.
 *
 * @param tree - As `parseFilter` gives it, also after a way through JSON.
 * @example
 * ```ts
 * import { formatFilter } from "metalab";
 * const condition = { kind: "compare", field: "learning rate", operator: "<", value: 0.01 } as const;
 * console.log(formatFilter({ kind: "not", of: condition })); // not `learning rate` < 0.01
 * ```
 */
export function formatFilter(tree: FilterTree): string {
  switch (tree.kind) {
    case "compare":
      return `${nameText(tree.field)} ${tree.operator} ${valueText(tree.value)}`;
    case "in":
      return `${nameText(tree.field)} in (${tree.values.map(valueText).join(", ")})`;
    case "is":
      return `${nameText(tree.field)} is ${tree.what}`;
    case "and":
    case "or":
      return tree.of.map((part) => inner(part, tree.kind)).join(` ${tree.kind} `);
    case "not":
      return negatedText(tree.of);
  }
}

function negatedText(tree: FilterTree): string {
  switch (tree.kind) {
    case "in":
      return `${nameText(tree.field)} not in (${tree.values.map(valueText).join(", ")})`;
    case "is":
      return `${nameText(tree.field)} is not ${tree.what}`;
    case "compare":
      if (tree.operator === "contains")
        return `${nameText(tree.field)} not contains ${valueText(tree.value)}`;
      if (tree.operator === "~") return `${nameText(tree.field)} !~ ${valueText(tree.value)}`;
      return `not ${formatFilter(tree)}`;
    case "not":
      return `not ${negatedText(tree.of)}`;
    default:
      return `not (${formatFilter(tree)})`;
  }
}

/** A part of an `and` or `or`, in brackets where it would be read otherwise. */
function inner(part: FilterTree, within: "and" | "or"): string {
  const binds = part.kind === "and" && within === "or";
  if ((part.kind === "and" || part.kind === "or") && !binds) return `(${formatFilter(part)})`;
  return formatFilter(part);
}

function nameText(name: string): string {
  if (WHOLE_NAME.test(name) && !RESERVED.has(name.toLowerCase())) return name;
  return `\`${JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("`", "\\`")}\``;
}

function valueText(value: FilterValue): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if ("number" in value) return value.number;
  if ("time" in value) return value.time.replace(/T00:00:00\.000Z$/, "").replace(/\.000Z$/, "Z");
  const [unit, ms] = DURATION_UNITS.find(
    ([, ms]) => value.durationMs !== 0 && value.durationMs % ms === 0,
  ) ?? ["ms", 1];
  return `${value.durationMs / ms}${unit}`;
}
