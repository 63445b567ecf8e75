import { AsyncLocalStorage } from "node:async_hooks";
import { format } from "node:util";
import type { LogLevel } from "../experiment/record.ts";
import { aroundStatusLine } from "./progress/status-line.ts";

/** Where printed lines of a run go, besides the terminal. */
export interface PrintSink {
  printed(message: string, level: LogLevel): void;
}

const METHODS = { log: "info", info: "info", warn: "warn", error: "error", debug: "debug" } as const;
type Method = keyof typeof METHODS;
type Print = (...values: readonly unknown[]) => void;

const current = new AsyncLocalStorage<PrintSink>();
let users = 0;
const originals = new Map<Method, Print>();
const patched = new Map<Method, Print>();

/** Calls a function so that whatever it prints, now or later, is also kept by the sink. */
export function withPrinting<I, T>(sink: PrintSink, call: (input: I) => T, input: I): T {
  return current.run(sink, call, input);
}

/** Where what is printed now is kept: the recorder of the run in whose course this is asked. */
export function currentSink(): PrintSink | undefined {
  return current.getStore();
}

/**
 * Begins to watch `console` while at least one sweep is active; what is returned ends it. The console is only
 * wrapped: lines are printed as before.
 */
export function watchConsole(): () => void {
  users += 1;
  if (users === 1) patch();
  let released = false;
  return () => {
    if (released) return;
    released = true;
    users -= 1;
    if (users === 0) restore();
  };
}

function patch(): void {
  for (const method of Object.keys(METHODS) as readonly Method[]) {
    const original = console[method] as Print;
    const level = METHODS[method];
    const print: Print = (...values) => {
      current.getStore()?.printed(format(...values), level);
      aroundStatusLine(() => original.apply(console, values as unknown[]));
    };
    originals.set(method, original);
    patched.set(method, print);
    console[method] = print;
  }
}

function restore(): void {
  for (const [method, original] of originals) {
    // Whoever wrapped the console after us still holds our function: it goes on to print.
    if (console[method] === patched.get(method)) console[method] = original;
  }
  originals.clear();
  patched.clear();
  // Following promises costs a little as long as it is on; the next sweep turns it on again.
  current.disable();
}
