import { CancelledError, type MetalabError } from "../errors.ts";
import type { EndReason } from "../experiment/event.ts";
import { advice } from "./advice.ts";
import type { Tally } from "./progress/tally.ts";
import type { StopControl } from "./stop.ts";

/** What a sweep that is to stop remembers as its error until it ends. */
export interface CancelReason {
  readonly reason?: string | undefined;
  readonly cause?: unknown;
}

/** Why a sweep has no result that was cancelled. */
export function cancelledError(name: string, tally: Tally, why: unknown): CancelledError {
  const { done: finished, total } = tally.state();
  const { reason, cause } = (why ?? {}) as CancelReason;
  const text = reason === undefined ? "" : ` (${reason})`;
  return new CancelledError(
    "METALAB_CANCELLED",
    `run(): the sweep of "${name}" was cancelled${text}, got ${finished} of ${total} runs done. ${advice().goOn}.`,
    { finished, total, reason },
    { cause },
  );
}

/** How a sweep ended. One that reached a limit of its budget when nothing was left to do has completed. */
export function endReason({ reason }: StopControl, tally: Tally): EndReason {
  return reason === "budget" && tally.isComplete ? "complete" : reason;
}

/** What stopped a sweep before its end, in words; `undefined` when nothing did. */
export function stoppedBy(stop: StopControl, tally: Tally): string | undefined {
  const reason = endReason(stop, tally);
  if (reason === "complete") return undefined;
  if (stop.error instanceof Error) {
    const { limit, option } = (stop.error as Partial<MetalabError>).details ?? {};
    return reason === "stopped" && limit !== undefined ? advice().limit(String(option)) : stop.error.message;
  }
  const why = (stop.error as CancelReason | undefined)?.reason ?? reason;
  return reason === "budget" ? advice().limit(why) : why;
}
