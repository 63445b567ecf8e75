import { show } from "../../errors.ts";
import { closest } from "../../space/nearest.ts";
import type { ArgumentNode, CallNode } from "../flags/syntax.ts";

/** Refuses an argument: where in the text, what is expected, got what; what to do. */
export type Refuse = (at: number, problem: string, advice: string) => never;

/** `rand` and `randn` take the lengths of their axes instead of a size. */
export function sizeNames(name: string): readonly string[] {
  return name === "rand" || name === "randn" ? ["d0"] : ["size"];
}

/**
 * Arguments by the names of their parameters: those without a name in order, then those with one.
 *
 * @throws {@link DefinitionError} METALAB_FLAG for too many, unknown names, and names given twice.
 */
export function bind(
  call: CallNode,
  names: readonly string[],
  refuse: Refuse,
): ReadonlyMap<string, ArgumentNode> {
  const bound = new Map<string, ArgumentNode>();
  call.arguments.forEach((argument, position) => {
    const name = argument.name ?? names[position];
    if (name === undefined) {
      const takes = names.length === 0 ? "nothing" : names.join(", ");
      const axes = names.includes("d0")
        ? "A flag takes a list of values, not a table: give one length."
        : "Remove it.";
      refuse(argument.at, `${call.name} takes ${takes}, got one more`, axes);
    } else if (!names.includes(name)) {
      const near = closest(name, names);
      const advice = near === undefined ? `It takes ${names.join(", ")}.` : `Did you mean "${near}"?`;
      refuse(argument.at, `${call.name} takes no argument of this name, got ${show(name)}`, advice);
    } else if (bound.has(name)) {
      refuse(argument.at, `${call.name} takes each argument once, got "${name}" twice`, "Remove one.");
    } else if (
      argument.name === undefined &&
      call.arguments.slice(0, position).some((before) => before.name)
    ) {
      refuse(
        argument.at,
        "arguments without a name come first, got one after a named one",
        `Write ${name}=….`,
      );
    } else {
      bound.set(name, argument);
    }
  });
  return bound;
}

/** How many values are asked for: 1 without a size. */
export function sizeOf(argument: ArgumentNode | undefined, refuse: Refuse): number {
  const node = argument?.value;
  if (node === undefined || (node.kind === "constant" && node.value === null)) return 1;
  if (node.kind === "tuple" || node.kind === "list") {
    if (node.items.length === 1)
      return sizeOf({ name: "size", at: node.at, value: node.items[0] as never }, refuse);
    refuse(
      node.at,
      "size is one integer, got the shape of a table",
      "A flag takes a list of values: write how many, for example size=6.",
    );
  }
  if (node.kind === "number" && Number.isSafeInteger(node.value) && node.value >= 1) return node.value;
  return refuse(node.at, `size is an integer from 1, got ${node.text}`, "Write how many values to draw.");
}
