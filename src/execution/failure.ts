import { OperationError, show } from "../errors.ts";
import type { ErrorClass, RunError } from "../experiment/record.ts";
import { PRUNED_CODE } from "./pruning.ts";

/** Longest message and stack kept with a record; what is beyond helps nobody and would swell the store. */
const MESSAGE_LIMIT = 8_000;
const STACK_LIMIT = 16_000;
/** Links of a `cause` chain that are followed. */
const CAUSE_LIMIT = 8;

/** An end of a run that is no fault of JavaScript code: it has a class of its own, and no stack to show. */
export class RunFailure extends OperationError {
  readonly errorClass: ErrorClass;

  /** @param name - Of what ended it: a signal, a limit, `"Exit"`. */
  constructor(errorClass: ErrorClass, name: string, code: string, message: string, options?: ErrorOptions) {
    super(code, message, {}, options);
    this.name = name;
    this.errorClass = errorClass;
    delete this.stack;
  }
}

/**
 * What a record says of anything that was thrown: errors, frozen or foreign ones, strings, `undefined`.
 *
 * @param errorClass - Chosen by what was thrown, when absent.
 */
export function describeFailure(
  thrown: unknown,
  errorClass: ErrorClass = isRunFailure(thrown) ? thrown.errorClass : "error",
): RunError {
  const code = textOf(thrown, "code");
  const stack = stackOf(thrown);
  return {
    class: errorClass,
    name: cut(nameOf(thrown), 200),
    message: cut(messageOf(thrown), MESSAGE_LIMIT),
    ...(stack === undefined ? {} : { stack: cut(stack, STACK_LIMIT) }),
    ...(code === undefined ? {} : { code: cut(code, 200) }),
  };
}

function isRunFailure(thrown: unknown): thrown is RunFailure {
  try {
    return thrown instanceof RunFailure;
  } catch {
    // Even asking for the class of a proxy may throw.
    return false;
  }
}

function nameOf(thrown: unknown): string {
  const name = textOf(thrown, "name");
  if (name !== undefined && name !== "") return name;
  if (thrown === null) return "null";
  if (typeof thrown !== "object") return typeof thrown;
  return textOf(read(thrown, "constructor"), "name") || "object";
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  const message = textOf(thrown, "message");
  if (message !== undefined) return message;
  try {
    return `thrown value: ${show(thrown)}`;
  } catch {
    return "thrown value that cannot be shown";
  }
}

/** The stack with those of its causes. */
function stackOf(thrown: unknown): string | undefined {
  const whole = textOf(thrown, "stack");
  if (whole === undefined) return undefined;
  let text = withoutOurs(whole);
  const seen = new Set<unknown>([thrown]);
  let cause = read(thrown, "cause");
  for (let depth = 0; depth < CAUSE_LIMIT && cause !== undefined && !seen.has(cause); depth++) {
    seen.add(cause);
    text += `\nCaused by: ${textOf(cause, "stack") ?? `${nameOf(cause)}: ${messageOf(cause)}`}`;
    cause = read(cause, "cause");
  }
  return text;
}

/** A stack down to the operation: what called it is the same for every run. */
function withoutOurs(stack: string): string {
  const ours = stack.lastIndexOf("\n    at AsyncLocalStorage.run (node:");
  return ours < 0 ? stack : stack.slice(0, ours);
}

function textOf(value: unknown, key: string): string | undefined {
  const text = read(value, key);
  return typeof text === "string" ? text : undefined;
}

/** A property of anything; `undefined` also where reading it throws. */
function read(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}

/** Whether what was thrown asks for the run to end as `pruned`. By code, so that two copies of metalab agree. */
export function isPruned(thrown: unknown): boolean {
  return textOf(thrown, "code") === PRUNED_CODE;
}
