import type { CodeGraph } from "./graph.ts";

/** The code of an operation that is not made of the modules of its function: of programs that it starts. */
export interface BroughtCode {
  /** As its files are now. Costs little as long as none of them has changed. */
  read(): CodeGraph;
}

const brought = new WeakMap<object, BroughtCode>();

/** Says that this is the code of an operation, whatever its function is made of. */
export function bringCode(operation: object, code: BroughtCode): void {
  brought.set(operation, code);
}

/** The code that was brought for an operation; `undefined` where its function's own counts. */
export function broughtCode(operation: object): BroughtCode | undefined {
  return brought.get(operation);
}
