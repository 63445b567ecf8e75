import { inspect } from "node:util";
import { type PrintOptions, printTable, type TableModel } from "./format.ts";

/** What is shown of a value: tables, and sentences below them. */
export interface Sheet {
  readonly tables: readonly TableModel[];
  readonly notes: readonly string[];
}

/** Freezes a value of plain numbers, and makes it print itself as tables: in a template, the console and the REPL. */
export function printable<T extends object>(value: T, sheetOf: () => Sheet): T {
  const print = (options: PrintOptions): string => {
    const { tables, notes } = sheetOf();
    return [...tables.map((table) => printTable(table, options)), notes.join("\n")]
      .filter((part) => part !== "")
      .join("\n\n");
  };
  const hidden: PropertyDescriptorMap = {
    toString: { value: () => print({}) },
    [inspect.custom]: {
      value: (_depth: number, options?: { readonly colors?: boolean }) =>
        print({ color: options?.colors === true }),
    },
    [Symbol.for("Deno.customInspect")]: { value: () => print({}) },
  };
  return Object.freeze(Object.defineProperties(value, hidden));
}

/** A count and its noun: `1 run`, `2 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
